import { expect } from 'chai';
import { CTL } from '../../src/machine/layout.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { CompileBudget } from '../../src/region/budget.ts';

/** The address of the one head that there is. */
const HEAD = 64;

/** A machine that has interpreted so many instructions, with a head that was executed so often. */
function budgetAt(
  state: { interpreted: number; executions?: number },
  compileShare = 40,
  compileFree = 0,
): CompileBudget {
  const machine = {
    options: { compileShare, compileFree },
    memory: { count: (at: number) => (at === CTL.icount ? state.interpreted : 0) },
    cache: { all: [] },
    heads: { kindAt: (pc: number) => (pc === HEAD ? 'head' : null), count: () => state.executions ?? 0 },
  };
  return new CompileBudget(machine as unknown as Machine);
}

describe('compile budget', () => {
  it('begins with nothing, unless some is given or there is no limit', () => {
    expect(budgetAt({ interpreted: 1e6 }).allows(1)).to.equal(false);
    expect(budgetAt({ interpreted: 1e6 }, 40, 100).allows(1000)).to.equal(true);
    expect(budgetAt({ interpreted: 1e6 }, 40, 100).allows(2000)).to.equal(false);
    expect(budgetAt({ interpreted: 1e6 }, 0).allows(1100)).to.equal(true);
  });

  it('takes the first fragment for dearer than later ones', () => {
    const state = { interpreted: 20e6 };
    const budget = budgetAt(state);
    const executions = 1e6;
    expect(budget.allows(20, { executions })).to.equal(false);
    state.interpreted = 40e6;
    expect(budget.allows(20, { executions: 2e6 })).to.equal(true);
    budget.spend(0, 20);
    state.interpreted = 20e6;
    expect(budget.allows(20, { executions })).to.equal(true);
  });

  it('takes no code for dearer than all that was interpreted', () => {
    expect(budgetAt({ interpreted: 20e6 }).allows(1000, { executions: 1e6 })).to.equal(false);
    expect(budgetAt({ interpreted: 80e6 }).allows(1000, { executions: 1e6 })).to.equal(true);
  });

  it('grows with what the guest has run, and falls with what was compiled', () => {
    const state = { interpreted: 1e6 };
    const budget = budgetAt(state);
    budget.spend(0, 1000);
    expect(budget.allows(500)).to.equal(false);
    state.interpreted = 250e6;
    expect(budget.allows(500)).to.equal(true);
    expect(budget.allows(1000)).to.equal(false);
  });

  it('allows code that has cost as much without a fragment as compiling it takes', () => {
    const budget = budgetAt({ interpreted: 30e6 });
    budget.spend(0, 1000);
    expect(budget.allows(100, { executions: 10_000 })).to.equal(false);
    expect(budget.allows(100, { executions: 200_000 })).to.equal(true);
    expect(budget.allows(100, { exits: 10_000 })).to.equal(false);
    expect(budget.allows(100, { exits: 40_000 })).to.equal(true);
    expect(budget.allows(100, { executions: 30_000, exits: 8000 })).to.equal(true, 'both together');
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
