// A 32-bit xorshift generator (Marsaglia 2003): the guests' only source of "random" input, so results never vary.

let state: u32 = 1;

/** Starts the sequence again; 0 is not a valid state and becomes 1. */
export function seed(value: u32): void {
  state = value ? value : 1;
}

/** The next of 2^32 - 1 numbers. */
export function next(): u32 {
  let x = state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  state = x;
  return x;
}

/** A number in [0, 1). */
export function uniform(): f64 {
  return <f64>next() / 4294967296.0;
}
