/**
 * A bound on compiling: its estimated time may be a share of the estimated time that the guest has run. Code beyond that
 * has to earn its compiling by itself. This is the rule of ski rental (Karlin et al., Competitive Snoopy Caching, 1988):
 * who buys when what was paid for renting reaches the price pays at most twice the optimum. Times follow from counts
 * alone, so that decisions are the same in every run.
 */
import { CTL } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { fragmentInstructions } from '../profile/flow.ts';

/**
 * Estimated nanoseconds. The first fragment of a guest, beside what any costs: the host has yet to compile the optimizer
 * itself (30 to 35 ms of processor time with a fragment of 9 to 32 instructions, where later ones take 2 to 3). Any
 * fragment, and each of its recorded instructions (lu, matmul, strings, quickjs: 2 to 3 ms, and 35 to 40 us in regions of
 * a thousand). To interpret one instruction, to execute one in a fragment, and to leave a fragment at an exit that leads
 * to no other, with what is interpreted behind it until there is a fragment again.
 */
const COST = { first: 30e6, each: 2.5e6, compile: 40_000, interpret: 1.1, fragment: 0.3, exit: 500 } as const;

/** What code that is not compiled has cost so far: its executions in the interpreter, and exits of fragments that lead to it. */
export interface Rent {
  readonly executions?: number;
  readonly exits?: number;
}

/**
 * Fragments are counted again when the interpreter's count has grown by that share, or after so many refusals; refusals
 * by fragment, because counting takes time for each of them.
 */
const RECOUNT = { growth: 1 / 8, refusals: 64, perFragment: 4 } as const;

export class CompileBudget {
  private readonly machine: Machine;
  private spent = 0;
  /** Executions of heads in the interpreter that were paid for when something was compiled there. */
  private readonly paid = new Map<number, number>();
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
   * because to do without it so many times has cost what compiling costs.
   */
  allows(size: number, { executions = 0, exits = 0 }: Rent = {}): boolean {
    const { compileShare, compileFree } = this.machine.options;
    const price = this.price(size);
    if (compileShare === 0) return true;
    const interpreted = this.machine.memory.count(CTL.icount);
    // What an execution takes is known only roughly before it was recorded, but it is not more than all.
    const rent = Math.min(executions * size, interpreted) * COST.interpret;
    if (rent + exits * COST.exit >= price) return true;
    const wanted = this.spent + price;
    const earned = () =>
      compileFree * 1e6 + (compileShare / 100) * (interpreted * COST.interpret + this.inFragments * COST.fragment);
    if (wanted <= earned()) return true;
    const patience = Math.max(RECOUNT.refusals, RECOUNT.perFragment * this.machine.cache.all.length);
    if (interpreted < this.countedAt * (1 + RECOUNT.growth) && ++this.refusals < patience) return false;
    this.countedAt = interpreted;
    this.refusals = 0;
    this.inFragments = fragmentInstructions(this.machine);
    return wanted <= earned();
  }

  private price(size: number): number {
    return (this.spent === 0 ? COST.first : 0) + COST.each + size * COST.compile;
  }

  /** Executions of the head at `pc` in the interpreter since something was compiled there; 0 where no head is. */
  unpaid(pc: number): number {
    const { heads } = this.machine;
    return heads.kindAt(pc) === null ? 0 : heads.count(pc) - (this.paid.get(pc) ?? 0);
  }

  /** Code of that many instructions was compiled, which begins at `pc`. */
  spend(pc: number, size: number): void {
    this.spent += this.price(size);
    const unpaid = this.unpaid(pc);
    if (unpaid > 0) this.paid.set(pc, (this.paid.get(pc) ?? 0) + unpaid);
  }
}
