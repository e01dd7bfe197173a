// Motion search: the block of 4096 bytes whose sum of absolute differences to a pattern is least, among n * 16 places.

import { next, seed } from './lib/random';

const BLOCK: i32 = 4096;
const PLACES: i32 = 4096;

function difference(a: usize, b: usize): i32 {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += abs(<i32>load<u8>(a + i) - <i32>load<u8>(b + i));
  return sum;
}

export function run(n: i32): i32 {
  heap.reset();
  const picture = heap.alloc(BLOCK + PLACES);
  const pattern = heap.alloc(BLOCK);
  seed(99);
  for (let i = 0; i < BLOCK + PLACES; i += 4) store<u32>(picture + i, next());
  for (let i = 0; i < BLOCK; i += 4) store<u32>(pattern + i, next());
  let best = i32.MAX_VALUE;
  let where = 0;
  let total = 0;
  for (let k = 0; k < n * 16; k++) {
    const place = (k * 1237) % PLACES;
    const d = difference(picture + place, pattern);
    total += d;
    if (d < best) {
      best = d;
      where = place;
    }
  }
  return best + where + total;
}
