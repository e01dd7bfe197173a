/**
 * Reference types and their hierarchies. The machine keeps a reference in a side table of the top type of its hierarchy
 * (`anyref`, `funcref`, `externref`, `exnref`), and a value of the IR has that type too; whoever needs the more exact
 * static type casts back. Such a cast cannot fail: validation of the guest has shown the type.
 *
 *     topType(types, '(ref 3)')    -> 'anyref' where type 3 is a struct
 *     castTo(types, '(ref 3)')     -> [['ref.cast', '3']]
 *     castTo(types, 'funcref')     -> []
 */
import type { TypeDef } from './module.ts';
import type { ValType } from './row.ts';
import { splitRef } from './types.ts';

/** Top types of the hierarchies, each with a side table of its own. */
export const TOP_TYPES = ['funcref', 'externref', 'anyref', 'exnref'] as const satisfies readonly ValType[];
export type TopType = (typeof TOP_TYPES)[number];

const TOP_OF_HEAP: Record<string, TopType> = {
  func: 'funcref',
  nofunc: 'funcref',
  extern: 'externref',
  noextern: 'externref',
  any: 'anyref',
  eq: 'anyref',
  i31: 'anyref',
  struct: 'anyref',
  array: 'anyref',
  none: 'anyref',
  exn: 'exnref',
  noexn: 'exnref',
};

type Types = readonly TypeDef[];

/** Top type of a heap type; a number is a type index. Null for heap types that no hierarchy here has. */
export function topOfHeap(types: Types, heap: string): TopType | null {
  const abstract = TOP_OF_HEAP[heap];
  if (abstract) return abstract;
  const def = types[Number(heap)];
  if (!def) return null;
  return def.kind === 'func' ? 'funcref' : 'anyref';
}

/** The type under which frames keep a value: numbers as they are, references by the top of their hierarchy. */
export function topType(types: Types, type: ValType): ValType {
  const ref = splitRef(type);
  if (!ref) return type;
  const top = topOfHeap(types, ref.heap);
  if (top === null) throw new RangeError(`no hierarchy has the type ${type}`);
  return top;
}

export function topTypes(types: Types, list: readonly ValType[]): readonly ValType[] {
  return list.some((t) => splitRef(t)) ? list.map((t) => topType(types, t)) : list;
}

/** True for the types of references. */
export function isReference(type: string): boolean {
  return type.endsWith('ref') || type.startsWith('(ref');
}

/** An instruction with its immediates. */
export type CastOp = readonly [name: string, ...imms: unknown[]];

/** Turns a value of the top type of its hierarchy, or of type `from`, into one of exactly `type`. */
export function castTo(types: Types, type: ValType, from?: string): readonly CastOp[] {
  const ref = splitRef(type);
  if (!ref || from === type) return [];
  const { heap, nullable } = ref;
  const top = topType(types, type);
  if (from !== undefined && splitRef(from as ValType)?.heap === heap) return nullable ? [] : [['ref.as_non_null']];
  if (top === type) return [];
  // Exceptions cannot be cast; the only value of the bottom type is null.
  if (heap === 'noexn') return [['drop'], ['ref.null', 'noexn'], ...(nullable ? [] : [['ref.as_non_null'] as CastOp])];
  if (splitRef(top)?.heap === heap) return [['ref.as_non_null']];
  return [[nullable ? 'ref.cast_null' : 'ref.cast', heap]];
}
