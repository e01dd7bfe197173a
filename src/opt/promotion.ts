/**
 * Finds memory places that can live in values during a loop: at an address that does not change (a base from outside the
 * loop and a constant), inside the memory by a guard in front of the loop, and touched by nothing else in the loop.
 *
 * "Nothing else" is proved for accesses of the same base. An access through another base *may* touch the place: a pointer
 * into an array against the variables of an unoptimized guest's shadow stack. Accesses are therefore gathered into runs of
 * bytes above one base, and a slot conflicts with the runs of other bases; each pair needs one comparison while running.
 */
import type { Loop } from '../ir/dom.ts';
import type { Block, Ins, Region, Snapshot } from '../ir/ir.ts';
import { effectOf, isLoad, isStore } from '../ir/ops.ts';
import { mayAlias, type Place, placeOf, placeOfPending, samePlace, writesAnything } from './alias.ts';
import type { Bounds } from './bounds.ts';

/** One load or store of the loop. */
export interface Access {
  readonly ins: Ins;
  readonly place: Place;
  readonly store: boolean;
}

/** A place that may be promoted, with all accesses to it. */
export interface Slot {
  readonly place: Place;
  readonly accesses: Access[];
  readonly stored: boolean;
}

/** Neighbouring bytes above one base, from the first to the last access. */
export interface Run {
  readonly mem: number;
  readonly base: Ins | null;
  /** True where the base does not change in the loop; other runs are of one block. */
  readonly fixed: boolean;
  /** First byte above the base (signed), and length. */
  readonly low: bigint;
  readonly bytes: bigint;
  readonly stored: boolean;
  readonly accesses: readonly Access[];
  /** What can be promoted of it. */
  readonly slots: Slot[];
}

/** Accesses farther apart than this are in different runs. */
const WIDEST = 4096n;

export class PromotionPlan {
  readonly region: Region;
  readonly loop: Loop;
  readonly runs: Run[];
  readonly #accesses: Access[] = [];
  /** Stores that were sunk into exits of the loop. */
  readonly #sunk: Place[] = [];
  /** False where something in the loop may write anything. */
  readonly possible: boolean;

  constructor(region: Region, loop: Loop) {
    this.region = region;
    this.loop = loop;
    let possible = true;
    for (const b of loop.blocks) {
      for (const ins of b.body) {
        if (writesAnything(ins)) possible = false;
        for (const s of ins.snap?.stores ?? []) this.#sunk.push(placeOfPending(region, s));
        if (isLoad(ins) || isStore(ins)) this.#accesses.push({ ins, place: placeOf(region, ins), store: isStore(ins) });
      }
    }
    this.possible = possible;
    this.runs = possible ? this.#gather() : [];
  }

  outside(value: Ins | null): boolean {
    return value === null || !this.loop.blocks.has(value.block);
  }

  #gather(): Run[] {
    const byBase = new Map<string, Access[]>();
    for (const a of this.#accesses) {
      const { mem, at } = a.place;
      const key = `${mem} ${at.base?.id}${this.outside(at.base) ? '' : ` b${a.ins.block.id}`}`;
      byBase.set(key, [...(byBase.get(key) ?? []), a]);
    }
    return [...byBase.values()].flatMap((list) => this.#split(list));
  }

  #split(list: Access[]): Run[] {
    list.sort((a, b) => (from(a.place) < from(b.place) ? -1 : 1));
    const parts: Access[][] = [];
    for (const a of list) {
      const part = parts.at(-1);
      if (part && from(a.place) - from(part[0]!.place) < WIDEST) part.push(a);
      else parts.push([a]);
    }
    return parts.map((accesses) => {
      const { place } = accesses[0]!;
      const low = from(place);
      let high = low;
      for (const a of accesses) if (to(a.place) > high) high = to(a.place);
      const fixed = this.outside(place.at.base);
      const stored = accesses.some((a) => a.store);
      return { mem: place.mem, base: place.at.base, fixed, low, bytes: high - low, stored, accesses, slots: [] };
    });
  }

  /** Fills in the slots of each run. `fits` may refuse slots whose accesses cannot share a value. */
  findSlots(bounds: Bounds, fits: (slot: Slot) => boolean): void {
    for (const run of this.runs) {
      if (!run.fixed || this.region.facts.sharedMem[run.mem]) continue;
      const slots: Slot[] = [];
      for (const a of run.accesses) {
        const known = slots.find((s) => samePlace(s.place, a.place));
        if (known) known.accesses.push(a);
        else slots.push({ place: a.place, accesses: [a], stored: false });
      }
      for (const s of slots) {
        const slot = { ...s, stored: s.accesses.some((a) => a.store) };
        if (this.#alone(slot, run) && s.accesses.some((a) => covered(bounds, a)) && fits(slot)) run.slots.push(slot);
      }
    }
  }

  /** True when no access of the same base touches a part of the slot, and what was sunk is accounted for. */
  #alone(slot: Slot, run: Run): boolean {
    const others = this.#accesses.filter((a) => !samePlace(a.place, slot.place));
    if (others.some((a) => a.place.at.base === run.base && mayAlias(a.place, slot.place))) return false;
    return this.#sunk.every((p) => {
      if (samePlace(p, slot.place) || !mayAlias(p, slot.place)) return true;
      // A sunk store of another base is accounted for by the accesses of its own place in this loop.
      return p.at.base !== run.base && this.#accesses.some((a) => samePlace(a.place, p));
    });
  }

  /** Runs that may touch the slots of `run`. */
  conflicts(run: Run): Run[] {
    const stored = run.slots.some((s) => s.stored);
    return this.runs.filter((r) => r.mem === run.mem && r.base !== run.base && (stored || r.stored));
  }
}

/** Where a place begins, counted from its base: below it where the constant stands for a negative number. */
function from(place: Place): bigint {
  return place.at.base ? BigInt.asIntN(place.width, place.at.c) : place.at.c;
}

function to(place: Place): bigint {
  return from(place) + BigInt(place.bytes);
}

function covered(bounds: Bounds, a: Access): boolean {
  return bounds.covers(a.ins.args[0]!, a.place.mem, (a.ins.imm.off ?? 0) + a.place.bytes);
}

/**
 * The snapshot of the guard that stands nearest above `ins` with no effect in between: leaving with it there is right
 * for a check in front of `ins` too. Null where there is none.
 */
export function snapshotAbove(block: Block, ins: Ins): Snapshot | null {
  for (let i = block.body.indexOf(ins) - 1; i >= 0; i--) {
    const above = block.body[i]!;
    if (above.op.startsWith('guard.')) return above.snap!;
    switch (effectOf(above)) {
      case 'pure':
      case 'trap':
      case 'load':
      case 'size':
      case 'global.get':
      case 'limit':
        break;
      default:
        return null;
    }
  }
  return null;
}
