/**
 * Jump threading: where the way on which control comes to a branch settles it, that way leads to the target at once, past a
 * copy of what stands before the branch. Short-circuit conditions and states of automata are of this kind.
 *
 *     b2: <- b0 b1                               b2: <- b0
 *       v4 = phi i32 v1 (0)                        branch v1 b3 b4
 *       branch v4 b3 b4          =>              b4: <- b2 b5
 *                                                b5: <- b1
 *                                                  jump b4
 *
 * A way into or back to the head of a loop stays: loops would get further entries. One way to the branch stays as well, so
 * that all blocks can still be reached.
 */
import { domTree } from '../../ir/dom.ts';
import { type Block, type Ins, type Region, successors } from '../../ir/ir.ts';
import { constBits, effectOf } from '../../ir/ops.ts';
import { copyIns, enterToo, mayCopy } from '../copy.ts';
import { newBlock, redirect, removeEdge } from '../edit.ts';
import { Facts } from '../facts.ts';
import type { Pass, PassContext } from '../pass.ts';
import { repair } from '../repair.ts';
import { settledWay } from './branches.ts';

/** Instructions that are copied for one way at most: about what a jump that the processor predicts wrongly costs. */
const LARGEST = 8;
/** Ways of a region that are threaded at most; each takes a walk over the region. */
const MOST = 32;

/** A way into a block whose end it settles: what the condition is then. */
interface Way {
  readonly from: Block;
  readonly block: Block;
  readonly bits: bigint;
}

function copied(block: Block): boolean {
  let size = 0;
  for (const { op } of block.body) {
    if (op === 'phi' || op.endsWith('.const')) continue;
    if (!mayCopy(op)) return false;
    size++;
  }
  return size <= LARGEST;
}

const once = (list: readonly Block[], block: Block) => list.indexOf(block) === list.lastIndexOf(block);

/** What is known of values of a block when control comes by one edge. */
class OnEdge {
  readonly #block: Block;
  readonly #edge: number;
  readonly #facts: Facts;
  readonly #context: PassContext;

  constructor(block: Block, from: Block, facts: Facts, context: PassContext) {
    this.#block = block;
    this.#edge = block.preds.indexOf(from);
    this.#facts = facts;
    this.#context = context;
  }

  bits(value: Ins): bigint | null {
    if (value.block !== this.#block || constBits(value) !== null) return this.#facts.bits(value);
    if (value.op === 'phi') return this.#facts.bits(value.args[this.#edge]!);
    const effect = effectOf(value);
    if (value.op === 'select' || (effect !== 'pure' && effect !== 'trap') || value.args.length === 0) return null;
    const operands: bigint[] = [];
    for (const a of value.args) {
      const bits = this.bits(a);
      if (bits === null) return null;
      operands.push(bits);
    }
    return this.#context.folder.fold(value.op, operands);
  }

  truth(cond: Ins): boolean | null {
    if (cond.block !== this.#block) return this.#facts.truth(cond);
    if (cond.op === 'phi') return this.#facts.truth(cond.args[this.#edge]!);
    const bits = this.bits(cond);
    if (bits !== null) return bits !== 0n;
    if (cond.op !== 'i32.eqz') return this.#facts.truth(cond);
    const inner = this.truth(cond.args[0]!);
    return inner === null ? null : !inner;
  }
}

/** What the end of `block` tests, for control from `from`; null where that is not known. */
function settled(block: Block, from: Block, facts: Facts, context: PassContext): bigint | null {
  const { term } = block;
  const edge = new OnEdge(block, from, facts, context);
  if (term.kind === 'switch') return edge.bits(term.index);
  if (term.kind !== 'branch') return null;
  const truth = edge.truth(term.cond);
  return truth === null ? null : truth ? 1n : 0n;
}

function findWays(region: Region, context: PassContext): Way[] {
  const ways: Way[] = [];
  const facts = new Facts(region);
  const { children } = domTree(region);
  const fits = new Map<Block, boolean>();
  const candidate = (b: Block) => {
    let fit = fits.get(b);
    if (fit === undefined) {
      const { kind } = b.term;
      fit = !b.loop && b.preds.length > 1 && (kind === 'branch' || kind === 'switch') && copied(b);
      fits.set(b, fit);
    }
    return fit;
  };
  const walk = (from: Block) => {
    const mark = facts.mark();
    facts.enter(from);
    for (const ins of from.body) facts.after(ins);
    const succs = successors(from);
    for (const block of succs) {
      if (!candidate(block) || !once(succs, block)) continue;
      const before = facts.mark();
      const { term } = from;
      if (term.kind === 'branch') facts.assume(term.cond, term.then === block);
      const bits = settled(block, from, facts, context);
      facts.undo(before);
      if (bits !== null) ways.push({ from, block, bits });
    }
    for (const child of children.get(from) ?? []) walk(child);
    facts.undo(mark);
  };
  walk(region.blocks[0]!);
  return ways;
}

/** Lets the way lead to its target. False where that cannot be. */
function lead(region: Region, { from, block, bits }: Way): boolean {
  const target = settledWay(block, () => bits);
  if (!target || target.loop || block.preds.length < 2 || !once(successors(block), target)) return false;
  const edge = block.preds.indexOf(from);
  const copy = newBlock(region, block, target, block.icount);
  const copies = new Map<Ins, Ins>();
  const of = (v: Ins) => copies.get(v) ?? v;
  for (const ins of block.body) {
    if (ins.op === 'phi') copies.set(ins, ins.args[edge]!);
    else {
      const there = copyIns(region, ins, copy, of);
      copy.body.push(there);
      copies.set(ins, there);
    }
  }
  enterToo(target, block, copy, of);
  redirect(from, block, copy);
  copy.preds.push(from);
  removeEdge(from, block);
  repair(region, new Map([[block, copy]]), copies);
  return true;
}

export const thread: Pass = {
  name: 'thread',
  doc: 'leads control past branches that the way to them settles',
  rules: ['way'],
  run(region, context) {
    for (const way of findWays(region, context).slice(0, MOST)) {
      if (!context.may('way')) return;
      if (lead(region, way)) context.fired('way');
    }
  },
};
