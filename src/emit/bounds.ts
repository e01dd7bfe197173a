/**
 * `guard.bounds`: one comparison of the address with a bound in a local. `memory.size` in the loop instead would cost
 * 1.10 times; a bound that is a little old is right too, because memories only grow: the guard then leaves too early and
 * never too late.
 *
 * Where the declared minimum is at least k, the bound is `bytes - k`, which fits in the address type, and `address >
 * bound`, unsigned, is exact. Otherwise it is the number of addresses at which the access fits, `bytes - k + 1` held
 * between 0 and the greatest unsigned number, and `address >= bound` leaves. (Of a memory of 4 GiB and k = 1 that
 * refuses the last byte, which the interpreter then reads.)
 */
import type { Ins, Region } from '../ir/ir.ts';
import type { Frag, Limit } from './frag.ts';
import type { Locals } from './locals.ts';
import type { EmitEnv } from './types.ts';
import { emitValue } from './values.ts';

const PAGE = 65536;
const PAGE_SHIFT = 16n;

function key(mem: number, k: number): string {
  return `${mem}:${k}`;
}

/** Chooses a comparison for each pair of memory and k that a guard of the region has. */
export function planLimits(region: Region, env: EmitEnv, locals: Locals): Map<string, Limit> {
  const limits = new Map<string, Limit>();
  for (const block of region.blocks) {
    for (const ins of block.body) {
      if (ins.op !== 'guard.bounds') continue;
      const mem = ins.imm.mem ?? 0;
      const k = ins.imm.k ?? 1;
      if (limits.has(key(mem, k))) continue;
      limits.set(key(mem, k), chooseLimit(region, env, locals, mem, k));
    }
  }
  return limits;
}

function chooseLimit(region: Region, env: EmitEnv, locals: Locals, mem: number, k: number): Limit {
  const max = env.guest.memories[mem]?.max;
  const min = region.facts.memMin[mem] ?? 0;
  if (min >= k && max !== undefined && !region.facts.mem64[mem] && max * PAGE === min)
    return { kind: 'const', value: min - k };
  return { kind: min >= k ? 'last' : 'count', local: locals.fresh(region.facts.mem64[mem] ? 'i64' : 'i32') };
}

/** Computes the bounds from the present sizes: at entry, and again when memory `grown` (-1: any) may have grown. */
export function refreshLimits(f: Frag, grown = -1): void {
  for (const [name, limit] of f.limits) {
    const [mem, k] = name.split(':').map(Number) as [number, number];
    if (limit.kind === 'const' || (grown !== -1 && grown !== mem)) continue;
    const wide = f.region.facts.mem64[mem] === true;
    if (limit.kind === 'count') countAddresses(f, mem, k, wide);
    else {
      // 65536 pages make 0 in 32 bits, and 0 - k is right again.
      f.out.op('memory.size', f.links.memory(mem));
      if (wide) f.out.i64(PAGE_SHIFT).op('i64.shl').i64(BigInt(k)).op('i64.sub');
      else f.out.i32(Number(PAGE_SHIFT)).op('i32.shl').i32(k).op('i32.sub');
    }
    f.out.set(limit.local);
  }
}

/** Pushes how many addresses are in bounds, in the address type of the memory. */
function countAddresses(f: Frag, mem: number, k: number, wide: boolean): void {
  const { out } = f;
  const n = f.locals.fresh('i64');
  out.op('memory.size', f.links.memory(mem));
  if (!wide) out.op('i64.extend_i32_u');
  out
    .i64(PAGE_SHIFT)
    .op('i64.shl')
    .i64(BigInt(k - 1))
    .op('i64.sub')
    .set(n);
  out.get(n).i64(0n).get(n).i64(0n).op('i64.gt_s').op('select');
  if (wide) return;
  const most = 0xffffffffn;
  out.set(n).get(n).i64(most).get(n).i64(most).op('i64.lt_s').op('select').op('i32.wrap_i64');
}

/** Pushes an i32 that is not 0 when the access of `guard.bounds` is out of bounds. */
export function outOfBounds(f: Frag, guard: Ins): void {
  const { out } = f;
  const mem = guard.imm.mem ?? 0;
  const limit = f.limits.get(key(mem, guard.imm.k ?? 1))!;
  emitValue(f, guard.args[0]!);
  if (limit.kind === 'const') out.i32(limit.value);
  else out.get(limit.local);
  const type = f.region.facts.mem64[mem] ? 'i64' : 'i32';
  out.op(limit.kind === 'count' ? `${type}.ge_u` : `${type}.gt_u`);
}
