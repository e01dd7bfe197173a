/**
 * How long regions with inner loops run until they leave at their head. The first length is a guess from what the
 * interpreter counted; a nest whose first trips are its longest (a sieve) would leave all the time for it. So each time
 * that so many strips have ended, their average length tells whether the strip becomes longer or shorter.
 */
import { STRIP } from '../cache/cache.ts';
import type { Fragment, FragmentExit } from '../cache/fragment.ts';
import { EXIT, FRAGMENT } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { tripsBegun } from '../profile/flow.ts';

/** Strips that are looked at together. */
const SAMPLE = 64;
/** A strip becomes longer or shorter by this factor. */
const FACTOR = 4;
/** Fewest iterations of the outermost loop. */
export const SHORTEST = 64;

const isEnd = ({ live, snap }: FragmentExit) => live && snap.reason === 'loop';

export class StripLengths {
  private readonly machine: Machine;
  /** Trips and ends of strips when a fragment was last looked at. */
  private readonly seen = new WeakMap<Fragment, { trips: number; ends: number }>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** The fragment's strips are looked at from now on, if it has inner loops. */
  watch(fragment: Fragment): void {
    if (!fragment.region || fragment.region.graph.loops < 2) return;
    for (const exit of fragment.exits) if (isEnd(exit)) this.arm(exit, SAMPLE);
  }

  /** The exit at the end of a strip has been taken so often that it is time to look. */
  revise(fragment: Fragment, exit: FragmentExit): void {
    const { memory } = this.machine;
    const count = ({ record }: FragmentExit) => memory.count(record + EXIT.count);
    const now = {
      trips: tripsBegun(this.machine, fragment),
      ends: fragment.exits.filter(isEnd).reduce((sum, e) => sum + count(e), 0),
    };
    const before = this.seen.get(fragment) ?? { trips: 0, ends: 0 };
    this.seen.set(fragment, now);
    const length = (now.trips - before.trips) / Math.max(1, now.ends - before.ends);
    const strip = memory.word(fragment.record + FRAGMENT.strip);
    let next = strip;
    if (length * FACTOR <= STRIP) next = Math.min(STRIP, strip * FACTOR);
    else if (length > STRIP * FACTOR) next = Math.max(SHORTEST, Math.floor(strip / FACTOR));
    if (next !== strip) memory.setWord(fragment.record + FRAGMENT.strip, next);
    // What fits is looked at ever more rarely.
    this.arm(exit, next === strip ? Math.max(SAMPLE, count(exit)) : SAMPLE);
  }

  private arm({ record }: FragmentExit, more: number): void {
    const { memory } = this.machine;
    memory.setLong(record + EXIT.trigger, BigInt(memory.count(record + EXIT.count) + more));
  }
}
