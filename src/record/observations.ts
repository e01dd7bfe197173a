/**
 * Which locals hold the same value each time: what was seen of them at a loop head or function entry, now and then while
 * its counter rises and whenever the machine is asked about it. A local is called constant there when it had the same bits
 * in so many observations that come from different entries of the loop or function. Of one entry only the first observation
 * counts: within one trip of the loop around it, the index of that loop looks constant, too.
 *
 *     note(pc, 1, [[8, 'i32', 7n]]); note(pc, 1, [[8, 'i32', 7n]]); note(pc, 2, [[8, 'i32', 7n]])   two entries saw 7
 *
 * A local that was seen with two values, or whose guard has failed, varies for good. Nothing depends on that but speed:
 * code that assumes a value has a guard.
 */
import type { SlotBits } from '../ir/ir.ts';

interface Seen {
  readonly value: SlotBits;
  /** Entries of the loop in which it had these bits; -1: it varies. */
  entries: number;
}

interface Place {
  /** Number of the entry that was observed last. */
  entry: number;
  readonly locals: Map<number, Seen>;
}

export class Observations {
  private readonly places = new Map<number, Place>();
  private readonly least: number;

  /** `least`: entries in which a value has to be the same. */
  constructor(least: number) {
    this.least = least;
  }

  /**
   * Notes what locals hold at the head at `pc`. `entry`: a number that rises whenever the loop or function is entered
   * anew, and may rise more often.
   */
  note(pc: number, entry: number, values: () => readonly SlotBits[]): void {
    const place = this.places.get(pc);
    if (!place) {
      this.places.set(pc, { entry, locals: new Map(values().map((value) => [value.off, { value, entries: 1 }])) });
      return;
    }
    if (place.entry === entry) return;
    place.entry = entry;
    for (const { off, bits } of values()) {
      const seen = place.locals.get(off);
      if (!seen || seen.entries < 0) continue;
      seen.entries = seen.value.bits === bits ? seen.entries + 1 : -1;
    }
  }

  /** The locals that are constant at the head at `pc`, as far as is known. */
  constants(pc: number): SlotBits[] {
    const found: SlotBits[] = [];
    for (const { value, entries } of this.places.get(pc)?.locals.values() ?? [])
      if (entries >= this.least) found.push(value);
    return found;
  }

  /** The local at `off` was found to vary at the head at `pc`. */
  vary(pc: number, off: number): void {
    const seen = this.places.get(pc)?.locals.get(off);
    if (seen) seen.entries = -1;
  }
}
