// Quicksort (median of three, insertion sort below 16) of n * 1000 words; gives a checksum of the sorted order.

import { next, seed } from './lib/random';

function insertion(a: StaticArray<i32>, low: i32, high: i32): void {
  for (let i = low + 1; i <= high; i++) {
    const x = unchecked(a[i]);
    let j = i - 1;
    while (j >= low && unchecked(a[j]) > x) {
      unchecked((a[j + 1] = a[j]));
      j--;
    }
    unchecked((a[j + 1] = x));
  }
}

function swap(a: StaticArray<i32>, i: i32, j: i32): void {
  const t = unchecked(a[i]);
  unchecked((a[i] = a[j]));
  unchecked((a[j] = t));
}

function sort(a: StaticArray<i32>, low: i32, high: i32): void {
  while (high - low > 16) {
    const middle = (low + high) >>> 1;
    if (unchecked(a[middle] < a[low])) swap(a, middle, low);
    if (unchecked(a[high] < a[low])) swap(a, high, low);
    if (unchecked(a[high] < a[middle])) swap(a, high, middle);
    const pivot = unchecked(a[middle]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (unchecked(a[i]) < pivot) i++;
      while (unchecked(a[j]) > pivot) j--;
      if (i <= j) swap(a, i++, j--);
    }
    // The shorter side by recursion, the longer by the loop: the depth stays logarithmic.
    if (j - low < high - i) {
      sort(a, low, j);
      low = i;
    } else {
      sort(a, i, high);
      high = j;
    }
  }
  insertion(a, low, high);
}

export function run(n: i32): i32 {
  heap.reset();
  const length = n * 1000;
  const a = new StaticArray<i32>(length);
  seed(99);
  for (let i = 0; i < length; i++) unchecked((a[i] = <i32>next()));
  sort(a, 0, length - 1);
  let sum = 0;
  for (let i = 1; i < length; i++) {
    if (unchecked(a[i - 1] > a[i])) return -1;
    sum = rotl<i32>(sum, 5) ^ unchecked(a[i]);
  }
  return sum;
}
