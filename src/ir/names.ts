/**
 * A guest can import the same memory or the same global twice. In the IR each has one name, the first, so that what is
 * written under one name is seen under the other.
 */
import type { InsImm } from './ir.ts';
import { opInfo } from './ops.ts';

/** By index: the first index of the same memory or global. */
export interface FirstNames {
  readonly memories: readonly number[];
  readonly globals: readonly number[];
}

/** Null where everything has one name already. `globals`: first indices. */
export function firstNames(memories: readonly unknown[], globals: readonly number[]): FirstNames | null {
  const distinct = new Set(memories).size === memories.length && globals.every((first, i) => first === i);
  return distinct ? null : { memories: memories.map((m) => memories.indexOf(m)), globals };
}

/** The immediates of an operation with first names. */
export function renamed({ memories, globals }: FirstNames, op: string, imm: InsImm): InsImm {
  const imms = opInfo(op).row?.imms ?? [];
  const out = { ...imm };
  if (out.mem !== undefined) out.mem = memories[out.mem] as number;
  const kind = imms.includes('memory') ? memories : imms.includes('global') ? globals : null;
  if (kind && out.index !== undefined) out.index = kind[out.index] as number;
  if (kind && out.index2 !== undefined) out.index2 = kind[out.index2] as number;
  return out;
}
