/**
 * The machine's own pace. Processors are shared: neighbours that nobody here sees take half of a core for seconds, and no
 * counter of the system tells. What a fixed piece of work takes just before and just after a process does; figures of slow
 * moments are taken again.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { quantile } from '../stats/quantile.ts';
import type { Ran } from './run.ts';
import type { Row } from './summary.ts';

/** Slower than the machine's usual best by this share is too slow. */
const SLOW = 1.15;
/** Times that a figure is taken at most, and milliseconds that each waits for its moment. */
const TRIES = 3;
const PATIENCE = 3000;
const STEP = 100;

/** The usual best is what a tenth of so many looks reached: machines get slower for good, too, when they get warm. */
const MEMORY = 300;
const BEST = 0.1;
/** The first looks are those of a cold loop. */
const WARM = 5;

export interface Clock {
  /** Milliseconds that the fixed work takes now. */
  look(): number;
  /** Waits so many milliseconds. */
  wait(ms: number): void;
}

/** As many cores are looked at together; a process may run on any of them. */
const CORES = 4;

/**
 * A millisecond or two of work that a core does several instructions at a time of, in 64 KiB: neighbours on the same core
 * take units and its cache, which a chain of additions that wait for each other hardly feels.
 */
function work(cells: Int32Array): number {
  const last = cells.length - 1;
  let [a, b, c, d, e] = [1, 2, 3, 4, 5];
  for (let i = 0; i < 1_000_000; i++) {
    a = (a + (b ^ i)) | 0;
    c = (Math.imul(c, 5) + i) | 0;
    d = (d + cells[i & last]!) | 0;
    e = (e ^ (i << 3)) | 0;
    b = (b + (i >>> 1)) | 0;
    cells[(i * 7) & last] = d;
  }
  return a + b + c + d + e;
}

/** What threads share: how often was asked, how many have answered. */
const [ASKED, ANSWERED] = [0, 1];

/** A thread that does the work when it is asked, and tells the shortest of three, so that interruptions are not seen. */
const THREAD = `
  const { state, times, index } = require('node:worker_threads').workerData;
  const work = ${work};
  const cells = new Int32Array(1 << 14);
  for (let asked = 0; ; ) {
    Atomics.wait(state, ${ASKED}, asked);
    asked = Atomics.load(state, ${ASKED});
    let least = Infinity;
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      work(cells);
      least = Math.min(least, performance.now() - start);
    }
    times[index] = least;
    Atomics.add(state, ${ANSWERED}, 1);
    Atomics.notify(state, ${ANSWERED});
  }`;

/** The slowest of several cores. */
function threads(): Clock {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const times = new Float64Array(new SharedArrayBuffer(8 * CORES)).subarray(0, Math.min(CORES, availableParallelism()));
  times.forEach((_, index) => {
    new Worker(THREAD, { eval: true, workerData: { state, times, index } }).unref();
  });
  return {
    look() {
      Atomics.store(state, ANSWERED, 0);
      Atomics.add(state, ASKED, 1);
      Atomics.notify(state, ASKED);
      for (let there = 0; there < times.length; there = Atomics.load(state, ANSWERED))
        Atomics.wait(state, ANSWERED, there);
      return Math.max(...times);
    },
    wait: (ms) => void Atomics.wait(never, 0, 0, ms),
  };
}

const never = new Int32Array(new SharedArrayBuffer(4));

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

  constructor(clock: Clock = threads()) {
    this.clock = clock;
    for (let i = 0; i < WARM; i++) clock.look();
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
