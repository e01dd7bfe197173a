/**
 * Structs, arrays and i31: `[arm, dst (where there is a result), operands...]`. Immediates are static: type, field, number
 * of elements. Frames keep references under the top type of their hierarchy; the arm casts them to the types that the
 * instruction needs, which validation of the guest has shown.
 *
 * In a trace, null, indices and lengths are guarded, so that only the interpreter traps. Instructions that name a segment
 * go through a helper of the guest's own module.
 */
import type { Ins } from '../../ir/ir.ts';
import type { Lifter } from '../../ir/lift.ts';
import type { ExactSignature } from '../../wasm/exact.ts';
import { topType } from '../../wasm/hierarchy.ts';
import type { TypeDef } from '../../wasm/module.ts';
import { opByName } from '../../wasm/opcodes.ts';
import { instructionKey, type OpRow, type ValType } from '../../wasm/row.ts';
import { refType } from '../../wasm/types.ts';
import type { Arm } from '../arm.ts';

/** Longer arrays are made by the interpreter: how long one can be is the host's own limit. */
const LONGEST = 1n << 24n;

/** Guards that [from, from + count) lies in the array. */
function elements(l: Lifter, array: Ins, from: Ins, count: Ins): void {
  const wide = (x: Ins) => l.ins('i64.extend_i32_u', 'i64', [x]);
  const end = l.ins('i64.add', 'i64', [wide(from), wide(count)]);
  l.guard('guard.true', l.ins('i64.le_u', 'i32', [end, wide(length(l, array))]), 'range');
}

function length(l: Lifter, array: Ins): Ins {
  return l.ins('array.len', 'i32', [l.exact(array, 'arrayref')]);
}

function notNull(l: Lifter, value: Ins): void {
  l.guard('guard.false', l.ins('ref.is_null', 'i32', [value]), 'null');
}

function element(l: Lifter, [array, index]: readonly Ins[]): void {
  notNull(l, array as Ins);
  l.guard('guard.true', l.ins('i32.lt_u', 'i32', [index as Ins, length(l, array as Ins)]), 'range');
}

function shortEnough(l: Lifter, count: Ins): void {
  l.guard('guard.true', l.ins('i32.le_u', 'i32', [count, l.constant('i32', LONGEST)]), 'range');
}

const object = (l: Lifter, [ref]: readonly Ins[]): void => notNull(l, ref as Ins);

/** What has to be guarded before the instruction; those that are not here do not trap. */
const GUARDS: Record<string, (l: Lifter, args: readonly Ins[]) => void> = {
  'struct.get': object,
  'struct.get_s': object,
  'struct.get_u': object,
  'struct.set': object,
  'array.get': element,
  'array.get_s': element,
  'array.get_u': element,
  'array.set': element,
  'array.len': object,
  'i31.get_s': object,
  'i31.get_u': object,
  'array.new': (l, args) => shortEnough(l, args[1] as Ins),
  'array.new_default': (l, args) => shortEnough(l, args[0] as Ins),
  'array.fill': (l, [array, from, , count]) => {
    notNull(l, array as Ins);
    elements(l, array as Ins, from as Ins, count as Ins);
  },
  'array.copy': (l, [to, at, from, first, count]) => {
    notNull(l, to as Ins);
    notNull(l, from as Ins);
    elements(l, to as Ins, at as Ins, count as Ins);
    elements(l, from as Ins, first as Ins, count as Ins);
  },
};

/** True where the instruction names a data or element segment. */
export function namesSegment(row: OpRow): boolean {
  return row.imms.includes('data') || row.imms.includes('elem');
}

/** `imms`: the index immediates. `sig`: exact types. */
export function heapArm(row: OpRow, imms: readonly number[], sig: ExactSignature, types: readonly TypeDef[]): Arm {
  const { params } = sig;
  const [result] = sig.results;
  const first = result ? 2 : 1;
  const key = instructionKey(row, imms);
  const helper = namesSegment(row);
  return {
    key,
    kind: helper ? 'interp' : 'plain',
    words: first + params.length,
    gen(g) {
      g.position();
      if (result) g.dest(1, result);
      params.forEach((type, i) => {
        g.slot(first + i, type);
      });
      if (helper) g.op('call', g.ix.helper(key));
      else g.op(row.name, ...imms);
      if (result) g.put(result);
      g.next();
    },
    ...(helper ? {} : { lift: (l: Lifter) => liftHeap(l, row, imms, sig, types) }),
  };
}

function liftHeap(
  l: Lifter,
  row: OpRow,
  [index, index2]: readonly number[],
  { params, results }: ExactSignature,
  types: readonly TypeDef[],
): void {
  const [result] = results;
  const first = result ? 2 : 1;
  const values = params.map((type, i) => l.get(first + i, topType(types, type)));
  GUARDS[row.name]?.(l, values);
  const args = values.map((v, i) => l.exact(v, params[i] as ValType));
  const value = l.heap(row.name, result ?? 'void', args, { index, index2 });
  if (result) l.put(1, l.widen(value, topType(types, result)));
}

/** ref.test: `[arm, dst, reference]`. `top`: the type under which frames keep the reference. */
export function testArm(row: OpRow, heap: string, top: ValType): Arm {
  return {
    key: `${row.name}:${heap}`,
    kind: 'plain',
    words: 3,
    gen(g) {
      g.dest(1, 'i32').slot(2, top).op(row.name, heap).put('i32').next();
    },
    lift(l) {
      l.put(1, l.ins(row.name, 'i32', [l.get(2, top)], { types: [refType(heap, true)] }));
    },
  };
}

/** ref.cast: `[arm, dst, reference]`. */
export function castArm(row: OpRow, heap: string, top: ValType): Arm {
  const test = opByName(row.name.replace('cast', 'test'));
  return {
    key: `${row.name}:${heap}`,
    kind: 'plain',
    words: 3,
    gen(g) {
      g.position().dest(1, top).slot(2, top).op(row.name, heap).put(top).next();
    },
    lift(l) {
      const value = l.get(2, top);
      l.guard('guard.true', l.ins(test.name, 'i32', [value], { types: [refType(heap, true)] }), 'cast');
      l.put(1, value);
    },
  };
}
