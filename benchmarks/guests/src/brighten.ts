// A picture of 16384 bytes: n rounds of saturating addition and subtraction, and its darkest and brightest places.

import { next, seed } from './lib/random';

const PIXELS: i32 = 16384;

function brighten(to: usize, from: usize, by: i32): void {
  for (let i = 0; i < PIXELS; i++) {
    store<u8>(to + i, max(0, min(255, <i32>load<u8>(from + i) + by)));
  }
}

function spread(from: usize): i32 {
  let low = 255;
  let high = 0;
  for (let i = 0; i < PIXELS; i++) {
    const x = <i32>load<u8>(from + i);
    low = min(low, x);
    high = max(high, x);
  }
  return high - low;
}

export function run(n: i32): i32 {
  heap.reset();
  const a = heap.alloc(PIXELS);
  const b = heap.alloc(PIXELS);
  seed(17);
  for (let i = 0; i < PIXELS; i += 4) store<u32>(a + i, (next() & 0x3f3f3f3f) + 0x60606060);
  let total = 0;
  for (let round = 0; round < n; round++) {
    brighten(b, a, (round & 63) + 40);
    total += spread(b);
    brighten(b, b, -((round & 31) + 90));
    total += spread(b);
  }
  let hash = total;
  for (let i = 0; i < PIXELS; i++) hash = hash * 31 + load<u8>(b + i);
  return hash;
}
