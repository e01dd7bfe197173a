/**
 * The only file that knows benchmark.js (unmaintained since 2016, so kept where it can be replaced): runs named functions
 * and gives times. For orientation while working on one part; published figures come from `bench.ts`.
 */

export interface MicroResult {
  name: string;
  /** Mean time of one call, or of one of the things done in it, nanoseconds. */
  ns: number;
  /** Relative margin of error of the mean, percent (95 %). */
  margin: number;
  samples: number;
}

/** The part of benchmark.js used here; the package has no declarations. */
interface Suite {
  add(name: string, body: () => unknown, options: object): Suite;
  on(event: string, listener: (event: { target: Target }) => void): Suite;
  run(options: { async: boolean }): void;
}
interface Target {
  name: string;
  error?: Error;
  stats: { mean: number; rme: number; sample: number[] };
}

const packageName: string = 'benchmark';

/** A function to time, or one that does `per` equal things in a call: its time is then that of one. */
export type Case = (() => unknown) | { readonly run: () => unknown; readonly per: number };

/** A figure that several cases of a suite give together. */
export interface Derived {
  name: string;
  /** What it is to be at most, nanoseconds. */
  limit: number;
  /** From the times of cases by name, nanoseconds. */
  of(ns: (name: string) => number): number;
}

/**
 * Times each function until its margin is small or `seconds` are over. A function that throws ends the run with its
 * error and name.
 */
export async function runCases(cases: Record<string, Case>, seconds = 1): Promise<MicroResult[]> {
  const { default: Benchmark } = (await import(packageName)) as { default: { Suite: new () => Suite } };
  return new Promise((resolve, reject) => {
    const results: MicroResult[] = [];
    const suite = new Benchmark.Suite();
    for (const [name, body] of Object.entries(cases)) {
      suite.add(name, typeof body === 'function' ? body : body.run, { maxTime: seconds, minSamples: 5 });
    }
    suite.on('cycle', ({ target: { name, error, stats } }) => {
      if (error) reject(new Error(`${name}: ${error.message}`));
      else {
        const body = cases[name];
        const per = typeof body === 'object' ? body.per : 1;
        results.push({ name, ns: (stats.mean * 1e9) / per, margin: stats.rme, samples: stats.sample.length });
      }
    });
    suite.on('complete', () => resolve(results));
    suite.run({ async: true });
  });
}
