/**
 * Algebraic rewriting by the tables in `../rules/`. An instruction is rewritten until no rule fires; what rules make is
 * looked at too. Every rule is an identity of the guest's own instructions, bit by bit, and a test holds each against the
 * host's instruction.
 */
import { domTree } from '../../ir/dom.ts';
import { type Block, type Ins, makeIns, type Region } from '../../ir/ir.ts';
import { Constants, mapArgs, Replacements } from '../edit.ts';
import type { Pass, PassContext } from '../pass.ts';
import { rangeOf } from '../ranges.ts';
import { applyRules, hasRules, RULE_IDS } from '../rules/apply.ts';
import type { Builder } from '../rules/rule.ts';

/** More firings than this on one instruction mean rules that undo each other. */
const MOST = 50;

class Rewriter {
  readonly region: Region;
  readonly context: PassContext;
  readonly constants: Constants;
  readonly same: Replacements;

  constructor(region: Region, context: PassContext) {
    this.region = region;
    this.same = new Replacements(region);
    this.context = context;
    this.constants = new Constants(region);
  }

  /** What stands for `ins` after all rules; instructions on the way go to `body`. */
  rewrite(ins: Ins, body: Ins[], depth = 0): Ins {
    if (!hasRules(ins.op)) return ins;
    const made: Ins[] = [];
    const make: Builder = {
      op: (name, type, args) => {
        const fresh = makeIns(this.region, ins.block, name, type, args, {}, ins.loc);
        const value = depth < MOST ? this.rewrite(fresh, made, depth + 1) : fresh;
        if (value === fresh) made.push(fresh);
        return value;
      },
      constant: (type, bits) => this.constants.get(type, bits, ins.loc),
      range: (value) => rangeOf(value),
    };
    for (let i = 0; i < MOST; i++) {
      const fired = this.context.spent ? null : applyRules(ins, this.context.folder, make);
      if (!fired) return ins;
      this.context.fired(fired.id);
      if (!fired.value) continue;
      body.push(...made);
      return fired.value;
    }
    return ins;
  }

  block(block: Block): void {
    const body: Ins[] = [];
    for (const ins of block.body) {
      mapArgs(ins, this.same.get);
      const value = this.rewrite(ins, body);
      if (value === ins) body.push(ins);
      else this.same.set(ins, value);
    }
    block.body = body;
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
  },
};
