/**
 * A bound on compiling: its estimated time may be a share of the estimated time that the guest has run. Both follow from
 * counts alone, so that decisions are the same in every run. This is the rule of ski rental: who buys when what was paid
 * for renting reaches the price pays at most twice the optimum; here for a fraction of the price.
 */
import { CTL } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { countFlow } from '../profile/flow.ts';

/** Estimated nanoseconds: to compile one recorded instruction, to interpret one, to execute one in a fragment. */
const COST = { compile: 50_000, interpret: 1.2, fragment: 0.3 } as const;

/** Nanoseconds of compiling that every guest may use. */
const FREE = 40e6;

/** Fragments are counted again after so many interpreted instructions or refusals. */
const RECOUNT = { instructions: 3_000_000, refusals: 64 } as const;

export class CompileBudget {
  private readonly machine: Machine;
  private spent = 0;
  /** What the guest had earned in fragments when it was last counted, which takes time. */
  private inFragments = 0;
  /** The interpreter's count at that time, and refusals since. */
  private countedAt = 0;
  private refusals = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** True when code of that many instructions may be compiled now. */
  allows(size: number): boolean {
    const { compileShare } = this.machine.options;
    if (compileShare === 0) return true;
    const wanted = this.spent + size * COST.compile;
    const earned = () => {
      const interpreted = this.machine.memory.count(CTL.icount) * COST.interpret;
      return FREE + (compileShare / 100) * (interpreted + this.inFragments * COST.fragment);
    };
    if (wanted <= earned()) return true;
    const interpreted = this.machine.memory.count(CTL.icount);
    if (interpreted - this.countedAt < RECOUNT.instructions && ++this.refusals < RECOUNT.refusals) return false;
    this.countedAt = interpreted;
    this.refusals = 0;
    this.inFragments = [...countFlow(this.machine).fragments.values()].reduce((a, b) => a + b, 0);
    return wanted <= earned();
  }

  /** Code of that many instructions was compiled. */
  spend(size: number): void {
    this.spent += size * COST.compile;
  }
}
