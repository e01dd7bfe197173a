/**
 * Loops that need no strip counter of their own. Where a phi of the header goes up or down by a constant, the strip ends
 * when it reaches `first value + step * strip`: one comparison instead of a comparison and a count (adding the words of
 * an array takes 1.02 instead of 1.14 times the plain loop). The iterations are worked out from that phi in the exit.
 *
 *     left -= 1 for each arrival     ==>   stop = v0 + 4 * strip     (on the edge into the loop)
 *     leave if left == 0                   leave if v == stop        (at the header)
 */
import { type DomTree, findLoops } from '../ir/dom.ts';
import { type Block, type Ins, type Region, type Snapshot, snapshotUses, successors } from '../ir/ir.ts';
import { constBits, isCall } from '../ir/ops.ts';

export interface Induction {
  readonly header: Block;
  readonly phi: Ins;
  /** What the phi goes up by, -MAX_STEP to MAX_STEP, not 0. */
  readonly step: number;
  /** For each exit behind the header's check: a value that tells how far the loop came. */
  readonly progress: ReadonlyMap<Snapshot, Progress>;
}

/** `ahead`: one step has to be added to the value. */
export interface Progress {
  readonly value: Ins;
  readonly ahead: boolean;
}

/** step * strip has to stay below 2^31; see `longestStrip`. */
const MAX_STEP = 1 << 12;

/** Longest strip that a loop with this step can count. */
export function longestStrip(step: number): number {
  return Math.floor(0x7fffffff / Math.abs(step));
}

/** Step of `next` from `phi` when it is phi + constant or phi - constant; else 0. */
function stepOf(phi: Ins, next: Ins): number {
  const [a, b] = next.args;
  if (!a || !b) return 0;
  const constant = next.op === 'i32.add' && b === phi ? a : a === phi ? b : null;
  const bits = constant && constant.type === 'i32' ? constBits(constant) : null;
  if (bits === null) return 0;
  const n = Number(BigInt.asIntN(32, bits));
  const step = next.op === 'i32.add' ? n : next.op === 'i32.sub' ? -n : 0;
  return Math.abs(step) <= MAX_STEP ? step : 0;
}

/** The phi's only next value and its step, if it has one. */
export function advance(header: Block, phi: Ins, dom: DomTree): { next: Ins; step: number } | null {
  const nexts = new Set(phi.args.filter((_, i) => dom.dominates(header, header.preds[i]!)));
  const [next] = nexts;
  if (nexts.size !== 1 || !next || phi.type !== 'i32') return null;
  const step = stepOf(phi, next);
  return step === 0 ? null : { next, step };
}

function reachable(from: Block): Set<Block> {
  const seen = new Set<Block>([from]);
  const work = [from];
  for (let b = work.pop(); b; b = work.pop()) {
    for (const s of successors(b)) {
      if (seen.has(s)) continue;
      seen.add(s);
      work.push(s);
    }
  }
  return seen;
}

function uses(snap: Snapshot, value: Ins): boolean {
  let found = false;
  snapshotUses(snap, (v) => (found ||= v === value));
  return found;
}

/** Chooses the value from which the exit works out the iterations, so that nothing lives longer for it if possible. */
function progressAt(snap: Snapshot, phi: Ins, next: Ins, nextKnown: boolean): Progress {
  if (!nextKnown || (uses(snap, phi) && !uses(snap, next))) return { value: phi, ahead: true };
  return { value: next, ahead: false };
}

function plan(header: Block, phi: Ins, dom: DomTree): Induction | null {
  const found = advance(header, phi, dom);
  if (!found) return null;
  const { next, step } = found;
  const progress = new Map<Snapshot, Progress>();
  for (const b of reachable(header)) {
    const below = dom.dominates(header, b);
    let nextKnown = next.block !== b && dom.dominates(next.block, b);
    for (const ins of b.body) {
      if (ins === next) nextKnown = true;
      if (ins.op === 'strip.limit' && ins.imm.loop === header.id) return null;
      if (!ins.snap || (isCall(ins) && ins.snap.reason !== 'thrown')) continue;
      if (!below) return null;
      const first = ins.op === 'strip.check' && b === header;
      const known = progress.get(ins.snap);
      if (first) progress.set(ins.snap, { value: phi, ahead: false });
      else if (known && !known.ahead && known.value === phi) return null;
      else if (known) progress.set(ins.snap, { value: phi, ahead: true });
      else progress.set(ins.snap, progressAt(ins.snap, phi, next, nextKnown));
    }
    if (b.term.kind !== 'exit') continue;
    if (!below) return null;
    progress.set(b.term.snap, progressAt(b.term.snap, phi, next, nextKnown));
  }
  return { header, phi, step, progress };
}

/** By header, for the outermost loops with a `strip.check` that have a suitable phi. */
export function findInductions(region: Region, dom: DomTree): Map<Block, Induction> {
  const found = new Map<Block, Induction>();
  if (region.counters) return found;
  const loops = findLoops(dom);
  for (const b of region.blocks) {
    const outermost = loops.some((l) => l.header === b && l.parent === null);
    if (!outermost || !b.body.some((ins) => ins.op === 'strip.check')) continue;
    for (const phi of b.body) {
      if (phi.op !== 'phi') break;
      const induction = plan(b, phi, dom);
      if (!induction) continue;
      found.set(b, induction);
      break;
    }
  }
  return found;
}
