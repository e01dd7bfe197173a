/**
 * The machine's own pace. Processors are shared: neighbours that nobody here sees take half of a core for seconds, and no
 * counter of the system tells. What a fixed piece of work takes just before and just after a process does; figures of slow
 * moments are taken again.
 */
import { quantile } from '../stats/quantile.ts';
import type { Ran } from './run.ts';
import type { Row } from './summary.ts';

/** Slower than the machine's usual best by this share is too slow. */
const SLOW = 1.1;
/** Times that a figure is taken at most, and milliseconds that each waits for its moment. */
const TRIES = 3;
const PATIENCE = 3000;
const STEP = 100;

/** The usual best is what a tenth of so many looks reached: machines get slower for good, too, when they get warm. */
const MEMORY = 300;
const BEST = 0.1;

export interface Clock {
  /** Milliseconds that the fixed work takes now. */
  look(): number;
  /** Waits so many milliseconds. */
  wait(ms: number): void;
}

const ADDITIONS = 5_000_000;

/** Additions that wait for each other: a millisecond or two, of a core alone. */
function work(): number {
  let sum = 0;
  for (let i = 0; i < ADDITIONS; i++) sum = (sum + i) | 0;
  return sum;
}

/** The shortest of three, so that what interrupts one of them for a moment is not seen. */
function look(): number {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

const never = new Int32Array(new SharedArrayBuffer(4));
const real: Clock = { look, wait: (ms) => void Atomics.wait(never, 0, 0, ms) };

/** A sentence about figures that were taken in slow moments all the same; nothing where there are none. */
export function slowTold(rows: readonly Row[]): string[] {
  const paces = rows.flatMap(({ cells }) => Object.values(cells).flatMap(({ chosen, paces }) => (chosen ? [] : paces)));
  const slow = paces.filter((pace) => pace > SLOW);
  if (slow.length === 0) return [];
  const worst = Math.round((Math.max(...slow) - 1) * 100);
  return [
    `${slow.length} of ${paces.length} timed processes ran while the machine was slower than its usual best by over ${Math.round((SLOW - 1) * 100)} %, up to ${worst} %.`,
  ];
}

export class Pace {
  private readonly clock: Clock;
  private readonly seen: number[] = [];

  constructor(clock: Clock = real) {
    this.clock = clock;
    // The first looks are those of a cold loop.
    for (let i = 0; i < 3; i++) clock.look();
  }

  /** What the fixed work takes now over the usual best; 1 or so on a machine that nobody else uses. */
  now(): number {
    const time = this.clock.look();
    this.seen.push(time);
    if (this.seen.length > MEMORY) this.seen.shift();
    return time / quantile(this.seen, BEST);
  }

  /** Waits for a quiet moment, but not for ever; gives the pace of the moment. */
  private await(): number {
    let pace = this.now();
    for (let waited = 0; pace > SLOW && waited < PATIENCE; waited += STEP) {
      this.clock.wait(STEP);
      pace = this.now();
    }
    return pace;
  }

  /** What came of a job in the quietest of a few tries, with the pace around it, the slower of before and after. */
  run(job: () => Ran): Ran & { pace: number } {
    let best: (Ran & { pace: number }) | undefined;
    for (let i = 0; i < TRIES; i++) {
      const before = this.await();
      const ran = job();
      const pace = Math.max(before, this.now());
      if (!best || (!ran.error && pace < best.pace)) best = { ...ran, pace };
      if (ran.error || best.pace <= SLOW) break;
    }
    return best!;
  }
}
