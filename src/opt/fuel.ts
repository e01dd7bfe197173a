/**
 * How much is optimized, over all fragments of a guest: so many runs of passes, so many firings of rules. With less of it
 * the first ones are the same and the rest is left out, which is how `wynamo bisect` finds the one that a result hangs on.
 *
 * Rules whose changes belong together (a pass over all globals) begin only while there is fuel, and then complete.
 */

/** One run of a pass, or one firing of a rule in it. */
export interface Spent {
  fragment: number;
  pass: string;
  rule?: string;
}

export class OptFuel {
  runs = 0;
  firings = 0;
  /** The last run and the last firing that there was fuel for. */
  lastRun: Spent | null = null;
  lastFiring: Spent | null = null;
  readonly mostRuns: number;
  readonly mostFirings: number;

  constructor(mostRuns = Number.POSITIVE_INFINITY, mostFirings = Number.POSITIVE_INFINITY) {
    this.mostRuns = mostRuns;
    this.mostFirings = mostFirings;
  }

  /** A pass is about to run on a fragment; false: it may not. */
  begin(fragment: number, pass: string): boolean {
    if (this.runs >= this.mostRuns) return false;
    this.runs++;
    this.lastRun = { fragment, pass };
    return true;
  }

  /** True when no rule may begin to fire. */
  get spent(): boolean {
    return this.firings >= this.mostFirings;
  }

  /** A rule of the pass that runs has fired. */
  fired(rule: string): void {
    if (!this.spent && this.lastRun) this.lastFiring = { ...this.lastRun, rule };
    this.firings++;
  }
}
