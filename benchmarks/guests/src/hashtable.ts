// An open-addressing hash table (linear probing, 65536 slots, deletion by back-shifting): n * 1000 mixed operations.

import { next, seed } from './lib/random';

const SLOTS: i32 = 65536;
const MASK: i32 = SLOTS - 1;

class Table {
  keys: StaticArray<u32> = new StaticArray<u32>(SLOTS);
  values: StaticArray<i32> = new StaticArray<i32>(SLOTS);
  size: i32 = 0;

  /** Slot of a key, or of the empty slot where it would go. Key 0 means empty. */
  find(key: u32): i32 {
    let slot = <i32>((key * 0x9e3779b1) >>> 16) & MASK;
    while (unchecked(this.keys[slot]) != 0 && unchecked(this.keys[slot]) != key) slot = (slot + 1) & MASK;
    return slot;
  }

  add(key: u32, value: i32): void {
    const slot = this.find(key);
    if (unchecked(this.keys[slot]) == 0) {
      unchecked((this.keys[slot] = key));
      unchecked((this.values[slot] = value));
      this.size++;
    } else unchecked((this.values[slot] += value));
  }

  get(key: u32): i32 {
    const slot = this.find(key);
    return unchecked(this.keys[slot]) == 0 ? 0 : unchecked(this.values[slot]);
  }

  remove(key: u32): void {
    let hole = this.find(key);
    if (unchecked(this.keys[hole]) == 0) return;
    this.size--;
    let slot = hole;
    for (;;) {
      slot = (slot + 1) & MASK;
      const k = unchecked(this.keys[slot]);
      if (k == 0) break;
      const home = <i32>((k * 0x9e3779b1) >>> 16) & MASK;
      if (((slot - home) & MASK) >= ((slot - hole) & MASK)) {
        unchecked((this.keys[hole] = k));
        unchecked((this.values[hole] = this.values[slot]));
        hole = slot;
      }
    }
    unchecked((this.keys[hole] = 0));
  }
}

export function run(n: i32): i32 {
  heap.reset();
  const table = new Table();
  seed(123456789);
  let check = 0;
  for (let i = 0; i < n * 1000; i++) {
    const r = next();
    const key = ((r >>> 8) % 40000) + 1;
    const what = r & 7;
    if (what < 4) table.add(key, i);
    else if (what < 7) check = check * 33 + table.get(key);
    else table.remove(key);
  }
  return check ^ table.size;
}
