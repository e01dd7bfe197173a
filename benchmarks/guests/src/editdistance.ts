// Edit distance (Levenshtein) by dynamic programming, two rows, of pairs of 1000-letter words; n pairs.

import { next, seed } from './lib/random';

const LENGTH: i32 = 1000;

function distance(a: StaticArray<u8>, b: StaticArray<u8>, row: StaticArray<i32>): i32 {
  for (let j = 0; j <= LENGTH; j++) row[j] = j;
  for (let i = 1; i <= LENGTH; i++) {
    let diagonal = row[0];
    row[0] = i;
    const letter = a[i - 1];
    for (let j = 1; j <= LENGTH; j++) {
      const above = unchecked(row[j]);
      const replaced = diagonal + <i32>(letter != unchecked(b[j - 1]));
      unchecked((row[j] = min(replaced, min(above, row[j - 1]) + 1)));
      diagonal = above;
    }
  }
  return row[LENGTH];
}

export function run(n: i32): i32 {
  heap.reset();
  const a = new StaticArray<u8>(LENGTH);
  const b = new StaticArray<u8>(LENGTH);
  const row = new StaticArray<i32>(LENGTH + 1);
  seed(11);
  let sum = 0;
  for (let pair = 0; pair < n; pair++) {
    for (let i = 0; i < LENGTH; i++) {
      a[i] = <u8>(next() & 7);
      b[i] = next() & 1 ? a[i] : <u8>(next() & 7);
    }
    sum = sum * 17 + distance(a, b, row);
  }
  return sum;
}
