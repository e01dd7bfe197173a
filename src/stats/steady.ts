/**
 * Where a process reaches its steady state, if it does, after Barrett et al., "Virtual machine warmup blows hot and cold"
 * (OOPSLA 2017): iterations are cut into segments at changepoints; segments like the last one belong to the steady state.
 *
 *     classify([20, 14, 10, 10.1, 9.9, 10, 10, 10.1]).class   // 'warm-up'
 */

import { changepoints } from './pelt.ts';
import { mean, median, quantile, variance } from './quantile.ts';

export const STEADY_CLASSES = {
  flat: 'one level from the first iteration on',
  'warm-up': 'ends on its fastest level, with slower ones before',
  slowdown: 'ends on a level that is slower than one before',
  'no steady state': 'still changes near the end',
  'too short': 'too few iterations to tell',
} as const;
export type SteadyClass = keyof typeof STEADY_CLASSES;

export interface SteadyState {
  class: SteadyClass;
  /** First iteration of the steady state; the later half where there is none. */
  from: number;
  /** Mean of the iterations from there on without outliers, in the unit of the input. */
  time: number;
  /** Starts of the segments after the first. */
  changes: number[];
}

/** Fewest iterations that say anything: three of a level before and three after a change. */
const FEWEST = 6;
/** A change in the last quarter means that the end is not known to be steady (the paper: 500 of 2,000 iterations). */
const TAIL = 0.25;
/**
 * Levels within this share of each other are one level. The paper takes a millisecond, for programs of a second; ours may
 * take a millisecond altogether.
 */
const SAME = 0.01;

/** Classifies the iterations of one process. */
export function classify(times: readonly number[]): SteadyState {
  const n = times.length;
  if (n < FEWEST) return { class: 'too short', from: n >> 1, time: median(times.slice(n >> 1)), changes: [] };
  const clean = withoutOutliers(times);
  const changes = changepoints(clean);
  const starts = [0, ...changes];
  const levels = starts.map((start, i) => level(clean.slice(start, starts[i + 1] ?? n)));
  const last = levels.at(-1)!;
  const near = Math.max(last.deviation, SAME * last.mean);
  const like = (l: { mean: number }) => Math.abs(l.mean - last.mean) <= near;

  let first = levels.length - 1;
  while (first > 0 && like(levels[first - 1]!)) first--;
  const from = starts[first]!;
  if (from > n * (1 - TAIL))
    return { class: 'no steady state', from: n >> 1, time: mean(clean.slice(n >> 1)), changes };
  const before = levels.slice(0, first);
  const faster = before.some((l) => l.mean < last.mean && !like(l));
  const name = before.length === 0 ? 'flat' : faster ? 'slowdown' : 'warm-up';
  return { class: name, from, time: mean(clean.slice(from)), changes };
}

const level = (values: readonly number[]) => ({
  mean: mean(values),
  deviation: values.length > 1 ? Math.sqrt(variance(values)) : 0,
});

/** Iterations on each side that say what is usual at one. */
const WINDOW = 12;

/**
 * Replaces single iterations that the machine disturbed by the median around them: those beyond the median of their
 * neighbours by more than three times the distance of the 10 % and 90 % quantiles (the paper's rule, with a window
 * that suits short series). The first iterations are never outliers: warm-up looks like that.
 */
export function withoutOutliers(times: readonly number[]): number[] {
  return times.map((x, i) => {
    if (i < WINDOW) return x;
    const around = times.slice(i - WINDOW, i + WINDOW + 1);
    const middle = median(around);
    const spread = 3 * (quantile(around, 0.9) - quantile(around, 0.1));
    return Math.abs(x - middle) > Math.max(spread, SAME * middle) ? middle : x;
  });
}

/** The class of several processes of one thing: theirs if they agree, else `inconsistent`. */
export function together(classes: readonly SteadyClass[]): SteadyClass | 'inconsistent' | null {
  const known = [...new Set(classes.filter((c) => c !== 'too short'))];
  if (known.length > 1) return 'inconsistent';
  return known[0] ?? classes[0] ?? null;
}
