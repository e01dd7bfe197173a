/**
 * The statistics of the published figures: medians, geometric means, and bootstrap intervals for ratios of medians.
 * The generator is seeded, so the same raw results always render the same table.
 *
 *     ratio([10, 11, 12], [5, 5, 6])   // { value: 2.2, low: 1.67, high: 2.4 }
 */

export interface Interval {
  value: number;
  /** Bounds of the 95 % interval; equal to `value` where there is one sample on each side. */
  low: number;
  high: number;
}

/** Middle value; the mean of the two middle ones for an even count; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Geometric mean of positive numbers; NaN for none. */
export function geomean(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  return Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);
}

/** Numbers in [0, 1): mulberry32. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/** A copy in random order. */
export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const out = [...values];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** median(a) / median(b) with its percentile bootstrap interval: both sides resampled, 2000 times. */
export function ratio(a: readonly number[], b: readonly number[]): Interval {
  const value = median(a) / median(b);
  if (a.length < 2 && b.length < 2) return { value, low: value, high: value };
  return { value, ...bounds((random) => median(resample(a, random)) / median(resample(b, random))) };
}

/** Geometric mean of several ratios, each resampled within itself (the set of programs is not a sample). */
export function geomeanRatio(pairs: readonly { a: readonly number[]; b: readonly number[] }[]): Interval {
  const value = geomean(pairs.map(({ a, b }) => median(a) / median(b)));
  return {
    value,
    ...bounds((random) => geomean(pairs.map(({ a, b }) => median(resample(a, random)) / median(resample(b, random))))),
  };
}

function resample(values: readonly number[], random: () => number): number[] {
  return values.map(() => values[Math.floor(random() * values.length)]!);
}

function bounds(draw: (random: () => number) => number): { low: number; high: number } {
  const random = generator(20260101);
  const draws = Array.from({ length: 2000 }, () => draw(random)).sort((a, b) => a - b);
  return { low: draws[49]!, high: draws[1949]! };
}
