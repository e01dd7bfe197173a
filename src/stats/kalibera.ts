/**
 * Means over two levels of repetition, iterations inside processes, after Kalibera and Jones, "Rigorous benchmarking in
 * reasonable time" (ISMM 2013): where the variation is, how often to repeat at which level, and the ratio of two means
 * with an interval. What varies between processes (addresses, the order of compilations) is not made smaller by more
 * iterations in one of them.
 */
import type { Interval } from './bootstrap.ts';
import { mean, variance } from './quantile.ts';
import { studentQuantile } from './student.ts';

/** Iterations of each process. */
export type Processes = readonly (readonly number[])[];

export interface Components {
  mean: number;
  /** Unbiased variance between iterations of one process, and between processes (T1² and T2² of the paper). */
  iterations: number;
  processes: number;
}

/** Variance by level. One process, or one iteration in each, leaves that level NaN. */
export function components(samples: Processes): Components {
  const within = mean(samples.map((s) => variance(s)).filter((v) => !Number.isNaN(v)));
  const between = variance(samples.map(mean));
  // The variance of process means holds a share of the iterations' own; a negative rest means that there is none.
  const harmonic = samples.length / samples.reduce((sum, s) => sum + 1 / s.length, 0);
  const rest = Number.isNaN(within) ? between : Math.max(0, between - within / harmonic);
  return { mean: mean(samples.map(mean)), iterations: within, processes: rest };
}

/**
 * Iterations in a process that give the narrowest interval for the time spent, where one iteration costs `iteration` and
 * a new process with its warm-up `process` (any unit): sqrt(cost ratio × variance ratio), at least 1.
 */
export function bestIterations(parts: Components, iteration: number, process: number): number {
  if (!(parts.processes > 0)) return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.ceil(Math.sqrt((process / iteration) * (parts.iterations / parts.processes))));
}

/** Half the width of the 95 % interval of the mean over processes. */
function half(samples: Processes): number {
  if (samples.length < 2) return Number.NaN;
  const means = samples.map(mean);
  return studentQuantile(0.95, means.length - 1) * Math.sqrt(variance(means) / means.length);
}

/** Mean over processes with its 95 % interval; bounds are NaN for one process. */
export function meanInterval(samples: Processes): Interval {
  const value = mean(samples.map(mean));
  const h = half(samples);
  return { value, low: value - h, high: value + h };
}

/**
 * mean(a) / mean(b) with the 95 % interval of Fieller's theorem; null where it has none (one process on a side, or a
 * divisor that may be zero).
 */
export function meanRatio(a: Processes, b: Processes): Interval | null {
  const x = mean(a.map(mean));
  const y = mean(b.map(mean));
  const hx = half(a);
  const hy = half(b);
  const below = y * y - hy * hy;
  if (Number.isNaN(hx + hy) || below <= 0) return null;
  const root = Math.sqrt((x * y) ** 2 - (x * x - hx * hx) * below);
  return { value: x / y, low: (x * y - root) / below, high: (x * y + root) / below };
}
