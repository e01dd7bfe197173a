/**
 * Folds instructions whose operands are constants, and uses what guards have established: below `guard.true (i32.eq x 5)`
 * the value x is 5, below `guard.false c` the value c is 0. Guards whose condition is settled disappear.
 *
 * Snapshots profit too: a guard's own snapshot is read where it has failed, so it uses only what held before it.
 */
import { type DomTree, domTree } from '../../ir/dom.ts';
import { type Block, type Ins, type Region, type Snapshot, successors } from '../../ir/ir.ts';
import { constBits, opInfo } from '../../ir/ops.ts';
import { Constants, mapArgs, mapTerm, Replacements } from '../edit.ts';
import { Facts } from '../facts.ts';
import type { Pass, PassContext } from '../pass.ts';

const RULES = ['constant', 'known-value', 'select-constant', 'guard-settled'] as const;

class Fold {
  readonly region: Region;
  readonly context: PassContext;
  readonly facts: Facts;
  readonly same: Replacements;
  readonly constants: Constants;
  readonly children: DomTree['children'];

  constructor(region: Region, context: PassContext) {
    this.region = region;
    this.facts = new Facts(region);
    this.same = new Replacements(region);
    this.context = context;
    this.constants = new Constants(region);
    this.children = domTree(region).children;
  }

  /** What stands for a value at this point. */
  readonly now = (value: Ins): Ins => {
    const v = this.same.get(value);
    const bits = this.facts.learned(v);
    if (bits === undefined || !this.context.may('known-value')) return v;
    this.context.fired('known-value');
    return this.constants.get(v.type, bits, v.loc);
  };

  /** The value that `ins` always has, or null. */
  result(ins: Ins): Ins | null {
    if (ins.op === 'select') {
      if (!this.context.may('select-constant')) return null;
      const cond = constBits(ins.args[2]!);
      if (cond === null) return null;
      this.context.fired('select-constant');
      return ins.args[cond !== 0n ? 0 : 1]!;
    }
    const { effect } = opInfo(ins.op);
    if ((effect !== 'pure' && effect !== 'trap') || ins.args.length === 0 || !this.context.may('constant')) return null;
    const operands: bigint[] = [];
    for (const a of ins.args) {
      const bits = constBits(a);
      if (bits === null) return null;
      operands.push(bits);
    }
    const bits = this.context.folder.fold(ins.op, operands);
    if (bits === null) return null;
    this.context.fired('constant');
    return this.constants.get(ins.type, bits, ins.loc);
  }

  /** True for a guard that never leaves. */
  settled(ins: Ins): boolean {
    if ((ins.op !== 'guard.true' && ins.op !== 'guard.false') || !this.context.may('guard-settled')) return false;
    const bits = constBits(ins.args[0]!);
    return bits !== null && (bits !== 0n) === (ins.op === 'guard.true');
  }

  block(block: Block): void {
    const mark = this.facts.mark();
    this.facts.enter(block);
    const kept: Ins[] = [];
    for (const ins of block.body) {
      if (ins.op !== 'phi') {
        mapArgs(ins, this.now);
        if (ins.snap) this.snapshot(ins.snap);
      }
      const value = ins.op === 'phi' ? null : this.result(ins);
      if (value) this.same.set(ins, value);
      else if (this.settled(ins)) this.context.fired('guard-settled');
      else {
        kept.push(ins);
        this.facts.after(ins);
      }
    }
    block.body = kept;
    mapTerm(block, this.now);
    for (const s of new Set(successors(block))) this.#phis(block, s);
    for (const child of this.children.get(block) ?? []) this.block(child);
    this.facts.undo(mark);
  }

  /** Values of a snapshot: many, and most stay what they are. */
  snapshot(snap: Snapshot): void {
    const { same, facts } = this;
    const other = (v: Ins) => same.has(v) || facts.learned(v) !== undefined;
    for (const s of snap.slots) if (other(s.value)) s.value = this.now(s.value);
    for (const g of snap.globals) if (other(g.value)) g.value = this.now(g.value);
    for (const s of snap.stores) {
      s.addr = this.now(s.addr);
      s.value = this.now(s.value);
    }
  }

  /** Operands of phis are read at the end of the predecessor. */
  #phis(from: Block, to: Block): void {
    const i = to.preds.indexOf(from);
    for (const ins of to.body) {
      if (ins.op !== 'phi') break;
      ins.args[i] = this.now(ins.args[i]!);
    }
  }
}

export const fold: Pass = {
  name: 'fold',
  doc: 'computes what is constant, also by what guards have established',
  rules: RULES,
  run(region, context) {
    const f = new Fold(region, context);
    f.block(region.blocks[0]!);
    // Definitions come before uses in this walk, so every use has been rewritten on the way.
    f.constants.flush();
  },
};
