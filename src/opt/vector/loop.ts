/**
 * Loops that can be taken apart into single iterations: one path from the header to the latch, left only by conditions,
 * and nothing in it that can leave otherwise. Blocks with two successors lead out of the loop with one of them.
 */
import type { Loop } from '../../ir/dom.ts';
import { type Block, type Ins, type Region, successors } from '../../ir/ir.ts';
import { effectOf } from '../../ir/ops.ts';

/** The iteration goes on when `cond` is not 0 (`when`), or when it is 0. */
export interface Stay {
  readonly cond: Ins;
  readonly when: boolean;
}

export interface StraightLoop {
  readonly loop: Loop;
  readonly phis: readonly Ins[];
  /** Index of the back edge among the header's predecessors. */
  readonly back: number;
  /** Loads, stores and pure instructions in order. */
  readonly body: readonly Ins[];
  readonly stays: readonly Stay[];
  /** `profile.count` of its blocks. */
  readonly counters: readonly Ins[];
}

/** What a body may hold; larger ones are left to the host. */
const LONGEST = 256;

/** The parts of an innermost loop with a preheader and strips, or null where it is not straight. */
export function straightLoop(region: Region, loop: Loop): StraightLoop | null {
  const { header, blocks, latches, preheader } = loop;
  if (!preheader || latches.length !== 1 || !header.body.some((ins) => ins.op === 'strip.check')) return null;
  const stays: Stay[] = [];
  const counters: Ins[] = [];
  const body: Ins[] = [];
  const seen = new Set<Block>();
  for (let b = header; ; ) {
    if (seen.has(b) || (b !== header && b.preds.length !== 1)) return null;
    seen.add(b);
    for (const ins of b.body) {
      if (ins.op === 'phi' || ins.op === 'strip.check') continue;
      if (ins.op === 'guard.true' || ins.op === 'guard.false')
        stays.push({ cond: ins.args[0]!, when: ins.op === 'guard.true' });
      else if (ins.op === 'profile.count') counters.push(ins);
      else if (plain(region, ins)) body.push(ins);
      else return null;
    }
    const t = b.term;
    if (t.kind === 'branch' && t.then !== t.else) {
      const when = blocks.has(t.then);
      if (when && blocks.has(t.else)) return null;
      stays.push({ cond: t.cond, when });
    } else if (t.kind !== 'jump') return null;
    const next = successors(b).find((s) => blocks.has(s));
    if (!next) return null;
    if (next === header) break;
    b = next;
  }
  if (seen.size !== blocks.size || body.length > LONGEST) return null;
  const phis = header.body.filter((ins) => ins.op === 'phi');
  return { loop, phis, back: header.preds.indexOf(latches[0]!), body, stays, counters };
}

/** Pure, or an access to a memory that nobody else sees, with an address of 32 bits. */
function plain(region: Region, ins: Ins): boolean {
  const effect = effectOf(ins);
  if (effect === 'pure' || effect === 'global.get' || effect === 'size') return ins.op !== 'proj';
  if (effect !== 'load' && effect !== 'store') return false;
  const mem = ins.imm.mem ?? 0;
  return !region.facts.sharedMem[mem] && !region.facts.mem64[mem];
}
