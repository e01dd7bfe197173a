// LU decomposition with partial pivoting of an n by n matrix, array accesses bounds-checked; gives log |determinant|.

import { seed, uniform } from './lib/random';

export function run(n: i32): f64 {
  heap.reset();
  const a = new StaticArray<f64>(n * n);
  seed(2024);
  for (let i = 0; i < n * n; i++) a[i] = uniform() - 0.5;
  let log = 0.0;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(a[i * n + k]) > Math.abs(a[best * n + k])) best = i;
    }
    if (best != k) {
      for (let j = 0; j < n; j++) {
        const t = a[k * n + j];
        a[k * n + j] = a[best * n + j];
        a[best * n + j] = t;
      }
    }
    const pivot = a[k * n + k];
    log += Math.log(Math.abs(pivot));
    for (let i = k + 1; i < n; i++) {
      const f = a[i * n + k] / pivot;
      a[i * n + k] = f;
      for (let j = k + 1; j < n; j++) a[i * n + j] -= f * a[k * n + j];
    }
  }
  return log;
}
