/**
 * Which frame bytes an exit really has to write. A slot whose value is what the slot held at entry needs no store,
 * unless a call in the region may have written something else there.
 */
import type { Ins, Region, Snapshot } from '../ir/ir.ts';
import { isCall } from '../ir/ops.ts';

export interface SlotWrite {
  readonly off: number;
  readonly value: Ins;
}

export type SlotWrites = (snap: Snapshot) => readonly SlotWrite[];

function unchanged(s: SlotWrite): boolean {
  return s.value.op === 'slot.load' && s.value.imm.off === s.off;
}

/** Offsets of slots that some call of the region writes with another value than they had at entry. */
function dirtySlots(region: Region): Set<number> {
  const dirty = new Set<number>();
  for (const block of region.blocks) {
    for (const ins of block.body) {
      if (!isCall(ins) || !ins.snap) continue;
      for (const s of ins.snap.slots) {
        if (unchanged(s)) continue;
        dirty.add(s.off);
        if (s.value.type === 'v128') dirty.add(s.off + 8);
      }
    }
  }
  return dirty;
}

/** Lowest frame of a called function: what lies above belongs to callees from time to time. */
function firstCalledFrame(region: Region): number {
  let first = Number.POSITIVE_INFINITY;
  for (const b of region.blocks) {
    for (const ins of b.body) if (ins.op === 'frag.call' && ins.snap) first = Math.min(first, ins.snap.fp);
  }
  return first;
}

/** Gives, for each snapshot of the region, the slots that have to be written. */
export function slotWrites(region: Region): SlotWrites {
  const dirty = dirtySlots(region);
  const called = firstCalledFrame(region);
  const cache = new Map<Snapshot, readonly SlotWrite[]>();
  return (snap) => {
    let writes = cache.get(snap);
    if (!writes) {
      const clean = (s: SlotWrite): boolean =>
        unchanged(s) && s.off + 16 <= called && !dirty.has(s.off) && !(s.value.type === 'v128' && dirty.has(s.off + 8));
      writes = snap.slots.filter((s) => !clean(s));
      cache.set(snap, writes);
    }
    return writes;
  };
}
