/**
 * Changepoints of a series of times: PELT (Killick, Fearnhead, Eckley 2012) with the cost of a normal distribution whose
 * mean and variance both may change, as Barrett et al. (OOPSLA 2017) use it to find where a virtual machine's behaviour
 * changes.
 *
 *     changepoints([9, 9.1, 8.9, 9, 5, 5.1, 4.9, 5])   // [4]: a segment begins at index 4
 */

/** Shortest segment: a variance needs two values. */
const SHORTEST = 2;

/**
 * What a changepoint has to be worth: 15 log n, the penalty of Barrett et al.; each adds two parameters and a position.
 */
export const penaltyFor = (n: number): number => 15 * Math.log(n);

/** Starts of all segments but the first, in rising order. */
export function changepoints(values: readonly number[], penalty = penaltyFor(values.length)): number[] {
  const n = values.length;
  if (n < 2 * SHORTEST) return [];
  const cost = costs(values);
  /** Least cost of the first t values, and where its last segment begins. */
  const best = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
  const from = new Int32Array(n + 1);
  best[0] = -penalty;
  /** Possible starts of the last segment, each with the length from which on it cannot win. */
  let candidates = [{ start: 0, dead: Number.POSITIVE_INFINITY }];
  for (let t = SHORTEST; t <= n; t++) {
    candidates = candidates.filter(({ dead }) => t < dead);
    for (const { start } of candidates) {
      const total = best[start]! + cost(start, t) + penalty;
      if (total < best[t]!) [best[t], from[t]] = [total, start];
    }
    for (const candidate of candidates) {
      // A start that costs more now without a penalty than another with one stays behind a segment that begins at t,
      // as soon as such a segment is long enough.
      const { start } = candidate;
      if (best[start]! + cost(start, t) > best[t]!) candidate.dead = Math.min(candidate.dead, t + SHORTEST);
    }
    const start = t - SHORTEST + 1;
    if (start >= SHORTEST) candidates.push({ start, dead: Number.POSITIVE_INFINITY });
  }
  const found: number[] = [];
  for (let t = from[n]!; t > 0; t = from[t]!) found.push(t);
  return found.reverse();
}

/** Twice the negative log likelihood of values[s..t), from prefix sums. */
function costs(values: readonly number[]): (s: number, t: number) => number {
  const middle = values.reduce((a, b) => a + b, 0) / values.length;
  // Clocks have a grain: below a ten-thousandth of the mean, differences mean nothing and would make costs infinite.
  // Added, not a lower bound: so two parts never cost more than their whole, which pruning relies on.
  const floor = (middle * 1e-4) ** 2 || Number.MIN_VALUE;
  const sum = new Float64Array(values.length + 1);
  const squares = new Float64Array(values.length + 1);
  values.forEach((x, i) => {
    // Centred, so that squares of nearly equal numbers do not lose their digits.
    sum[i + 1] = sum[i]! + (x - middle);
    squares[i + 1] = squares[i]! + (x - middle) ** 2;
  });
  return (s, t) => {
    const n = t - s;
    const total = sum[t]! - sum[s]!;
    const spread = (squares[t]! - squares[s]! - (total * total) / n) / n;
    return n * (Math.log(2 * Math.PI) + Math.log(Math.max(spread, 0) + floor) + 1);
  };
}
