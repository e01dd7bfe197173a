/**
 * The least number for which something goes wrong, when less of it goes well. Nobody knows the largest one that makes
 * sense, so the search doubles its steps until the first bad one and halves from there: about 2 log2(n) questions.
 *
 *     firstBad(0, 1 << 20, (n) => n >= 37)   // 37
 */

/** `good` is known to be good; null when everything up to `most` is. */
export function firstBad(good: number, most: number, isBad: (n: number) => boolean): number | null {
  let low = good;
  let high = good;
  for (let step = 1; ; step *= 2) {
    high = Math.min(most, good + step);
    if (high <= low) return null;
    if (isBad(high)) break;
    low = high;
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (isBad(middle)) high = middle;
    else low = middle;
  }
  return high;
}
