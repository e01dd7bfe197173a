// LZ77 compression (hash chains of one, byte-oriented tokens) of 64 KiB of text-like data, then decompression and
// comparison; n rounds, each on other data. A token is either a literal run (0, length, bytes) or a match
// (length 3..255, distance low, distance high).

import { next, seed } from './lib/random';

const SIZE: i32 = 65536;
const HASH_BITS: i32 = 12;

/** Words of a small vocabulary in random order: compresses about four times. */
function generate(out: usize): void {
  let at = 0;
  while (at < SIZE) {
    let word = next() & 127;
    if (word > 90) word &= 15;
    const length = 3 + <i32>(word % 7);
    for (let k = 0; k < length && at < SIZE; k++) {
      store<u8>(out + at++, 97 + ((word * 7 + k * k * 3 + word * k) % 26));
    }
    if (at < SIZE) store<u8>(out + at++, 32);
  }
}

@inline
function hash(p: usize): u32 {
  return ((load<u32>(p) & 0xffffff) * 0x9e3779b1) >>> (32 - HASH_BITS);
}

function literals(input: usize, from: i32, to: i32, out: usize, at: i32): i32 {
  while (from < to) {
    const count = min(to - from, 255);
    store<u8>(out + at, 0);
    store<u8>(out + at + 1, count);
    memory.copy(out + at + 2, input + from, count);
    at += 2 + count;
    from += count;
  }
  return at;
}

function compress(input: usize, out: usize, heads: usize): i32 {
  memory.fill(heads, 0xff, 4 << HASH_BITS);
  let at = 0;
  let start = 0;
  let i = 0;
  while (i < SIZE - 4) {
    const slot = heads + (hash(input + i) << 2);
    const candidate = load<i32>(slot);
    store<i32>(slot, i);
    let length = 0;
    if (candidate >= 0 && i - candidate < 65536) {
      const limit = min(255, SIZE - i);
      while (length < limit && load<u8>(input + candidate + length) == load<u8>(input + i + length)) length++;
    }
    if (length >= 4) {
      at = literals(input, start, i, out, at);
      store<u8>(out + at, length);
      store<u16>(out + at + 1, i - candidate);
      at += 3;
      i += length;
      start = i;
    } else i++;
  }
  return literals(input, start, SIZE, out, at);
}

function decompress(input: usize, length: i32, out: usize): i32 {
  let at = 0;
  let i = 0;
  while (i < length) {
    const token = <i32>load<u8>(input + i);
    if (token == 0) {
      const count = <i32>load<u8>(input + i + 1);
      for (let k = 0; k < count; k++) store<u8>(out + at + k, load<u8>(input + i + 2 + k));
      at += count;
      i += 2 + count;
    } else {
      const distance = <i32>load<u16>(input + i + 1);
      // Byte by byte: a match may overlap what it produces.
      for (let k = 0; k < token; k++) store<u8>(out + at + k, load<u8>(out + at + k - distance));
      at += token;
      i += 3;
    }
  }
  return at;
}

export function run(n: i32): i32 {
  heap.reset();
  const data = heap.alloc(SIZE + 8);
  const packed = heap.alloc(SIZE * 2);
  const unpacked = heap.alloc(SIZE + 256);
  const heads = heap.alloc(4 << HASH_BITS);
  seed(1001);
  let check = 0;
  for (let round = 0; round < n; round++) {
    generate(data);
    const length = compress(data, packed, heads);
    if (decompress(packed, length, unpacked) != SIZE) return -1;
    if (memory.compare(data, unpacked, SIZE) != 0) return -2;
    check = check * 31 + length;
  }
  return check;
}
