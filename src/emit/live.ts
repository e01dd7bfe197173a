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

/** Calls `use` with every local that evaluating `value` reads. */
export function leaves(p: Placement, value: Ins, use: (value: Ins) => void): void {
  const place = p.place(value);
  if (place === 'local') use(p.rep(value));
  else if (place === 'inline') for (const a of value.args) leaves(p, a, use);
}

/** What happens to locals in one block, by their numbers: reads and writes at rising places. */
interface Events {
  /** Number of the block. */
  readonly start: number;
  readonly length: number;
  /** Place, and what happens there: n >= 0: local n is read, ~n: it is written. */
  readonly at: number[];
  readonly what: number[];
  readonly phis: number[];
  /** Successors with the locals that their phis read on the edge from here. */
  readonly next: { readonly to: number; readonly reads: number[] }[];
}

/** Numbers values that live in locals, in the order in which they are met. */
class Numbering {
  readonly values: Ins[] = [];
  private readonly numbers: (number | undefined)[];

  constructor(size: number) {
    this.numbers = new Array(size);
  }

  of(value: Ins): number {
    let n = this.numbers[value.id];
    if (n === undefined) {
      n = this.values.push(value) - 1;
      this.numbers[value.id] = n;
    }
    return n;
  }
}

function eventsOf(p: Placement, block: Block, start: number, numbers: Numbering): Events {
  const at: number[] = [];
  const what: number[] = [];
  let place = start;
  const read = (leaf: Ins): void => {
    at.push(place);
    what.push(numbers.of(leaf));
  };
  const use = (v: Ins): void => leaves(p, v, read);
  const write = (v: Ins): void => {
    at.push(place);
    what.push(~numbers.of(v));
  };
  const phis: number[] = [];
  const { body, term } = block;
  for (let i = 0; i < body.length; i++) {
    const ins = body[i]!;
    const kind = p.place(ins);
    if (ins.op === 'phi' && kind === 'local') phis.push(numbers.of(ins));
    if (ins.op === 'phi' || ins.op === 'proj' || (kind !== 'local' && kind !== 'effect')) continue;
    place = start + 1 + i;
    for (const a of ins.args) use(a);
    if (ins.snap) stubUses(ins.snap, p.exits, use);
    if (kind === 'local') write(ins);
    for (const r of p.results(ins)) if (r) write(r);
  }
  place = start + 1 + body.length;
  if (term.kind === 'branch') use(term.cond);
  else if (term.kind === 'switch') use(term.index);
  else if (term.kind === 'exit') stubUses(term.snap, p.exits, use);
  const next = [...new Set(successors(block))].map((s) => {
    const reads: number[] = [];
    for (const phi of s.body) {
      if (phi.op !== 'phi') break;
      if (p.place(phi) !== 'local') continue;
      phi.args.forEach((arg, i) => {
        if (s.preds[i] === block) leaves(p, arg, (v) => reads.push(numbers.of(v)));
      });
    }
    return { to: p.dom.index.get(s)!, reads };
  });
  return { start, length: body.length, at, what, phis, next };
}

/** Sets of locals by block, as bits. */
class Sets {
  private readonly words: number;
  private readonly bits: Int32Array;

  constructor(blocks: number, locals: number) {
    this.words = (locals + 31) >> 5;
    this.bits = new Int32Array(blocks * this.words);
  }

  /** The set of `block` becomes `set`; true when it had less. Sets only grow. */
  put(block: number, set: Int32Array): boolean {
    let changed = false;
    const at = block * this.words;
    for (let w = 0; w < this.words; w++) {
      if (this.bits[at + w] === set[w]) continue;
      this.bits[at + w] = set[w]!;
      changed = true;
    }
    return changed;
  }

  addTo(block: number, set: Int32Array): void {
    const at = block * this.words;
    for (let w = 0; w < this.words; w++) set[w]! |= this.bits[at + w]!;
  }

  empty(): Int32Array {
    return new Int32Array(this.words);
  }
}

function add(set: Int32Array, n: number): void {
  set[n >> 5]! |= 1 << (n & 31);
}

function remove(set: Int32Array, n: number): void {
  set[n >> 5]! &= ~(1 << (n & 31));
}

/** Live ranges of all values in locals. */
export function liveRanges(p: Placement): Map<Ins, Range> {
  const { order } = p.dom;
  const numbers = new Numbering(p.size);
  let number = 0;
  const blocks = order.map((b) => {
    const events = eventsOf(p, b, number, numbers);
    number += b.body.length + 3;
    return events;
  });
  const liveIn = new Sets(blocks.length, numbers.values.length);
  const liveOut = (b: Events, live: Int32Array): void => {
    live.fill(0);
    for (const { to, reads } of b.next) {
      liveIn.addTo(to, live);
      for (const n of reads) add(live, n);
    }
  };
  const live = liveIn.empty();
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = blocks.length - 1; i >= 0; i--) {
      const b = blocks[i]!;
      liveOut(b, live);
      for (let e = b.what.length - 1; e >= 0; e--) {
        const n = b.what[e]!;
        if (n >= 0) add(live, n);
        else remove(live, ~n);
      }
      for (const n of b.phis) remove(live, n);
      if (liveIn.put(i, live)) changed = true;
    }
  }
  return intervals(blocks, numbers.values, (b) => {
    liveOut(b, live);
    return live;
  });
}

/** Ranges from what is alive at the end of each block. */
function intervals(
  blocks: readonly Events[],
  values: readonly Ins[],
  liveOut: (b: Events) => Int32Array,
): Map<Ins, Range> {
  const ranges = new Map<Ins, Range>();
  /** By number: where the range ends that is open, going backward; -1: none. */
  const ends = new Int32Array(values.length).fill(-1);
  for (const b of blocks) {
    const first = 2 * b.start;
    const last = first + 2 * (b.length + 2);
    const open: number[] = [];
    const found: [number, number, number][] = [];
    const begin = (n: number, at: number): void => {
      if (ends[n] !== -1) return;
      ends[n] = at;
      open.push(n);
    };
    liveOut(b).forEach((bits, w) => {
      for (let rest = bits; rest !== 0; rest &= rest - 1) begin(32 * w + 31 - Math.clz32(rest & -rest), last);
    });
    for (let e = b.what.length - 1; e >= 0; e--) {
      const n = b.what[e]!;
      const at = 2 * b.at[e]!;
      if (n >= 0) begin(n, at);
      else {
        found.push([~n, at + 1, ends[~n] === -1 ? at + 1 : ends[~n]!]);
        ends[~n] = -1;
      }
    }
    for (const n of b.phis) begin(n, first);
    for (const n of open) {
      if (ends[n] === -1) continue;
      found.push([n, first, ends[n]!]);
      ends[n] = -1;
    }
    found.sort((x, y) => x[1] - y[1]);
    for (const [n, start, end] of found) {
      const range = ranges.get(values[n]!);
      if (range) range.push(start, end);
      else ranges.set(values[n]!, [start, end]);
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
