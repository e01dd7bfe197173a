/**
 * `guard.bounds`: one comparison of the address with a bound in a local. For the common case of a 32-bit memory whose
 * declared minimum is at least k, the bound is `bytes - k` and fits in 32 bits, so `address > bound`, unsigned, is
 * exact. `memory.size` in the loop instead would cost 1.10 times; a bound that is a little old is right too, because
 * memories only grow: the guard then leaves too early and never too late.
 */
import type { Ins, Region } from '../ir/ir.ts';
import type { Frag, Limit } from './frag.ts';
import type { Links } from './links.ts';
import type { Locals } from './locals.ts';
import type { Out } from './out.ts';
import type { EmitEnv } from './types.ts';
import { emitValue } from './values.ts';

const PAGE_SHIFT = 16;

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
  const type = env.guest.memories[mem];
  const min = region.facts.memMin[mem] ?? 0;
  if (region.facts.mem64[mem]) return { kind: min >= k ? 'i64' : 'both', local: locals.fresh('i64') };
  if (min < k) return { kind: 'sum', local: locals.fresh('i64') };
  if (type?.max !== undefined && Number(type.max) * 2 ** PAGE_SHIFT === min) return { kind: 'const', value: min - k };
  return { kind: 'i32', local: locals.fresh('i32') };
}

/** Computes the bounds from the present sizes: at entry, and again when memory `grown` (-1: any) may have grown. */
export function refreshLimits(
  f: { limits: ReadonlyMap<string, Limit>; region: Region; links: Links; out: Out },
  grown = -1,
): void {
  const { out } = f;
  for (const [name, limit] of f.limits) {
    const [mem, k] = name.split(':').map(Number) as [number, number];
    if (limit.kind === 'const' || (grown !== -1 && grown !== mem)) continue;
    out.op('memory.size', f.links.memory(mem));
    if (limit.kind === 'i32') {
      // 65536 pages make 0 here, and 0 - k is right again.
      out.i32(PAGE_SHIFT).op('i32.shl').i32(k).op('i32.sub').set(limit.local);
      continue;
    }
    if (!f.region.facts.mem64[mem]) out.op('i64.extend_i32_u');
    out.i64(BigInt(PAGE_SHIFT)).op('i64.shl');
    if (limit.kind === 'i64') out.i64(BigInt(k)).op('i64.sub');
    out.set(limit.local);
  }
}

/** Pushes an i32 that is not 0 when the access of `guard.bounds` is out of bounds. */
export function outOfBounds(f: Frag, guard: Ins): void {
  const { out } = f;
  const mem = guard.imm.mem ?? 0;
  const k = guard.imm.k ?? 1;
  const limit = f.limits.get(key(mem, k))!;
  const addr = guard.args[0]!;
  switch (limit.kind) {
    case 'const':
      emitValue(f, addr);
      out.i32(limit.value).op('i32.gt_u');
      return;
    case 'i32':
      emitValue(f, addr);
      out.get(limit.local).op('i32.gt_u');
      return;
    case 'i64':
      emitValue(f, addr);
      out.get(limit.local).op('i64.gt_u');
      return;
    case 'sum':
      emitValue(f, addr);
      out.op('i64.extend_i32_u').i64(BigInt(k)).op('i64.add').get(limit.local).op('i64.gt_u');
      return;
    case 'both':
      emitValue(f, addr);
      out.get(limit.local).i64(BigInt(k)).op('i64.sub').op('i64.gt_u');
      out.get(limit.local).i64(BigInt(k)).op('i64.lt_u').op('i32.or');
  }
}
