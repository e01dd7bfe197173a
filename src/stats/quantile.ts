/** Means, variances and quantiles of small samples. All give NaN for an empty one. */

const rising = (values: readonly number[]) => [...values].sort((a, b) => a - b);

/** Quantile `q` in 0..1 with linear interpolation between order statistics (R's type 7). */
export function quantile(values: readonly number[], q: number): number {
  const sorted = rising(values);
  if (sorted.length === 0) return Number.NaN;
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const a = sorted[low]!;
  const b = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return a + (b - a) * (at - low);
}

/** Middle value; the mean of the two middle ones for an even count. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function mean(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** Unbiased variance; NaN for fewer than two values. */
export function variance(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const m = mean(values);
  return values.reduce((sum, x) => sum + (x - m) ** 2, 0) / (values.length - 1);
}

/** Geometric mean of positive numbers. */
export function geomean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)));
}
