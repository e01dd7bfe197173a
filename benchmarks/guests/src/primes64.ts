// 64-bit integers: Miller-Rabin with seven bases over odd numbers near 2^40 (products by the double-and-add method),
// then a xorshift* stream; gives the count of primes mixed with the stream.

function mulmod(a: u64, b: u64, m: u64): u64 {
  let r: u64 = 0;
  while (b) {
    if (b & 1) {
      r += a;
      if (r >= m) r -= m;
    }
    a <<= 1;
    if (a >= m) a -= m;
    b >>= 1;
  }
  return r;
}

function powmod(base: u64, exponent: u64, m: u64): u64 {
  let r: u64 = 1;
  base %= m;
  while (exponent) {
    if (exponent & 1) r = mulmod(r, base, m);
    base = mulmod(base, base, m);
    exponent >>= 1;
  }
  return r;
}

function witness(a: u64, n: u64): bool {
  const shift = ctz<u64>(n - 1);
  let x = powmod(a, (n - 1) >> shift, n);
  if (x == 1 || x == n - 1) return false;
  for (let i: u64 = 1; i < shift; i++) {
    x = mulmod(x, x, n);
    if (x == n - 1) return false;
  }
  return true;
}

function isPrime(n: u64): bool {
  for (let p: u64 = 3; p < 40; p += 2) if (n % p == 0) return n == p;
  return !(witness(2, n) || witness(3, n) || witness(5, n) || witness(7, n) || witness(11, n) || witness(13, n) || witness(17, n));
}

export function run(n: i32): i64 {
  let count: i64 = 0;
  for (let i = 0; i < n; i++) if (isPrime((<u64>1 << 40) + 1 + (<u64>i << 1))) count++;
  let x: u64 = 88172645463325252;
  for (let i = 0; i < n * 100; i++) {
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    count += <i64>((x * 2685821657736338717) >> 60);
  }
  return count ^ <i64>x;
}
