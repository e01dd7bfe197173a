/**
 * Addresses as a value plus a constant. Adding constants is exact modulo 2^32 (2^64), and so is what follows here:
 *
 * - Two accesses that are both in bounds, with the same base and constants c1, c2 (offsets included), are (c2 - c1) mod
 *   2^32 bytes apart, since addresses in bounds are their own remainders. No proof against wrapping is needed.
 * - A bounds guard on `base + c1` with reach k1 covers `base + c2` with reach k2 when d = (c2 - c1) mod 2^32 satisfies
 *   d + k2 <= k1: then base + c1 + d does not pass the end of memory, so it does not wrap either.
 */
import type { Ins } from '../ir/ir.ts';
import { constBits } from '../ir/ops.ts';

/** `base + c` modulo the address width; base null: the address is the constant c. */
export interface Linear {
  readonly base: Ins | null;
  readonly c: bigint;
}

/** Splits constants off an address (i32 or i64). */
export function linear(addr: Ins): Linear {
  const width = addr.type === 'i64' ? 64 : 32;
  let c = 0n;
  let at = addr;
  for (;;) {
    const bits = constBits(at);
    if (bits !== null) return { base: null, c: BigInt.asUintN(width, c + bits) };
    const step = addend(at);
    if (!step) return { base: at, c: BigInt.asUintN(width, c) };
    c += step.c;
    at = step.base;
  }
}

function addend(ins: Ins): { base: Ins; c: bigint } | null {
  const add = ins.op === 'i32.add' || ins.op === 'i64.add';
  if (!add && ins.op !== 'i32.sub' && ins.op !== 'i64.sub') return null;
  const [a, b] = ins.args as [Ins, Ins];
  const right = constBits(b);
  if (right !== null) return { base: a, c: add ? right : -right };
  const left = add ? constBits(a) : null;
  return left === null ? null : { base: b, c: left };
}

/** Distance from `a` to `b` modulo the address width, or null when their bases differ. */
export function distance(a: Linear, b: Linear, width: number): bigint | null {
  return a.base === b.base ? BigInt.asUintN(width, b.c - a.c) : null;
}
