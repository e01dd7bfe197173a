/**
 * Percentile bootstrap intervals (95 %) for ratios of medians. The generator is seeded, so the same raw results always
 * give the same interval.
 *
 *     ratio([10, 11, 12], [5, 5, 6])   // { value: 2.2, low: 1.67, high: 2.4 }
 */
import { geomean, median } from './quantile.ts';
import { generator } from './random.ts';

export interface Interval {
  value: number;
  /** Bounds of the 95 % interval; equal to `value` where there is one sample on each side. */
  low: number;
  high: number;
}

/** Two samples of the same thing: the ratio is the first over the second. */
export interface Pair {
  a: readonly number[];
  b: readonly number[];
}

const DRAWS = 2000;

/** median(a) / median(b): both sides resampled. */
export function ratio(a: readonly number[], b: readonly number[]): Interval {
  return geomeanRatio([{ a, b }]);
}

/** Geometric mean of several ratios, each resampled within itself (the set of programs is not a sample). */
export function geomeanRatio(pairs: readonly Pair[]): Interval {
  const value = geomean(pairs.map(({ a, b }) => median(a) / median(b)));
  if (pairs.every(({ a, b }) => a.length < 2 && b.length < 2)) return { value, low: value, high: value };
  return {
    value,
    ...bounds((random) => geomean(pairs.map(({ a, b }) => median(resample(a, random)) / median(resample(b, random))))),
  };
}

/**
 * Ratio of two medians of processes, each a list of its iterations: processes are drawn, then iterations within each
 * (Kalibera and Jones 2013, section 8: resample at every level at which there is variation). A process counts as the
 * median of its iterations.
 */
export function hierarchicalRatio(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): Interval {
  const of = (groups: readonly (readonly number[])[]) => median(groups.map(median));
  const value = of(a) / of(b);
  const single = (groups: readonly (readonly number[])[]) => groups.length < 2 && groups.every((g) => g.length < 2);
  if (single(a) && single(b)) return { value, low: value, high: value };
  const draw = (groups: readonly (readonly number[])[], random: () => number) =>
    median(resample(groups, random).map((group) => median(resample(group, random))));
  return { value, ...bounds((random) => draw(a, random) / draw(b, random)) };
}

function resample<T>(values: readonly T[], random: () => number): T[] {
  return values.map(() => values[Math.floor(random() * values.length)]!);
}

function bounds(draw: (random: () => number) => number): { low: number; high: number } {
  const random = generator(20260101);
  const draws = Array.from({ length: DRAWS }, () => draw(random)).sort((x, y) => x - y);
  return { low: draws[DRAWS * 0.025 - 1]!, high: draws[DRAWS * 0.975 - 1]! };
}
