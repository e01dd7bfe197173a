// Every built guest gives its catalogued result natively, and the results of the well-known algorithms agree with an
// independent implementation: a catalogue filled from the guests alone could be wrong in the same way everywhere.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { build } from '../../benchmarks/guests/build.ts';
import { GUESTS, guest, type Size, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { installed } from '../../benchmarks/guests/clang/clang.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';

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
  mandelbrot(n) {
    let sum = 0;
    for (let p = 0; p < n * n; p++) {
      const [cr, ci] = [(2 * (p % n)) / n - 1.5, (2 * Math.floor(p / n)) / n - 1];
      let [zr, zi, k] = [0, 0, 0];
      for (; k < 100 && zr * zr + zi * zi <= 4; k++) [zr, zi] = [zr * zr - zi * zi + cr, 2 * zr * zi + ci];
      sum += k;
    }
    return sum;
  },
  spectralnorm(n) {
    const entry = (i: number, j: number) => 1 / (((i + j) * (i + j + 1)) / 2 + i + 1);
    const times = (v: number[], transposed: boolean) =>
      v.map((_, i) => v.reduce((sum, x, j) => sum + (transposed ? entry(j, i) : entry(i, j)) * x, 0));
    let u = Array.from({ length: n }, () => 1);
    let v = u;
    for (let k = 0; k < 10; k++) {
      v = times(times(u, false), true);
      u = times(times(v, false), true);
    }
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    return Math.sqrt(dot(u, v) / dot(v, v));
  },
  queens(n) {
    const place = (row: number, at: number[], side: number): number => {
      if (row === side) return 1;
      let count = 0;
      for (let c = 0; c < side; c++) {
        if (at.every((d, r) => d !== c && Math.abs(d - c) !== row - r)) count += place(row + 1, [...at, c], side);
      }
      return count;
    };
    let sum = 0;
    for (let side = 4; side <= n; side++) sum = Math.imul(sum, 7) + place(0, [], side);
    return sum ^ (2 * (n * 8) + 3);
  },
  editdistance(n) {
    const next = xorshift(11);
    let sum = 0;
    for (let pair = 0; pair < n; pair++) {
      const a: number[] = [];
      const b: number[] = [];
      for (let i = 0; i < 1000; i++) {
        a.push(next() & 7);
        b.push(next() & 1 ? a[i]! : next() & 7);
      }
      let row = Array.from({ length: 1001 }, (_, j) => j);
      for (let i = 1; i <= 1000; i++) {
        const above = row;
        row = [i];
        for (let j = 1; j <= 1000; j++) {
          row.push(Math.min(above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), above[j]! + 1, row[j - 1]! + 1));
        }
      }
      sum = (Math.imul(sum, 17) + row[1000]!) | 0;
    }
    return sum;
  },
  hashtable(n) {
    const map = new Map<number, number>();
    const next = xorshift(123456789);
    let check = 0;
    for (let i = 0; i < n * 1000; i++) {
      const r = next();
      const key = ((r >>> 8) % 40000) + 1;
      if ((r & 7) < 4) map.set(key, ((map.get(key) ?? 0) + i) | 0);
      else if ((r & 7) < 7) check = (Math.imul(check, 33) + (map.get(key) ?? 0)) | 0;
      else map.delete(key);
    }
    return check ^ map.size;
  },
  collatz(n) {
    let [best, at] = [0, 0];
    for (let start = 1; start < n * 1000; start++) {
      let steps = 0;
      for (let x = start; x !== 1; steps++) x = x % 2 ? 3 * x + 1 : x / 2;
      if (steps > best) [best, at] = [steps, start];
    }
    return at * 1000 + best;
  },
  base64(n) {
    const data = words(64, 49152);
    let check = 0;
    for (let round = 0; round < n; round++) {
      const text = Buffer.from(data.toString('base64'), 'latin1');
      check = (Math.imul(check, 31) + text[round]!) | 0;
      data[round] = text[round]!;
    }
    return check;
  },
  quicksort(n) {
    const next = xorshift(99);
    const sorted = Int32Array.from({ length: n * 1000 }, () => next()).sort();
    return sorted.subarray(1).reduce((sum, x) => ((sum << 5) | (sum >>> 27)) ^ x, 0);
  },
  // Two products of a matrix and a vector for each residue of the weights: (u A) (B v), all whole numbers.
  'c-matmul'(n) {
    const next = xorshift(2024);
    const cells = Array.from({ length: 2 * n * n }, () => next() & 15);
    const [a, b] = [0, 1].map((m) => (i: number, j: number) => cells[2 * (i * n + j) + m]!);
    const all = Array.from({ length: n }, (_, i) => i);
    let sum = 0;
    for (let r = 0; r < 7; r++) {
      for (let s = 0; s < 7; s++) {
        const [rows, columns] = [all.filter((i) => i % 7 === r), all.filter((j) => j % 7 === s)];
        const total = (list: number[], of: (x: number) => number) => list.reduce((t, x) => t + of(x), 0);
        sum += ((r + 2 * s) % 7) * total(all, (k) => total(rows, (i) => a!(i, k)) * total(columns, (j) => b!(k, j)));
      }
    }
    return sum;
  },
  // By the set of living cells.
  'c-life'(n) {
    const [width, height] = [96, 64];
    const next = xorshift(77);
    let alive = new Set(Array.from({ length: width * height }, (_, i) => i).filter(() => next() % 3 === 0));
    let check = 0;
    for (let i = 0; i < n; i++) {
      const counts = new Map<number, number>();
      for (const cell of alive) {
        const [x, y] = [cell % width, Math.floor(cell / width)];
        for (const d of [0, 1, 2, 3, 5, 6, 7, 8]) {
          const at = ((y + Math.floor(d / 3) + height - 1) % height) * width + ((x + (d % 3) + width - 1) % width);
          counts.set(at, (counts.get(at) ?? 0) + 1);
        }
      }
      const before = alive;
      alive = new Set([...counts].filter(([at, k]) => k === 3 || (k === 2 && before.has(at))).map(([at]) => at));
      check = (Math.imul(check, 31) + alive.size) | 0;
    }
    for (let i = 0; i < width * height; i++) check = (Math.imul(check, 3) + (alive.has(i) ? 1 : 0)) | 0;
    return check;
  },
  'c-md5'(n) {
    const hash = createHash('md5');
    for (let i = 0; i < n; i++) hash.update(words(5, 16384));
    return hash.digest().readInt32LE(0);
  },
  'c-qsort'(n) {
    const next = xorshift(31);
    const keys = Array.from({ length: n * 1000 }, () => (next() | 0) % 5000);
    const sorted = keys.map((key, value) => ({ key, value })).sort((a, b) => a.key - b.key);
    const hash = (xs: number[]) => xs.reduce((h, x) => (Math.imul(h, 31) + x) | 0, 0);
    return hash(sorted.map(({ key, value }) => key ^ value)) ^ hash(keys.map((key, value) => key ^ value));
  },
  // Bits of a row's steps at once (Crochemore et al. 2001): a zero bit is a step up.
  'c-lcs'(n) {
    const next = xorshift(17);
    let sum = 0;
    for (let pair = 0; pair < n; pair++) {
      const length = 600n;
      const where = Array.from({ length: 8 }, () => 0n);
      const b: number[] = [];
      for (let i = 0n; i < length; i++) {
        where[next() & 7]! |= 1n << i;
        b.push(next() & 7);
      }
      const ones = (1n << length) - 1n;
      const row = b.reduce((v, c) => {
        const u = v & where[c]!;
        return ((v + u) | (v - u)) & ones;
      }, ones);
      const steps = row.toString(2).padStart(Number(length), '0').split('0').length - 1;
      sum = (Math.imul(sum, 17) + steps) | 0;
    }
    return sum;
  },
  'c-words'(n) {
    const next = xorshift(404);
    let check = 0;
    for (let round = 0; round < n; round++) {
      let text = '';
      while (text.length < 16384 - 8) {
        const length = 1 + (next() % 5);
        text += String.fromCharCode(...Array.from({ length }, () => 97 + (next() % 6))) + ' '.repeat(1 + (length & 1));
      }
      const counts = new Map<string, number>();
      for (const word of text.split(/ +/).filter(Boolean)) counts.set(word, (counts.get(word) ?? 0) + 1);
      for (const [word, count] of counts) check = (Math.imul(check, 31) + count * word.length) | 0;
      check = (check + counts.size) | 0;
    }
    return check;
  },
};

