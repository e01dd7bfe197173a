/**
 * Loop peeling: the first iteration of an innermost loop is put in front of it, where the others are simpler then. What is
 * different in the first iteration only is no variable in the rest, and guards that each iteration would make again, on
 * values that do not change, have been made.
 *
 *     b1: loop <- b0 b2                    b3: <- b0
 *       v3 = phi i32 v1 v2                   ... v1 ...
 *       ... v3 ...                           jump b1
 *     b2: <- b1                    =>      b1: loop <- b3 b2
 *       jump b1                              v3 = phi i32 v2 v2      (v2 for the passes behind)
 *                                            ... v3 ...
 *
 * Only regions that count their blocks: elsewhere iterations are known by the strip of the loop alone.
 */
import { domTree, type Loop } from '../../ir/dom.ts';
import { type Block, type Ins, type Region, successors } from '../../ir/ir.ts';
import { constBits, isGuard } from '../../ir/ops.ts';
import { copyIns, enterToo, mayCopy } from '../copy.ts';
import { mapTerm, mapWays, newBlock, redirect } from '../edit.ts';
import type { Pass } from '../pass.ts';
import { repair } from '../repair.ts';

/** Instructions of a loop that is peeled at most. */
const LARGEST = 60;
/** Loops of a region that are peeled at most. */
const MOST = 4;

const outside = (loop: Loop) => (value: Ins) => constBits(value) !== null || !loop.blocks.has(value.block);

/** Phis of the header that are the same in all iterations but the first. */
function wrapAround({ header, latches, ...loop }: Loop): boolean {
  const latch = header.preds.indexOf(latches[0]!);
  const fixed = outside({ header, latches, ...loop });
  return header.body.some(({ op, args }) => op === 'phi' && fixed(args[latch]!));
}

/** A guard that each iteration makes with the same operands. */
function sameGuard(loop: Loop, region: Region): boolean {
  const dom = domTree(region);
  const fixed = outside(loop);
  for (const b of loop.blocks) {
    if (!loop.latches.every((latch) => dom.dominates(b, latch))) continue;
    if (b.body.some((ins) => isGuard(ins) && ins.op !== 'strip.check' && ins.args.length > 0 && ins.args.every(fixed)))
      return true;
  }
  return false;
}

function fits(loop: Loop): boolean {
  if (!loop.preheader || loop.latches.length !== 1) return false;
  let size = 0;
  for (const b of loop.blocks) {
    for (const { op } of b.body) {
      if (op === 'phi' || op === 'strip.check') continue;
      if (!mayCopy(op)) return false;
      size++;
    }
  }
  return size <= LARGEST;
}

function peelOne(region: Region, { header, blocks, latches, preheader }: Loop, order: readonly Block[]): void {
  const [latch, before] = [latches[0]!, preheader!];
  const inLoop = order.filter((b) => blocks.has(b));
  const copyOf = new Map(inLoop.map((b) => [b, newBlock(region, header, header, b.icount)]));
  const next = newBlock(region, header, header, 0);
  const copies = new Map<Ins, Ins>();
  const of = (v: Ins) => copies.get(v) ?? v;
  const entering = header.preds.indexOf(before);
  for (const b of inLoop) {
    const copy = copyOf.get(b)!;
    copy.preds = b === header ? [before] : b.preds.map((p) => copyOf.get(p)!);
    for (const ins of b.body) {
      if (b === header && ins.op === 'phi') copies.set(ins, ins.args[entering]!);
      else if (ins.op !== 'strip.check') {
        const there = copyIns(region, ins, copy, of);
        copy.body.push(there);
        copies.set(ins, there);
      }
    }
    for (const s of new Set(successors(b))) if (!blocks.has(s)) enterToo(s, b, copy, of);
    copy.term = { ...b.term };
    mapTerm(copy, of);
    mapWays(copy, (s) => (s === header ? next : (copyOf.get(s) ?? s)));
  }
  next.preds = [copyOf.get(latch)!];
  const back = header.preds.indexOf(latch);
  for (const ins of header.body) {
    if (ins.op !== 'phi') break;
    ins.args[entering] = of(ins.args[back]!);
  }
  header.preds[entering] = next;
  redirect(before, header, copyOf.get(header)!);
  repair(region, copyOf, copies);
}

export const peel: Pass = {
  name: 'peel',
  doc: 'puts the first iteration in front of innermost loops whose others are simpler',
  rules: ['wrap-around', 'same-guard'],
  run(region, context) {
    if (!region.counters) return;
    const { loops, order } = domTree(region);
    const inner = loops.filter((loop) => !loops.some((l) => l.parent === loop) && fits(loop));
    let peeled = 0;
    for (const loop of inner) {
      if (context.spent || peeled === MOST) return;
      const wraps = context.may('wrap-around') && wrapAround(loop);
      const rule = wraps ? 'wrap-around' : context.may('same-guard') && sameGuard(loop, region) ? 'same-guard' : null;
      if (rule === null) continue;
      peelOne(region, loop, order);
      context.fired(rule);
      peeled++;
    }
  },
};
