/** A compiled trace with its exits. */
import type { GuestLoc, SlotBits, Snapshot } from '../ir/ir.ts';
import type { RegionGraph } from '../region/graph.ts';

/** What is still asked of a snapshot once its exit is code. (The whole one would keep all IR of the fragment alive.) */
export type ExitPoint = Pick<Snapshot, 'reason' | 'pc' | 'fp' | 'ret' | 'loc'>;

export interface FragmentExit {
  /** Position in the fragment's list, equal to the snapshot's id. */
  readonly id: number;
  readonly snap: ExitPoint;
  /** Machine address of its record and index of its slot in the fragment table. */
  readonly record: number;
  readonly slot: number;
  /** The fragment to which it is linked. */
  link: Fragment | null;
  /** Count of the exit when it was linked, and how often it was taken through links that are gone. */
  linkedAt: number;
  viaLink: number;
  /** Guest instructions completed from the fragment's entry or last loop head. */
  readonly icount: number;
  /** Number of the step before which it leaves; -1: before the block is counted. */
  readonly step: number;
  /** It leaves when the step has been completed. */
  readonly behind: boolean;
  /** Addresses in progress in the frames that the fragment has entered, the entry frame's first. */
  readonly places: readonly number[];
  /** True where it lies inside the loop. */
  readonly inLoop: boolean;
  /** False where the emitted code cannot take it (removed by a pass). */
  readonly live: boolean;
}

export interface FragmentCode {
  guest: string;
  trace: string;
  ir: { pass: string; text: string; removed: number; rules: Record<string, number> }[];
  wat: string;
}

/** Blocks and counters of a region. */
export interface RegionCode {
  readonly graph: RegionGraph;
  /** By block id: number of its first step. */
  readonly first: ReadonlyMap<number, number>;
  /** Machine address of its counters, an i64 each. */
  readonly counters: number;
}

export interface Fragment {
  readonly id: number;
  readonly kind: 'root' | 'entry' | 'side';
  readonly name: string;
  readonly loc: GuestLoc;
  /** Address of the first instruction of its trace. */
  readonly pc: number;
  readonly parent: FragmentExit | null;
  readonly parentFragment: Fragment | null;
  readonly loops: boolean;
  /** What a region was made from; null for a linear trace. */
  readonly region: RegionCode | null;
  /** Addresses of the steps. */
  readonly pcs: readonly number[];
  /** Guest instructions that each step of the trace completes. */
  readonly stepIcounts: readonly number[];
  readonly slot: number;
  readonly record: number;
  readonly exits: FragmentExit[];
  /** What locals of the entry frame hold whenever it is entered; guards at the entry see to that. */
  readonly assumed: readonly SlotBits[];
  /** Guest instructions of one trip around the loop. */
  readonly loopIcount: number;
  readonly irBefore: number;
  readonly irAfter: number;
  readonly bytes: number;
  /** Bytes of exit stubs among them. */
  readonly stubBytes: number;
  compileMs: number;
  /** Guest places of instructions with which the host may trap, by byte offset in the module; empty where none may. */
  readonly traps: ReadonlyMap<number, GuestLoc>;
  live: boolean;
  code: FragmentCode | null;
  /** The emitted module, kept where code is. */
  emitted: Uint8Array | null;
}
