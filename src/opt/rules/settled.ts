/**
 * Instructions at which the rules have nothing to do. They run up to three times over a region, and most of it stays as it
 * was in between: an instruction on which no rule fired needs no second look while everything below it is the same.
 */
import type { Ins, Region } from '../../ir/ir.ts';
import { effectOf } from '../../ir/ops.ts';

const known = new WeakMap<Region, Settled>();

export class Settled {
  /** By number of the instruction: what it was when the rules had run. */
  readonly #ops: (string | undefined)[];
  readonly #args: (readonly Ins[] | undefined)[];
  /** 1: the instruction and what it is computed from are as they were then. */
  readonly #same: Uint8Array;

  private constructor(size: number) {
    this.#ops = new Array(size);
    this.#args = new Array(size);
    this.#same = new Uint8Array(size);
  }

  /** What is known of the region; null before the rules have run for the first time. */
  static of(region: Region): Settled | null {
    return known.get(region) ?? null;
  }

  /** Remembers the region as it is now: no rule fires anywhere. */
  static remember(region: Region): void {
    const now = new Settled(region.nextId);
    for (const block of region.blocks) {
      for (const ins of block.body) {
        now.#ops[ins.id] = ins.op;
        if (!isLeaf(ins)) now.#args[ins.id] = ins.args.slice();
      }
    }
    known.set(region, now);
  }

  /** True where nothing has changed. To be asked of definitions before their uses. */
  has(ins: Ins): boolean {
    if (this.#ops[ins.id] !== ins.op) return false;
    const before = this.#args[ins.id];
    if (before) {
      const { args } = ins;
      if (args.length !== before.length) return false;
      for (let i = 0; i < args.length; i++) {
        const arg = args[i]!;
        if (arg !== before[i] || this.#same[arg.id] !== 1) return false;
      }
    }
    this.#same[ins.id] = 1;
    return true;
  }
}

/** Rules do not look beyond values that are not computed from operands alone. */
function isLeaf(ins: Ins): boolean {
  const effect = effectOf(ins);
  return ins.args.length === 0 || ins.op === 'phi' || (effect !== 'pure' && effect !== 'trap' && effect !== 'guard');
}
