/**
 * Which memory accesses may touch the same bytes. Two accesses with the same base value and constant distances are told
 * apart exactly (see `linear.ts`); other memories are apart; everything else may be the same.
 */
import type { Ins, PendingStore, Region } from '../ir/ir.ts';
import { effectOf, opInfo } from '../ir/ops.ts';
import { type Linear, linear } from './linear.ts';

/** The bytes that one load or store touches: `bytes` bytes from `at` in memory `mem`. */
export interface Place {
  readonly mem: number;
  readonly at: Linear;
  readonly bytes: number;
  /** Bits of an address of the memory. */
  readonly width: number;
}

export function placeAt(region: Region, addr: Ins, offset: number, mem: number, bytes: number): Place {
  const width = region.facts.mem64[mem] ? 64 : 32;
  const { base, c } = linear(addr);
  return { mem, at: { base, c: BigInt.asUintN(width, c + BigInt(offset)) }, bytes, width };
}

/** Place of a load or store. */
export function placeOf(region: Region, ins: Ins): Place {
  return placeAt(region, ins.args[0]!, ins.imm.off ?? 0, ins.imm.mem ?? 0, opInfo(ins.op).bytes);
}

/** Place of a sunk store. */
export function placeOfPending(region: Region, s: PendingStore): Place {
  return placeAt(region, s.addr, s.offset, s.mem, opInfo(s.op).bytes);
}

/** Distance in bytes from `a` up to `b`, or null when it is not known. */
function gap(a: Place, b: Place): bigint | null {
  if (a.mem !== b.mem || a.at.base !== b.at.base) return null;
  return BigInt.asUintN(a.width, b.at.c - a.at.c);
}

/** False only when the accesses, both in bounds, cannot share a byte. */
export function mayAlias(a: Place, b: Place): boolean {
  if (a.mem !== b.mem) return false;
  const d = gap(a, b);
  if (d === null) return true;
  return d < BigInt(a.bytes) || BigInt.asUintN(a.width, -d) < BigInt(b.bytes);
}

/** True when `outer` touches every byte of `inner`. */
export function contains(outer: Place, inner: Place): boolean {
  const d = gap(outer, inner);
  return d !== null && d + BigInt(inner.bytes) <= BigInt(outer.bytes);
}

/** True when both touch the same bytes. */
export function samePlace(a: Place, b: Place): boolean {
  return a.bytes === b.bytes && gap(a, b) === 0n;
}

/** Key under which places that can be compared are found together. */
export function placeKey(p: Place): string {
  return `${p.mem} ${p.at.base?.id}`;
}

/** True for instructions that may write any memory: calls, bulk and atomic operations. */
export function writesAnything(ins: Ins): boolean {
  const e = effectOf(ins);
  return e === 'call' || e === 'bulk' || e === 'atomic';
}
