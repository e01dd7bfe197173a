// Every built guest gives its catalogued result natively, and the results of the well-known algorithms agree with an
// independent implementation: a catalogue filled from the guests alone could be wrong in the same way everywhere.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { GUESTS, guest, type Size, wasmPath } from '../../benchmarks/guests/catalogue.ts';

type Run = (n: number) => number | bigint;

function xorshift(seed: number): () => number {
  let x = seed >>> 0;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

/** The generated input of the byte-oriented guests: little-endian words of the generator. */
function words(seed: number, bytes: number): Buffer {
  const next = xorshift(seed);
  const out = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i += 4) out.writeUInt32LE(next(), i);
  return out;
}

const ORACLES: Record<string, (n: number) => number | bigint> = {
  crc32(n) {
    const data = words(2463534242, 65536);
    let crc = 0;
    for (let i = 0; i < n; i++) crc = crc32(data, crc);
    return crc | 0;
  },
  sha256(n) {
    const hash = createHash('sha256');
    for (let i = 0; i < n; i++) hash.update(words(7, 16384));
    return hash.digest().readInt32BE(0);
  },
  sieve(n) {
    const isPrime = (x: number) => {
      for (let d = 2; d * d <= x; d++) if (x % d === 0) return false;
      return true;
    };
    const primes = Array.from({ length: n * 1000 + 1 }, (_, i) => i).filter((x) => x > 1 && isPrime(x));
    return primes.length ^ (primes.at(-1)! << 8);
  },
  fib(n) {
    let [a, b] = [0, 1];
    for (let i = 0; i < n; i++) [a, b] = [b, a + b];
    return a;
  },
  quicksort(n) {
    const next = xorshift(99);
    const sorted = Int32Array.from({ length: n * 1000 }, () => next()).sort();
    return sorted.subarray(1).reduce((sum, x) => ((sum << 5) | (sum >>> 27)) ^ x, 0);
  },
};

describe('guests natively', () => {
  for (const row of GUESTS) {
    for (const build of row.builds) {
      it(`${row.name}.${build} gives its catalogued result`, () => {
        const module = new WebAssembly.Module(readFileSync(wasmPath(row, build)));
        const run = new WebAssembly.Instance(module).exports.run as Run;
        expect(String(run(row.sizes.small))).to.equal(row.expected.small);
        // A guest is called many times in one process when its steady state is measured.
        expect(String(run(row.sizes.small)), 'second call').to.equal(row.expected.small);
      });
    }
  }

  for (const [name, oracle] of Object.entries(ORACLES)) {
    it(`${name} agrees with an independent implementation`, () => {
      const row = guest(name);
      const sizes: Size[] = ['small'];
      for (const size of sizes) expect(row.expected[size]).to.equal(String(oracle(row.sizes[size])));
    });
  }
});
