// Two pictures of 128 by 128 bytes: n rounds of blending one into the other by weights that change with the round.

import { next, seed } from './lib/random';

const PIXELS: i32 = 128 * 128;

function blend(to: usize, a: usize, b: usize, weight: u32): void {
  for (let i = 0; i < PIXELS; i++) {
    const x = <u32>load<u8>(a + i);
    const y = <u32>load<u8>(b + i);
    store<u8>(to + i, (x * weight + y * (256 - weight) + 128) >>> 8);
  }
}

export function run(n: i32): i32 {
  heap.reset();
  const a = heap.alloc(PIXELS);
  const b = heap.alloc(PIXELS);
  const c = heap.alloc(PIXELS);
  seed(31);
  for (let i = 0; i < PIXELS; i += 4) {
    store<u32>(a + i, next());
    store<u32>(b + i, next());
  }
  for (let round = 0; round < n; round++) {
    const weight = 40 + (round % 100);
    blend(c, a, b, weight);
    blend(b, c, a, weight + 60);
  }
  let hash = 0;
  for (let i = 0; i < PIXELS; i++) hash = hash * 31 + load<u8>(b + i);
  return hash;
}
