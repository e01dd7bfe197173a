// Inner products of rows of 1024 16-bit and 32-bit integers, n rounds over 16 rows.

import { next, seed } from './lib/random';

const LENGTH: i32 = 1024;
const ROWS: i32 = 16;

function dot16(a: usize, b: usize): i32 {
  let sum = 0;
  for (let i = 0; i < LENGTH; i++) sum += <i32>load<i16>(a + (i << 1)) * <i32>load<i16>(b + (i << 1));
  return sum;
}

function dot32(a: usize, b: usize): i32 {
  let sum = 0;
  for (let i = 0; i < LENGTH; i++) sum += load<i32>(a + (i << 2)) * load<i32>(b + (i << 2));
  return sum;
}

export function run(n: i32): i32 {
  heap.reset();
  const words = heap.alloc(ROWS * LENGTH * 4);
  seed(11);
  for (let i = 0; i < ROWS * LENGTH; i++) store<i32>(words + (i << 2), next());
  let hash = 0;
  for (let round = 0; round < n; round++) {
    for (let r = 1; r < ROWS; r++) {
      const row = words + r * LENGTH * 4;
      hash = hash * 31 + dot16(row, words) + dot32(row, words);
    }
  }
  return hash;
}
