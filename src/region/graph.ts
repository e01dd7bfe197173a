/**
 * What a region is made from: basic blocks of threaded-code instructions with the frames that they run in, before any IR
 * exists. The blocks are the hot paths of a loop nest; every way that is not in the graph is an exit.
 */
import type { InlinedFrame } from '../ir/lift.ts';

/** The chain of calls that the region has inlined up to some instruction. */
export interface FrameContext {
  readonly parent: FrameContext | null;
  /** fp of the current frame, from the region's entry fp. */
  readonly delta: number;
  /** Frames entered so far, the outermost first. */
  readonly inlined: readonly InlinedFrame[];
  /** Functions of these frames, with that of the entry frame first. */
  readonly funcs: readonly number[];
  /** A tail call has put another function in the place of the one that had the frame. */
  readonly replaced?: true;
}

export interface GraphBlock {
  readonly id: number;
  readonly context: FrameContext;
  /** Address at which control is when the block begins. */
  readonly pc: number;
  /** Addresses of its instructions. */
  readonly steps: number[];
  /** Address of the multi-way branch, or indirect call of several, by which alone it is reached; 0 where that does not hold. */
  via: number;
  succs: GraphBlock[];
  preds: GraphBlock[];
  /** Where control leaves the region when there is no successor; `returns`: out of its frame instead. */
  end: number;
  returns: boolean;
  /** Some path leads from it back to it: the head of a loop. */
  header: boolean;
  /** How its executions are known: by a counter, or from its neighbours. */
  count: CountRule;
}

/** `counter`: number of its own; `succs`: sum over what follows plus its exits; `preds`: sum of what arrives. */
export type CountRule = { readonly kind: 'counter'; readonly index: number } | { readonly kind: 'succs' | 'preds' };

export interface RegionGraph {
  readonly root: GraphBlock;
  /** In reverse postorder, the root first. */
  readonly blocks: readonly GraphBlock[];
  /** Number of counters. */
  readonly counters: number;
  /** Instructions in all blocks. */
  readonly size: number;
  /** Calls that are not inlined. */
  readonly calls: number;
  /** Number of loops, that of the root included. */
  readonly loops: number;
}
