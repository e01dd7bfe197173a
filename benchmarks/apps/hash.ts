/**
 * The npm package hash-wasm as a guest: its modules (C, compiled with clang, embedded as base64) hash one buffer by nine
 * algorithms. Each algorithm is a module of its own, so this is also a test of many small modules in one process.
 *
 *     node benchmarks/apps/hash.ts [SCALE]           # natively; prints one line an algorithm
 */

import { fileURLToPath } from 'node:url';
import * as hashWasm from 'hash-wasm';
import { type Instantiate, nativeInstantiate, withInstantiate } from './instantiate.ts';

/** Files that this app's result depends on. */
export const files = [fileURLToPath(import.meta.resolve('hash-wasm'))];

const BYTES = 64 * 1024;

const MAKERS = {
  md5: (h) => h.createMD5(),
  sha1: (h) => h.createSHA1(),
  sha512: (h) => h.createSHA512(),
  sha3: (h) => h.createSHA3(256),
  blake2b: (h) => h.createBLAKE2b(256),
  blake3: (h) => h.createBLAKE3(),
  crc32: (h) => h.createCRC32(),
  xxhash64: (h) => h.createXXHash64(),
  whirlpool: (h) => h.createWhirlpool(),
} as const satisfies Record<string, (h: typeof hashWasm) => Promise<hashWasm.IHasher>>;

/** The buffer that is hashed. */
export function input(): Uint8Array {
  const data = new Uint8Array(BYTES);
  for (let i = 0, x = 1; i < BYTES; i++) {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    data[i] = x >>> 16;
  }
  return data;
}

/** All hashers, ready; `run` hashes `scale` times 64 KiB with each and gives the digests. */
export async function open(instantiate: Instantiate = nativeInstantiate): Promise<(scale: number) => string> {
  const hashers = await withInstantiate(instantiate, async () => {
    const made: [string, hashWasm.IHasher][] = [];
    for (const [name, make] of Object.entries(MAKERS)) made.push([name, await make(hashWasm)]);
    return made;
  });
  const data = input();
  return (scale) => {
    const lines = hashers.map(([name, hasher]) => {
      hasher.init();
      for (let i = 0; i < scale; i++) hasher.update(data);
      return `${name}: ${hasher.digest().slice(0, 32)}`;
    });
    return lines.join('\n');
  };
}

if (import.meta.main) {
  const run = await open();
  process.stdout.write(`${run(Number(process.argv[2] ?? 4))}\n`);
}
