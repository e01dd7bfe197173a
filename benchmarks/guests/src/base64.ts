// Base64 encoding and decoding of 48 KiB through alphabet tables, n rounds, the output of one the input of the next.

import { next, seed } from './lib/random';

const BYTES: i32 = 49152;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function encode(from: usize, to: usize, alphabet: usize): void {
  for (let i = 0; i < BYTES; i += 3) {
    const v = (<u32>load<u8>(from) << 16) | (<u32>load<u8>(from, 1) << 8) | load<u8>(from, 2);
    store<u8>(to, load<u8>(alphabet + (v >>> 18)));
    store<u8>(to, load<u8>(alphabet + ((v >>> 12) & 63)), 1);
    store<u8>(to, load<u8>(alphabet + ((v >>> 6) & 63)), 2);
    store<u8>(to, load<u8>(alphabet + (v & 63)), 3);
    from += 3;
    to += 4;
  }
}

/** False where a character is not of the alphabet. */
function decode(from: usize, to: usize, values: usize): bool {
  for (let i = 0; i < BYTES; i += 3) {
    const a = load<i8>(values + load<u8>(from));
    const b = load<i8>(values + load<u8>(from, 1));
    const c = load<i8>(values + load<u8>(from, 2));
    const d = load<i8>(values + load<u8>(from, 3));
    if ((a | b | c | d) < 0) return false;
    const v = (<u32>a << 18) | (<u32>b << 12) | (<u32>c << 6) | <u32>d;
    store<u8>(to, v >>> 16);
    store<u8>(to, v >>> 8, 1);
    store<u8>(to, v, 2);
    from += 4;
    to += 3;
  }
  return true;
}

export function run(n: i32): i32 {
  heap.reset();
  const data = heap.alloc(BYTES);
  const text = heap.alloc((BYTES / 3) * 4);
  const alphabet = heap.alloc(64);
  const values = heap.alloc(256);
  memory.fill(values, 0xff, 256);
  for (let i = 0; i < 64; i++) {
    const c = ALPHABET.charCodeAt(i);
    store<u8>(alphabet + i, c);
    store<u8>(values + c, i);
  }
  seed(64);
  for (let i = 0; i < BYTES; i += 4) store<u32>(data + i, next());
  let check = 0;
  for (let round = 0; round < n; round++) {
    encode(data, text, alphabet);
    if (!decode(text, data, values)) return -1;
    const at = <usize>round % BYTES;
    check = check * 31 + load<u8>(text + at);
    store<u8>(data + at, load<u8>(text + at));
  }
  return check;
}
