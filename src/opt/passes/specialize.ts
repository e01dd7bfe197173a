/**
 * Assumes what locals were each time. A local that held the same value at all observed entries, and that the region reads
 * but does not write, is compared with that value once, in front of everything; below, `fold` and `branches` know it.
 *
 *                                       b0:
 *                                         v1 = slot.load i32 [8]
 *     b0:                                 v7 = i32.eq v1 (2)
 *       v1 = slot.load i32 [8]            guard.true v7 !value
 *       jump b1                           jump b1
 *     b1: loop                    =>    b1: loop
 *       switch v1 b2 b3 b4                switch v1 b2 b3 b4        (a jump to b4 after the next passes)
 *
 * A failing guard leaves at the head with nothing done. Only values that let something fold in a loop are assumed: a
 * branch, a switch, another guard, a division, a step of an induction variable.
 */
import { domTree, findLoops } from '../../ir/dom.ts';
import { type Block, type Ins, makeIns, type Region, type SlotBits } from '../../ir/ir.ts';
import { constBits, opInfo } from '../../ir/ops.ts';
import type { ValType } from '../../wasm/row.ts';
import { cloneSnapshot } from '../edit.ts';
import type { Folder } from '../folder.ts';
import { changesState } from '../hoist.ts';
import type { Pass } from '../pass.ts';
import { settledWay } from './branches.ts';

/** Operations that the host does in less time where their second operand is a constant. */
const DEARER = /^i(32|64)\.(div|rem)_[su]$/;

/** Values that are assumed at most: a set of them is a number of 30 bits. */
const MOST = 30;

/** A value that is constant if some values are; those are the bits of `from`. */
interface Known {
  readonly bits: bigint;
  readonly from: number;
}

/** What would fold if the candidates had their values. */
class Effects {
  /** Candidates that let something fold inside a loop. */
  useful = 0;
  /** Candidates by which the region would leave where it goes on: it was made of what other values do. */
  wrong = 0;
  readonly #known = new Map<Ins, Known>();
  readonly #folder: Folder;

  constructor(region: Region, folder: Folder, candidates: readonly { load: Ins; bits: bigint }[]) {
    this.#folder = folder;
    for (const [i, { load, bits }] of candidates.entries()) this.#known.set(load, { bits, from: 1 << i });
    const inLoop = new Set<Block>();
    const dom = domTree(region);
    for (const loop of findLoops(dom)) for (const b of loop.blocks) inLoop.add(b);
    for (const b of dom.order) {
      for (const ins of b.body) this.#look(ins, inLoop.has(b));
      if (inLoop.has(b)) this.#end(b);
    }
  }

  #of(value: Ins): Known | null {
    const bits = constBits(value);
    return bits === null ? (this.#known.get(value) ?? null) : { bits, from: 0 };
  }

  #look(ins: Ins, inLoop: boolean): void {
    const { op, args } = ins;
    if (args.length === 0) return;
    if (op === 'phi') {
      if (inLoop && ins.block.loop) this.#step(ins);
      return;
    }
    const operands = args.map((a) => this.#of(a));
    const from = operands.reduce((set, k) => set | (k?.from ?? 0), 0);
    if (from === 0) return;
    const [first, second] = operands;
    if (op === 'guard.true' || op === 'guard.false') {
      if (!first) return;
      if ((first.bits !== 0n) !== (op === 'guard.true')) this.wrong |= from;
      else if (inLoop) this.useful |= from;
      return;
    }
    const { effect } = opInfo(op);
    if (effect !== 'pure' && effect !== 'trap') return;
    if (operands.every((k) => k !== null)) {
      const bits = this.#folder.fold(
        op,
        operands.map((k) => k.bits),
      );
      if (bits !== null) this.#known.set(ins, { bits, from });
    } else if (inLoop && second && DEARER.test(op)) this.useful |= second.from;
  }

  /** An induction variable whose step becomes constant: what is known of strides and ranges depends on that. */
  #step(phi: Ins): void {
    for (const next of phi.args) {
      if (!/^i(32|64)\.(add|sub)$/.test(next.op) || !next.args.includes(phi)) continue;
      for (const a of next.args) if (a !== phi) this.useful |= this.#known.get(a)?.from ?? 0;
    }
  }

  #end(block: Block): void {
    const { term } = block;
    if (term.kind !== 'branch' && term.kind !== 'switch') return;
    const known = this.#of(term.kind === 'branch' ? term.cond : term.index);
    if (!known || known.from === 0) return;
    const way = settledWay(block, () => known.bits);
    if (way?.term.kind === 'exit') this.wrong |= known.from;
    else this.useful |= known.from;
  }
}

function candidates(region: Region, observed: readonly SlotBits[]): { load: Ins; bits: bigint }[] {
  const found: { load: Ins; bits: bigint }[] = [];
  for (const load of region.blocks[0]!.body) {
    if (changesState(load)) break;
    if (load.op !== 'slot.load' || (load.type !== 'i32' && load.type !== 'i64')) continue;
    const seen = observed.find((s) => s.off === load.imm.off && s.type === load.type);
    if (seen && found.length < MOST) found.push({ load, bits: seen.bits });
  }
  return found;
}

export const specialize: Pass = {
  name: 'specialize',
  doc: 'assumes the values that locals had at all observed entries, behind a guard, where something in a loop folds by that',
  rules: ['value'],
  run(region, context) {
    const all = region.observed ? candidates(region, region.observed) : [];
    if (all.length === 0) return;
    const effects = new Effects(region, context.folder, all);
    const entry = region.blocks[0]!;
    region.assumed = [];
    for (const [i, { load, bits }] of all.entries()) {
      if (((effects.useful & ~effects.wrong) >> i) % 2 === 0 || !context.may('value')) continue;
      context.fired('value');
      const { type, loc } = load;
      const value = makeIns(region, entry, `${type}.const`, type, [], { bits }, loc);
      const same = makeIns(region, entry, `${type}.eq`, 'i32', [load, value], {}, loc);
      const guard = makeIns(region, entry, 'guard.true', 'void', [same], {}, loc);
      guard.snap = cloneSnapshot(region, region.entry, { reason: 'value' });
      entry.body.splice(entry.body.indexOf(load) + 1, 0, value, same, guard);
      region.assumed.push({ off: load.imm.off!, type: type as ValType, bits });
    }
  },
};
