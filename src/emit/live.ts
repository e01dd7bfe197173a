/**
 * Live ranges of the values that are kept in locals. The code is numbered in emission order; a range is a list of closed
 * intervals with holes, so that a loop variable and its next value can share one local whenever the old value is used
 * for the last time before the new one is made.
 *
 * Instruction i of a block that starts at number s reads at 2(s+1+i) and writes at 2(s+1+i)+1; phis are written at 2s,
 * values are carried over an edge at the block's last number.
 */
import { type Block, type Ins, successors } from '../ir/ir.ts';
import { type Placement, stubUses } from './place.ts';

/** start, end, start, end, ...; ascending and disjoint. */
export type Range = number[];

/** What happens to locals in one block. */
interface Step {
  readonly at: number;
  readonly reads: Ins[];
  readonly writes: Ins[];
}

/** Calls `use` with every local that evaluating `value` reads. */
export function leaves(p: Placement, value: Ins, use: (value: Ins) => void): void {
  const place = p.place(value);
  if (place === 'local') use(p.rep(value));
  else if (place === 'inline') for (const a of value.args) leaves(p, a, use);
}

function stepsOf(p: Placement, block: Block, start: number): Step[] {
  const steps: Step[] = [];
  const reading = (visit: (use: (v: Ins) => void) => void): Ins[] => {
    const list: Ins[] = [];
    visit((v) => leaves(p, v, (leaf) => list.push(leaf)));
    return list;
  };
  for (const [i, ins] of block.body.entries()) {
    const place = p.place(ins);
    if (ins.op === 'phi' || ins.op === 'proj' || (place !== 'local' && place !== 'effect')) continue;
    const reads = reading((use) => {
      for (const a of ins.args) use(a);
      if (ins.snap) stubUses(ins.snap, p.exits, use);
    });
    const writes = p.results(ins).filter((r): r is Ins => r !== undefined);
    steps.push({ at: start + 1 + i, reads, writes: place === 'local' ? [ins, ...writes] : writes });
  }
  const t = block.term;
  const reads = reading((use) => {
    if (t.kind === 'branch') use(t.cond);
    else if (t.kind === 'switch') use(t.index);
    else if (t.kind === 'exit') stubUses(t.snap, p.exits, use);
  });
  steps.push({ at: start + 1 + block.body.length, reads, writes: [] });
  return steps;
}

/** Ranges by value id of all values in locals. */
export function liveRanges(p: Placement): Map<Ins, Range> {
  const order = p.dom.order;
  const starts = new Map<Block, number>();
  let number = 0;
  for (const b of order) {
    starts.set(b, number);
    number += b.body.length + 3;
  }
  const steps = new Map(order.map((b) => [b, stepsOf(p, b, starts.get(b)!)]));
  const phis = new Map(order.map((b) => [b, b.body.filter((i) => i.op === 'phi' && p.place(i) === 'local')]));
  const liveIn = new Map<Block, Set<Ins>>(order.map((b) => [b, new Set()]));

  const liveOut = (b: Block): Set<Ins> => {
    const out = new Set<Ins>();
    for (const s of new Set(successors(b))) {
      for (const v of liveIn.get(s)!) out.add(v);
      for (const phi of phis.get(s)!) {
        for (const [i, arg] of phi.args.entries()) if (s.preds[i] === b) leaves(p, arg, (v) => out.add(v));
      }
    }
    return out;
  };
  const backward = (
    b: Block,
    live: Set<Ins>,
    visit?: { write(v: Ins, at: number): void; read(v: Ins, at: number): void },
  ) => {
    const list = steps.get(b)!;
    for (let i = list.length - 1; i >= 0; i--) {
      const step = list[i]!;
      for (const v of step.writes) {
        live.delete(v);
        visit?.write(v, 2 * step.at + 1);
      }
      for (const v of step.reads) {
        live.add(v);
        visit?.read(v, 2 * step.at);
      }
    }
    for (const phi of phis.get(b)!) live.delete(phi);
  };

  for (let changed = true; changed; ) {
    changed = false;
    for (let i = order.length - 1; i >= 0; i--) {
      const b = order[i]!;
      const live = liveOut(b);
      backward(b, live);
      if (live.size !== liveIn.get(b)!.size) {
        liveIn.set(b, live);
        changed = true;
      }
    }
  }

  const ranges = new Map<Ins, Range>();
  for (const b of order) {
    const first = 2 * starts.get(b)!;
    const last = first + 2 * (b.body.length + 2);
    // Open ends of the ranges in this block, walking backward.
    const ends = new Map<Ins, number>();
    for (const v of liveOut(b)) ends.set(v, last);
    const found: [Ins, number, number][] = [];
    backward(b, new Set(), {
      write(v, at) {
        found.push([v, at, ends.get(v) ?? at]);
        ends.delete(v);
      },
      read(v, at) {
        if (!ends.has(v)) ends.set(v, at);
      },
    });
    for (const phi of phis.get(b)!) if (!ends.has(phi)) ends.set(phi, first);
    for (const [v, end] of ends) found.push([v, first, end]);
    found.sort((x, y) => x[1] - y[1]);
    for (const [v, start, end] of found) {
      const range = ranges.get(v);
      if (range) range.push(start, end);
      else ranges.set(v, [start, end]);
    }
  }
  return ranges;
}

/** True when two ranges have a number in common. */
export function overlap(a: Range, b: Range): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i + 1]! < b[j]!) i += 2;
    else if (b[j + 1]! < a[i]!) j += 2;
    else return true;
  }
  return false;
}

/** Both ranges as one; adjoining intervals are not joined. */
export function union(a: Range, b: Range): Range {
  const out: Range = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const fromA = j >= b.length || (i < a.length && a[i]! < b[j]!);
    if (fromA) out.push(a[i++]!, a[i++]!);
    else out.push(b[j++]!, b[j++]!);
  }
  return out;
}
