// Sieve of Eratosthenes over n * 1000 numbers, one byte a number; gives the count of primes and the last prime, mixed.

export function run(n: i32): i32 {
  heap.reset();
  const limit = n * 1000;
  const flags = heap.alloc(limit + 1);
  memory.fill(flags, 1, limit + 1);
  let count = 0;
  let last = 0;
  for (let i = 2; i <= limit; i++) {
    if (load<u8>(flags + i)) {
      count++;
      last = i;
      for (let j = i + i; j <= limit; j += i) store<u8>(flags + j, 0);
    }
  }
  return count ^ (last << 8);
}
