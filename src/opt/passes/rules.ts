/**
 * Algebraic rewriting by the tables in `../rules/`. An instruction is rewritten until no rule fires; what rules make is
 * looked at too, what has not changed since the last time is not (`../rules/settled.ts`). Every rule is an identity of the guest's own instructions, bit by bit, and a test holds each against the
 * host's instruction.
 */
import { domTree } from '../../ir/dom.ts';
import { type Block, type Ins, type IrType, makeIns, type Region } from '../../ir/ir.ts';
import { Constants, mapArgs, Replacements } from '../edit.ts';
import type { Pass, PassContext } from '../pass.ts';
import { type Range, rangeOf } from '../ranges.ts';
import { applyRules, hasRules, RULE_IDS } from '../rules/apply.ts';
import type { Builder } from '../rules/rule.ts';
import { Settled } from '../rules/settled.ts';

/** More firings than this on one instruction mean rules that undo each other. */
const MOST = 50;

class Rewriter {
  readonly region: Region;
  readonly context: PassContext;
  readonly constants: Constants;
  readonly same: Replacements;
  readonly settled: Settled | null;
  /** By number: ranges that rules have asked for. Definitions come before uses, so none changes any more. */
  readonly #ranges: (Range | undefined)[] = [];

  constructor(region: Region, context: PassContext) {
    this.region = region;
    this.same = new Replacements(region);
    this.context = context;
    this.constants = new Constants(region);
    this.settled = Settled.of(region);
  }

  /** What stands for `ins` after all rules; instructions on the way go to `body`. */
  rewrite(ins: Ins, body: Ins[], depth = 0): Ins {
    if (!hasRules(ins.op)) return ins;
    const make = new Maker(this, ins, depth);
    for (let i = 0; i < MOST; i++) {
      const fired = this.context.spent ? null : applyRules(ins, this.context, make);
      if (!fired) return ins;
      this.context.fired(fired.id);
      if (!fired.value) continue;
      if (make.made) body.push(...make.made);
      return fired.value;
    }
    return ins;
  }

  range(value: Ins): Range {
    return (this.#ranges[value.id] ??= rangeOf(value));
  }

  block(block: Block): void {
    const body: Ins[] = [];
    for (const ins of block.body) {
      mapArgs(ins, this.same.get);
      if (this.settled?.has(ins)) {
        body.push(ins);
        continue;
      }
      const value = this.rewrite(ins, body);
      if (value === ins) body.push(ins);
      else this.same.set(ins, value);
    }
    block.body = body;
  }
}

/** Makes the instructions that stand for one; each is rewritten at once. */
class Maker implements Builder {
  made: Ins[] | null = null;
  readonly #rewriter: Rewriter;
  readonly #of: Ins;
  readonly #depth: number;

  constructor(rewriter: Rewriter, of: Ins, depth: number) {
    this.#rewriter = rewriter;
    this.#of = of;
    this.#depth = depth;
  }

  op(name: string, type: IrType, args: Ins[]): Ins {
    const fresh = makeIns(this.#rewriter.region, this.#of.block, name, type, args, {}, this.#of.loc);
    this.made ??= [];
    const value = this.#depth < MOST ? this.#rewriter.rewrite(fresh, this.made, this.#depth + 1) : fresh;
    if (value === fresh) this.made.push(fresh);
    return value;
  }

  constant(type: IrType, bits: bigint): Ins {
    return this.#rewriter.constants.get(type, bits, this.#of.loc);
  }

  range(value: Ins): Range {
    return this.#rewriter.range(value);
  }
}

export const rules: Pass = {
  name: 'rules',
  doc: 'rewrites expressions to cheaper or simpler equal ones',
  rules: RULE_IDS,
  run(region, context) {
    const r = new Rewriter(region, context);
    for (const b of domTree(region).order) r.block(b);
    r.constants.flush();
    r.same.apply(region);
    Settled.remember(region);
  },
};
