// Vector triad c = a + s * b and axpy a = a + t * c over 4096 elements of f64, n rounds.

import { seed, uniform } from './lib/random';

const LENGTH: i32 = 4096;

function triad(c: usize, a: usize, b: usize, s: f64): void {
  for (let i = 0; i < LENGTH; i++) {
    store<f64>(c + (i << 3), load<f64>(a + (i << 3)) + s * load<f64>(b + (i << 3)));
  }
}

function axpy(a: usize, c: usize, t: f64): void {
  for (let i = 0; i < LENGTH; i++) {
    store<f64>(a + (i << 3), load<f64>(a + (i << 3)) + t * load<f64>(c + (i << 3)));
  }
}

export function run(n: i32): f64 {
  heap.reset();
  const a = heap.alloc(LENGTH * 8);
  const b = heap.alloc(LENGTH * 8);
  const c = heap.alloc(LENGTH * 8);
  seed(7);
  for (let i = 0; i < LENGTH; i++) {
    store<f64>(a + (i << 3), uniform());
    store<f64>(b + (i << 3), uniform());
  }
  for (let round = 0; round < n; round++) {
    triad(c, a, b, 0.75);
    axpy(a, c, -0.5);
  }
  let sum = 0.0;
  for (let i = 0; i < LENGTH; i++) sum += load<f64>(a + (i << 3)) + load<f64>(c + (i << 3));
  return sum;
}
