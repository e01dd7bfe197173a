/**
 * A bound on compiling: its estimated time may be a share of the estimated time that the guest has run. Code beyond that
 * has to earn its compiling by itself. This is the rule of ski rental (Karlin et al., Competitive Snoopy Caching, 1988):
 * who buys when what was paid for renting reaches the price pays at most twice the optimum. Times follow from counts
 * alone, so that decisions are the same in every run.
 */
import { CTL } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { fragmentInstructions } from '../profile/flow.ts';

/** Estimated nanoseconds: to compile one recorded instruction, to interpret one, to execute one in a fragment. */
const COST = { compile: 40_000, interpret: 0.7, fragment: 0.3 } as const;

/** Nanoseconds of compiling that every guest may use. */
const FREE = 40e6;

/**
 * Fragments are counted again when the interpreter's count has grown by that share, or after so many refusals; refusals
 * by fragment, because counting takes time for each of them.
 */
const RECOUNT = { growth: 1 / 8, refusals: 64, perFragment: 4 } as const;

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

  /**
   * True when code of that many instructions may be compiled now: the guest has earned it, or this code has by itself,
   * because to interpret it so many times has cost what compiling costs.
   */
  allows(size: number, executions = 0): boolean {
    const { compileShare } = this.machine.options;
    if (compileShare === 0 || executions * COST.interpret >= COST.compile) return true;
    const wanted = this.spent + size * COST.compile;
    const earned = () => {
      const interpreted = this.machine.memory.count(CTL.icount) * COST.interpret;
      return FREE + (compileShare / 100) * (interpreted + this.inFragments * COST.fragment);
    };
    if (wanted <= earned()) return true;
    const interpreted = this.machine.memory.count(CTL.icount);
    const patience = Math.max(RECOUNT.refusals, RECOUNT.perFragment * this.machine.cache.all.length);
    if (interpreted < this.countedAt * (1 + RECOUNT.growth) && ++this.refusals < patience) return false;
    this.countedAt = interpreted;
    this.refusals = 0;
    this.inFragments = fragmentInstructions(this.machine);
    return wanted <= earned();
  }

  /** Code of that many instructions was compiled. */
  spend(size: number): void {
    this.spent += size * COST.compile;
  }
}
