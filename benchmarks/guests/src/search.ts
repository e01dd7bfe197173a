// Text search in 256 KiB of text over four letters: the naive scan and Boyer-Moore-Horspool for n patterns each;
// gives the number of matches, which the two must agree on.

import { next, seed } from './lib/random';

const LENGTH: i32 = 262144;

function naive(text: usize, pattern: usize, m: i32): i32 {
  let count = 0;
  for (let i = 0; i <= LENGTH - m; i++) {
    let k = 0;
    while (k < m && load<u8>(text + i + k) == load<u8>(pattern + k)) k++;
    if (k == m) count++;
  }
  return count;
}

function horspool(text: usize, pattern: usize, m: i32, skip: usize): i32 {
  for (let c = 0; c < 256; c++) store<i32>(skip + (c << 2), m);
  for (let k = 0; k < m - 1; k++) store<i32>(skip + (<usize>load<u8>(pattern + k) << 2), m - 1 - k);
  let count = 0;
  let i = 0;
  while (i <= LENGTH - m) {
    let k = m - 1;
    while (k >= 0 && load<u8>(text + i + k) == load<u8>(pattern + k)) k--;
    if (k < 0) count++;
    i += load<i32>(skip + (<usize>load<u8>(text + i + m - 1) << 2));
  }
  return count;
}

export function run(n: i32): i32 {
  heap.reset();
  const text = heap.alloc(LENGTH);
  const pattern = heap.alloc(16);
  const skip = heap.alloc(256 * 4);
  seed(77);
  for (let i = 0; i < LENGTH; i++) store<u8>(text + i, 97 + (next() & 3));
  let total = 0;
  for (let p = 0; p < n; p++) {
    const m = 4 + (p % 8);
    const from = <usize>(next() % <u32>(LENGTH - m));
    memory.copy(pattern, text + from, m);
    const a = naive(text, pattern, m);
    const b = horspool(text, pattern, m, skip);
    if (a != b) return -1;
    total = total * 31 + a;
  }
  return total;
}
