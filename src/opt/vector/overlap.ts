/**
 * Whether the accesses of several iterations may be gathered into one vector access each. With equal strides the distance
 * of two accesses is the same in every iteration. Let `first` stand before `last` in the body. Gathering V iterations
 * moves the `last` of iteration i behind the `first` of iteration j for i < j < i + V. That is wrong only where they share
 * bytes: first + s (j - i) - last lies between -bytes(first) and bytes(last). So with K = bytes(first) + s (V - 1) and
 * D = first - last it is right when
 *
 *     (D + K - 1) mod 2^32  >=  K + bytes(last) - s - 1   (unsigned)
 *
 * One comparison in front of the loop, whatever the number of iterations. Addresses in bounds are their own remainders.
 * Accesses of elements of several sizes must not meet in any of the iterations.
 */
import type { Ins } from '../../ir/ir.ts';
import { linear } from '../linear.ts';
import type { Maker } from './trips.ts';

/** An access in iteration 0. */
export interface Moving {
  readonly mem: number;
  /** Address without the static offset. */
  readonly addr: Ins;
  readonly offset: number;
  readonly bytes: number;
  readonly store: boolean;
  /** Bytes by iteration: its own size, or 0. */
  readonly stride: number;
}

const M = 1n << 32n;

/** Distance a - b of two places, a constant or computed. */
function distance(a: Moving, b: Moving, m: Maker): { base: Ins | null; c: bigint } {
  const [p, q] = [linear(a.addr), linear(b.addr)];
  const c = BigInt.asUintN(32, p.c + BigInt(a.offset) - q.c - BigInt(b.offset));
  if (p.base === q.base) return { base: null, c };
  const zero = () => m.constant('i32', 0n);
  return { base: m.make('i32.sub', 'i32', [p.base ?? zero(), q.base ?? zero()]), c };
}

function shifted(base: Ins, by: bigint, m: Maker): Ins {
  return m.make('i32.add', 'i32', [base, m.constant('i32', BigInt.asUintN(32, by))]);
}

/** True: always right; false: never; a value: right when it is not 0. `lanes`: iterations gathered, `n` all of them. */
export function mayGather(first: Moving, last: Moving, lanes: number, n: Ins, m: Maker): Ins | boolean {
  if (first.mem !== last.mem || (!first.store && !last.store)) return true;
  if (first.stride !== last.stride) return apart(first, last, n, m);
  const s = BigInt(last.stride);
  const k = BigInt(first.bytes) + s * BigInt(lanes - 1);
  const limit = k + BigInt(last.bytes) - s - 1n;
  const d = distance(first, last, m);
  if (!d.base) return (d.c + k - 1n) % M >= limit;
  return m.make('i32.ge_u', 'i32', [shifted(d.base, d.c + k - 1n, m), m.constant('i32', limit)]);
}

/** Accesses whose distance changes must not meet at all: neither begins inside what the other one touches in n iterations. */
function apart(a: Moving, b: Moving, n: Ins, m: Maker): Ins {
  const beyond = (from: Moving, to: Moving): Ins => {
    const d = distance(from, to, m);
    const start = d.base ? shifted(d.base, d.c, m) : m.constant('i32', d.c);
    const wide = (v: Ins) => m.make('i64.extend_i32_u', 'i64', [v]);
    // Where an access moves, it is as long as its stride.
    const all =
      to.stride === 0
        ? m.constant('i64', BigInt(to.bytes))
        : m.make('i64.mul', 'i64', [wide(n), m.constant('i64', BigInt(to.stride))]);
    return m.make('i64.ge_u', 'i32', [wide(start), all]);
  };
  return m.make('i32.and', 'i32', [beyond(a, b), beyond(b, a)]);
}
