// Product of two n by n matrices of f64, row by row (i, k, j order: the innermost loop runs along rows).

import { seed, uniform } from './lib/random';

export function run(n: i32): f64 {
  heap.reset();
  const bytes = n * n * 8;
  const a = heap.alloc(bytes);
  const b = heap.alloc(bytes);
  const c = heap.alloc(bytes);
  seed(42);
  for (let i = 0; i < n * n; i++) {
    store<f64>(a + (i << 3), uniform());
    store<f64>(b + (i << 3), uniform());
    store<f64>(c + (i << 3), 0);
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = load<f64>(a + ((i * n + k) << 3));
      const row = b + ((k * n) << 3);
      const out = c + ((i * n) << 3);
      for (let j = 0; j < n; j++) {
        const p = out + (j << 3);
        store<f64>(p, load<f64>(p) + x * load<f64>(row + (j << 3)));
      }
    }
  }
  let trace = 0.0;
  for (let i = 0; i < n; i++) trace += load<f64>(c + ((i * n + (n - 1 - i)) << 3));
  return trace;
}
