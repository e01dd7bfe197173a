/**
 * Whether a loop goes faster in the optimizing compiler's code than where its activation began. It nearly always does. But
 * where memory decides, code with fewer instructions may lose: a column walked in steps of 4096 bytes, added to in place,
 * takes twice the time on one processor, as loads then wait for stores that they have nothing to do with. An activation
 * that stays in one loop has no second one to compare with (`choice.ts`), so trips of its loop are timed, some before it
 * moves and some after. Where those after are slower, some more are made in the code of the host's baseline compiler, and the
 * faster code keeps the activation: work that changes from trip to trip deceives once, not twice.
 */

import { MOST_BUDGET } from './probed.ts';

/** By whom code is compiled: the host's optimizing compiler, or its baseline compiler. */
export type Code = 'optimized' | 'baseline';

/** Milliseconds for which trips are timed in each code; questions in between come at growing distances. */
const WINDOW = 10;
const GROWTH = 2;
/** What counts as slower: the rest of the function behind the loop stays in the same code, too. */
const WORSE = 1.25;

export class Trial {
  /** Which code is to run the loop; null: not known yet. */
  verdict: Code | null = null;
  /** The code whose trips are being timed; since when, how many trips were made, and how many will be until the next question. */
  private timed: Code | null = null;
  private begun = 0;
  private made = 0;
  private next = 1;
  /** Milliseconds a trip where the activation began, and in the optimized code. */
  private first = 0;
  private optimized = 0;
  /** Every trial is made to the end, a trip each, and goes back. */
  private readonly eager: boolean;

  constructor(eager: boolean) {
    this.eager = eager;
  }

  /** The activation moves now; a trip took so long until then, milliseconds; 0: nobody knows. */
  moves(trip: number): void {
    this.first = trip;
  }

  /** Somebody in that code asks, who has `asked` there before or not: how many trips to stay; 0: go on in the other code. */
  ask(code: Code, asked: boolean, time: number): number {
    if (this.verdict === null) {
      if (asked) this.judge(code, time);
      else this.begin(code, time);
    }
    if (this.verdict !== null) return code === this.verdict ? MOST_BUDGET : 0;
    return asked && this.timed === null ? 0 : this.next;
  }

  /** Begins to time trips. A second activation in between ends the trial. */
  private begin(code: Code, time: number): void {
    if (this.timed !== null || code !== (this.optimized > 0 ? 'baseline' : 'optimized')) this.verdict = 'optimized';
    this.timed = code;
    this.begun = time;
    this.made = 0;
    this.next = 1;
  }

  private judge(code: Code, time: number): void {
    this.made += this.next;
    if (!this.eager && time - this.begun < WINDOW) {
      this.next = Math.min(MOST_BUDGET, GROWTH * this.made);
      return;
    }
    this.timed = null;
    const trip = (time - this.begun) / this.made;
    if (code === 'baseline') this.verdict = !this.eager && this.optimized > WORSE * trip ? 'baseline' : 'optimized';
    else if (this.eager || trip > WORSE * this.first) this.optimized = Math.max(trip, Number.MIN_VALUE);
    else this.verdict = 'optimized';
  }
}
