/**
 * The machine's own pace around whole processes and within those of steady states, from looks (`look.ts`). What is timed as
 * a whole waits for a quiet moment and is taken again where it was slow before or behind it; within a process of a steady
 * state each call has its own looks.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { median, quantile } from '../stats/quantile.ts';
import { CELLS, look, quietCalls, SLOW, work } from './look.ts';
import { sum } from './metric.ts';
import type { Ran } from './run.ts';
import type { Row } from './summary.ts';

/** Times that a figure is taken at most, and milliseconds that each waits for its moment. */
const TRIES = 3;
const PATIENCE = 3000;
const STEP = 100;

/** The usual best is what a tenth of so many looks reached: machines get slower for good, too, when they get warm. */
const MEMORY = 300;
const BEST = 0.1;
/** The first looks are those of a cold loop; the next ones are what there is to begin with. */
const WARM = 20;
const FIRST = 20;

export interface Clock {
  /** Milliseconds that the fixed work takes now. */
  look(): number;
  /** Waits so many milliseconds. */
  wait(ms: number): void;
}

/** As many cores are looked at together; a process may run on any of them. */
const CORES = 4;

/** What threads share: how often was asked, how many have answered. */
const [ASKED, ANSWERED] = [0, 1];

/** A thread that looks when it is asked. */
const THREAD = `
  const { state, times, index } = require('node:worker_threads').workerData;
  ${work}
  ${look}
  const cells = new Int32Array(${CELLS});
  for (let asked = 0; ; ) {
    Atomics.wait(state, ${ASKED}, asked);
    asked = Atomics.load(state, ${ASKED});
    times[index] = look(cells);
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

/** Sentences about figures that were taken in slow moments all the same, and about calls that were left out for that. */
export function slowTold(rows: readonly Row[]): string[] {
  const cells = rows.flatMap((row) => Object.values(row.cells).filter(({ chosen }) => !chosen));
  const paces = cells.flatMap((cell) => cell.paces);
  const slow = paces.filter((pace) => pace > SLOW);
  const share = Math.round((SLOW - 1) * 100);
  const out: string[] = [];
  const left = sum(cells, ({ steady }) => steady?.slow ?? 0);
  if (left > 0) {
    const all = left + sum(cells, ({ steady }) => (steady ? sum(steady.calls, (calls) => calls.length) : 0));
    out.push(
      `${percent(left / all)} of the steady calls were left out, as their core was slower than the machine's usual best by over ${share} % around them.`,
    );
  }
  if (slow.length > 0) {
    const worst = Math.round((Math.max(...slow) - 1) * 100);
    out.push(
      `${slow.length} of ${paces.length} timed processes ran while the machine was slower than its usual best by over ${share} %, up to ${worst} %.`,
    );
  }
  return out;
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

export class Pace {
  private readonly clock: Clock;
  private readonly seen: number[] = [];

  constructor(clock: Clock = threads()) {
    this.clock = clock;
    for (let i = 0; i < WARM; i++) clock.look();
    for (let i = 0; i < FIRST; i++) {
      if (i > 0) clock.wait(STEP);
      this.now();
    }
  }

  /** Milliseconds of a look at the machine's usual best. */
  usual(): number {
    return quantile(this.seen, BEST);
  }

  /** What the fixed work takes now over the usual best; 1 or so on a machine that nobody else uses. */
  now(): number {
    const time = this.clock.look();
    this.seen.push(time);
    if (this.seen.length > MEMORY) this.seen.shift();
    return time / this.usual();
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

  /** What came of a job that looks by itself, with the pace of most of the calls that count. */
  within(job: (usual: number) => Ran): Ran & { pace?: number } {
    this.now();
    const ran = job(this.usual());
    const { calls, paces } = ran.sample ?? {};
    if (!calls || !paces) return ran;
    return { ...ran, pace: median(quietCalls({ calls: paces, paces })) };
  }
}
