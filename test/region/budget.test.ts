import { expect } from 'chai';
import { CTL } from '../../src/machine/layout.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { CompileBudget } from '../../src/region/budget.ts';

/** The address of the one head that there is. */
const HEAD = 64;

/** A machine that has interpreted so many instructions, with a head that was executed so often. */
function budgetAt(state: { interpreted: number; executions?: number }, compileShare = 40): CompileBudget {
  const machine = {
    options: { compileShare },
    memory: { count: (at: number) => (at === CTL.icount ? state.interpreted : 0) },
    cache: { all: [] },
    heads: { kindAt: (pc: number) => (pc === HEAD ? 'head' : null), count: () => state.executions ?? 0 },
  };
  return new CompileBudget(machine as unknown as Machine);
}

describe('compile budget', () => {
  it('gives a guest nothing that has hardly run, unless there is no limit', () => {
    expect(budgetAt({ interpreted: 1e6 }).allows(50)).to.equal(false);
    expect(budgetAt({ interpreted: 1e6 }, 0).allows(50)).to.equal(true);
  });

  it('grows with what the guest has run', () => {
    expect(budgetAt({ interpreted: 100e6 }).allows(50)).to.equal(true);
  });

  it('asks more for the first compilation than for later ones', () => {
    const state = { interpreted: 26e6 };
    const budget = budgetAt(state);
    expect(budget.allows(60)).to.equal(false);
    state.interpreted = 30e6;
    expect(budget.allows(60)).to.equal(true);
    budget.spend(0, 60);
    // The next one of that size costs a third.
    state.interpreted = 33e6;
    expect(budget.allows(60)).to.equal(false);
    state.interpreted = 38e6;
    expect(budget.allows(60)).to.equal(true);
  });

  it('allows code that has cost as much without a fragment as compiling it takes', () => {
    const budget = budgetAt({ interpreted: 1e6 });
    expect(budget.allows(100, { executions: 10_000 })).to.equal(false);
    expect(budget.allows(100, { executions: 200_000 })).to.equal(true);
    expect(budget.allows(100, { exits: 10_000 })).to.equal(false);
    expect(budget.allows(100, { exits: 40_000 })).to.equal(true);
    expect(budget.allows(100, { executions: 100_000, exits: 15_000 })).to.equal(true, 'both together');
  });

  it('counts executions anew once something was compiled at a head', () => {
    const state = { interpreted: 1e6, executions: 70_000 };
    const budget = budgetAt(state);
    expect(budget.unpaid(HEAD)).to.equal(70_000);
    budget.spend(HEAD, 20);
    expect(budget.unpaid(HEAD)).to.equal(0);
    state.executions = 70_500;
    expect(budget.unpaid(HEAD)).to.equal(500);
    expect(budget.unpaid(0)).to.equal(0, 'no head');
  });
});
