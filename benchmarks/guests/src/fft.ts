// Fast Fourier transform, radix 2 in place, 1024 complex points: forward and back n times; gives what rounding left.

import { seed, uniform } from './lib/random';

const N: i32 = 1024;
const PI2: f64 = 2.0 * Math.PI;

function transform(re: StaticArray<f64>, im: StaticArray<f64>, cos: StaticArray<f64>, sin: StaticArray<f64>, sign: f64): void {
  for (let i = 1, j = 0; i < N; i++) {
    let bit = N >> 1;
    while (j & bit) {
      j ^= bit;
      bit >>= 1;
    }
    j ^= bit;
    if (i < j) {
      const a = unchecked(re[i]);
      unchecked((re[i] = re[j]));
      unchecked((re[j] = a));
      const b = unchecked(im[i]);
      unchecked((im[i] = im[j]));
      unchecked((im[j] = b));
    }
  }
  for (let length = 2; length <= N; length <<= 1) {
    const half = length >> 1;
    const stride = N / length;
    for (let start = 0; start < N; start += length) {
      for (let k = 0; k < half; k++) {
        const wr = unchecked(cos[k * stride]);
        const wi = sign * unchecked(sin[k * stride]);
        const p = start + k;
        const q = p + half;
        const tr = unchecked(re[q] * wr - im[q] * wi);
        const ti = unchecked(re[q] * wi + im[q] * wr);
        unchecked((re[q] = re[p] - tr));
        unchecked((im[q] = im[p] - ti));
        unchecked((re[p] += tr));
        unchecked((im[p] += ti));
      }
    }
  }
}

export function run(n: i32): f64 {
  heap.reset();
  const re = new StaticArray<f64>(N);
  const im = new StaticArray<f64>(N);
  const cos = new StaticArray<f64>(N / 2);
  const sin = new StaticArray<f64>(N / 2);
  for (let i = 0; i < N / 2; i++) {
    cos[i] = Math.cos((PI2 * <f64>i) / <f64>N);
    sin[i] = Math.sin((PI2 * <f64>i) / <f64>N);
  }
  seed(8);
  for (let i = 0; i < N; i++) re[i] = uniform();
  for (let round = 0; round < n; round++) {
    transform(re, im, cos, sin, -1.0);
    transform(re, im, cos, sin, 1.0);
    for (let i = 0; i < N; i++) {
      unchecked((re[i] /= <f64>N));
      unchecked((im[i] /= <f64>N));
    }
  }
  let sum = 0.0;
  for (let i = 0; i < N; i++) sum += re[i] * <f64>(i + 1) + im[i];
  return sum;
}
