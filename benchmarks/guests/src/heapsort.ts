// Heapsort of n * 1000 f64 keys in place; gives a position-weighted sum.

import { seed, uniform } from './lib/random';

function sift(a: StaticArray<f64>, start: i32, end: i32): void {
  let root = start;
  const value = unchecked(a[root]);
  for (;;) {
    let child = 2 * root + 1;
    if (child > end) break;
    if (child < end && unchecked(a[child] < a[child + 1])) child++;
    if (value >= unchecked(a[child])) break;
    unchecked((a[root] = a[child]));
    root = child;
  }
  unchecked((a[root] = value));
}

export function run(n: i32): f64 {
  heap.reset();
  const length = n * 1000;
  const a = new StaticArray<f64>(length);
  seed(31337);
  for (let i = 0; i < length; i++) a[i] = uniform();
  for (let i = (length >>> 1) - 1; i >= 0; i--) sift(a, i, length - 1);
  for (let end = length - 1; end > 0; end--) {
    const t = a[0];
    a[0] = a[end];
    a[end] = t;
    sift(a, 0, end - 1);
  }
  let sum = 0.0;
  for (let i = 0; i < length; i++) {
    if (i > 0 && a[i - 1] > a[i]) return -1.0;
    sum += a[i] * <f64>(i + 1);
  }
  return sum;
}
