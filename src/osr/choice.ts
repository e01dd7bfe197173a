/**
 * Whether activations of a loop are better off where they begin or in the code that they move to. Both is measured, by the
 * time from one activation to the next, and the better one is taken: the host has optimized a function that is called often
 * as well as it can, and what the tier has made may be slower than that. Where activations begin has its turn again at
 * every power of two, because the host goes on optimizing.
 */

/** Trials of each kind until they are compared; after the first, a kind that is worse by the factor needs no second. */
const TRIALS = 2;
const WORSE = 1.06;
/** First activation at which the other kind has its turn again. */
const FIRST_AGAIN = 32;
/** A trial is over when it has taken that many times as long as the better kind. */
const PATIENCE = 1.25;
/** Staying has to be better by that factor, since moving is known to pay in a single long activation. */
const CLEARLY = 0.97;

/** What the system's count of executed time may be late by, milliseconds: it often counts in ticks. */
const TICK = 4;

export type Kind = 'stay' | 'move';

/** A moment, by the clock and by what the thread had executed until then; milliseconds. */
export interface Moment {
  readonly clock: number;
  readonly executed: number;
}

/** Time between two moments: the clock is exact, and the other does not count while others have the processor. */
function between(from: Moment, to: Moment): number {
  return Math.min(to.clock - from.clock, to.executed - from.executed + TICK);
}

export class Choice {
  /** The better one of the last two times of each kind: code changes while a program runs. */
  private readonly best: Record<Kind, number> = { stay: Number.POSITIVE_INFINITY, move: Number.POSITIVE_INFINITY };
  private readonly last: Record<Kind, number> = { stay: Number.POSITIVE_INFINITY, move: Number.POSITIVE_INFINITY };
  private readonly seen: Record<Kind, number> = { stay: 0, move: 0 };
  private activations = 0;
  /** What the present activation is, when it began, and whether its time says something. */
  private kind: Kind = 'move';
  private begun: Moment = { clock: 0, executed: 0 };
  private clean = false;
  /** Whether it could have been of either kind; the shortest time of those that had nowhere to move to. */
  private chosen = false;
  private before = Number.POSITIVE_INFINITY;
  /** Times of moved activations that say nothing, as what they move to has yet to compile the rest. */
  private warming = 0;

  /** Activations move to a machine from now on: the next that does so still finds some of it interpreted. */
  warmsUp(): void {
    this.warming = 1;
  }

  /** Another activation begins, `clean` where each one has been asked since the last: which kind it should be. */
  next(time: Moment, clean: boolean): Kind {
    this.end(time, clean);
    this.activations++;
    this.begin(this.choose(), time, true);
    return this.kind;
  }

  /**
   * The same where there is nowhere to move to yet. What such an activation takes can only show how well staying does, not
   * how badly: the host may still be about to optimize the function.
   */
  stays(time: Moment, clean: boolean): void {
    this.end(time, clean);
    this.begin('stay', time, false);
  }

  private begin(kind: Kind, time: Moment, chosen: boolean): void {
    this.kind = kind;
    this.chosen = chosen;
    this.begun = time;
    this.clean = true;
  }

  private end(time: Moment, clean: boolean): void {
    if (!this.clean || !clean) return;
    const took = between(this.begun, time);
    if (!this.chosen) {
      this.before = Math.min(this.before, took);
      return;
    }
    if (this.kind === 'move' && this.warming > 0) {
      this.warming--;
      return;
    }
    this.best[this.kind] = Math.min(this.last[this.kind], took);
    this.last[this.kind] = took;
    this.seen[this.kind]++;
  }

  private choose(): Kind {
    const { best, activations } = this;
    if (this.untried('move', Math.min(best.stay, this.before))) return 'move';
    if (activations < FIRST_AGAIN && this.untried('stay', best.move)) return 'stay';
    const better: Kind = best.stay < CLEARLY * best.move ? 'stay' : 'move';
    if (activations < FIRST_AGAIN || (activations & (activations - 1)) !== 0) return better;
    const other = better === 'stay' ? 'move' : 'stay';
    best[other] = this.last[other] = Number.POSITIVE_INFINITY;
    return other;
  }

  /** True where a kind has to be tried once more before it can be compared with the time of the other. */
  private untried(kind: Kind, other: number): boolean {
    const seen = this.seen[kind];
    return seen === 0 || (seen < TRIALS && this.best[kind] <= WORSE * other);
  }

  /** True where an activation that was to stay has taken too long for that. */
  late(time: Moment): boolean {
    return between(this.begun, time) > PATIENCE * Math.min(this.best.stay, this.best.move);
  }

  /** The present activation moves after all; its time is neither kind's. */
  moved(): void {
    if (this.kind === 'stay') {
      this.clean = false;
      if (this.chosen) this.seen.stay++;
    }
  }
}
