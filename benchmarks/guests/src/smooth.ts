// Three-point smoothing of a line of 4096 elements of f32, n times there and back between two arrays.

import { seed, uniform } from './lib/random';

const LENGTH: i32 = 4096;

function smooth(to: usize, from: usize): void {
  for (let i = 1; i < LENGTH - 1; i++) {
    const at = from + (i << 2);
    const sum = load<f32>(at) * 0.5 + load<f32>(at - 4) * 0.25 + load<f32>(at + 4) * 0.25;
    store<f32>(to + (i << 2), sum);
  }
}

export function run(n: i32): f32 {
  heap.reset();
  const a = heap.alloc(LENGTH * 4);
  const b = heap.alloc(LENGTH * 4);
  seed(5);
  for (let i = 0; i < LENGTH; i++) {
    const x = <f32>uniform();
    store<f32>(a + (i << 2), x);
    store<f32>(b + (i << 2), x);
  }
  for (let round = 0; round < n; round++) {
    smooth(b, a);
    smooth(a, b);
  }
  let sum: f32 = 0;
  for (let i = 0; i < LENGTH; i++) sum += load<f32>(a + (i << 2));
  return sum;
}