describe('guests natively', () => {
  for (const row of GUESTS) {
    for (const build of row.builds) {
      it(`${row.name}.${build} gives its catalogued result`, () => {
        const module = new WebAssembly.Module(readFileSync(wasmPath(row, build)));
        const host = makeImports(row);
        const { exports } = new WebAssembly.Instance(module, host.imports);
        host.attach(exports);
        const run = exports.run as Run;
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

  it('are all in the catalogue, and built', () => {
    const files = GUESTS.flatMap((row) => row.builds.map((how) => basename(wasmPath(row, how)))).sort();
    expect(readdirSync(dirname(wasmPath(GUESTS[0]!, 'O3'))).sort()).to.deep.equal(files);
  });

  for (const [name, how] of [
    ['crc32', 'O0'],
    ['strings', 'O3'],
    ['collatz', 'wat'],
    ['c-lcs', 'O0'],
  ] as const) {
    it(`${name}.${how} is what its source builds`, async function () {
      // The C compiler has a package folder of its own, which is there where somebody changes these guests.
      if (name.startsWith('c-') && !installed()) this.skip();
      this.timeout(60_000);
      const row = guest(name);
      expect(Buffer.from(await build(row, how)).equals(readFileSync(wasmPath(row, how)))).to.equal(true);
    });
  }
});
