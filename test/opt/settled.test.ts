/** What the rules remember between two runs over a region: only what is the same in all its operands is skipped. */
import { expect } from 'chai';
import type { Ins } from '../../src/ir/ir.ts';
import { parse } from '../../src/ir/parse.ts';
import { rules } from '../../src/opt/passes/rules.ts';
import { runPass } from '../../src/opt/pipeline.ts';
import { Settled } from '../../src/opt/rules/settled.ts';

const TEXT = `region T1 test
entry !interp#0 {}
b0:
  v0 = slot.load i32 [0]
  v1 = slot.load i32 [8]
  v2 = i32.xor v0 v1
  v3 = i32.xor v2 v1
  v4 = i32.and v2 v1
  exit !end#1 {0:v3 8:v4}
`;

/** The instructions of the only block by operation, and a region on which the rules have run. */
function settled() {
  const region = parse(TEXT);
  const first = runPass(rules, region).rules;
  const all = region.blocks[0]!.body;
  const one = (op: string): Ins => all.find((ins) => ins.op === op)!;
  return { region, first, all, one };
}

describe('rules that run again', () => {
  it('skip what has not changed', () => {
    const { region, first, all } = settled();
    expect(first).to.have.property('xor-cancel');
    const known = Settled.of(region)!;
    for (const ins of all) expect(known.has(ins), ins.op).to.equal(true);
    expect(runPass(rules, region).rules).to.deep.equal({});
  });

  it('look at an instruction with another operand', () => {
    const { region, one } = settled();
    one('i32.xor').args[1] = one('i32.xor').args[0]!;
    expect(runPass(rules, region).rules).to.have.property('xor-self');
  });

  it('look at an instruction whose operand is computed from something else now', () => {
    const { region, all, one } = settled();
    one('i32.xor').args[1] = all.find((ins) => ins.op === 'slot.load' && ins !== one('i32.xor').args[1])!;
    const known = Settled.of(region)!;
    for (const ins of all) known.has(ins);
    expect(known.has(one('i32.and'))).to.equal(false);
  });
});
