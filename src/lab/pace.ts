/**
 * The machine's own pace around whole processes and within those of steady states, from looks (`look.ts`). What is timed as
 * a whole waits for a quiet moment and is taken again where it was slow before or behind it; within a process of a steady
 * state each call has its own looks.
 */
import { median, quantile } from '../stats/quantile.ts';
import { CELLS, look, quietCalls, SLOW, warm } from './look.ts';
import { sum } from './metric.ts';
import type { Ran } from './run.ts';
import type { Row } from './summary.ts';

/**
 * Times that a figure is taken at most, milliseconds that each waits for its moment, and from which length on it is taken
 * once: a longer process sees several moments, about which those around it tell nothing.
 */
const TRIES = 3;
const PATIENCE = 2000;
const LONG = 500;
const STEP = 50;

/** The usual best is what a tenth of so many looks reached: machines get slower for good, too, when they get warm. */
const MEMORY = 300;
const BEST = 0.1;
/** So many looks are what there is to begin with. */
const FIRST = 20;
/** Processes whose own looks say what is usual within them. */
const FEW = 3;

export interface Clock {
  /** Milliseconds that the fixed work takes now. */
  look(): number;
  /** Waits so many milliseconds. */
  wait(ms: number): void;
}

/** So many looks follow each other: a core that slept is slow for some milliseconds. */
const AWAKE = 15;

/** Looks on the core that this thread is on; another thread on a core's other half would slow both. */
function ownCore(): Clock {
  const cells = new Int32Array(CELLS);
  warm(cells);
  return {
    look: () => Math.min(...Array.from({ length: AWAKE }, () => look(cells))),
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
      `${Math.round((left / all) * 100)} % of the steady calls were left out, as their core was slower than the machine's usual best by over ${share} % around them.`,
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

export class Pace {
  private readonly clock: Clock;
  private readonly seen: number[] = [];
  /** Milliseconds of the shortest look within each process so far. */
  private readonly inside: number[] = [];

  constructor(clock: Clock = ownCore()) {
    this.clock = clock;
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
      if (ran.error || best.pace <= SLOW || ran.wall > LONG) break;
    }
    return best!;
  }

  /** What came of a job that looks by itself, with the pace of most of the calls that count. */
  within(job: (usual: number) => Ran): Ran & { pace?: number } {
    this.now();
    // A core that has been at work for a while is faster than one that slept, which looks from outside find.
    const usual = this.inside.length >= FEW ? quantile(this.inside, BEST) : this.usual();
    const ran = job(usual);
    const { calls, paces } = ran.sample ?? {};
    if (!calls || !paces) return ran;
    this.inside.push(Math.min(...paces) * usual);
    if (this.inside.length > MEMORY) this.inside.shift();
    return { ...ran, pace: median(quietCalls({ calls: paces, paces })) };
  }
}
