/**
 * State of one fragment while it is written: what was decided about values and locals, and the emitter's own locals.
 * Every function of the emitter that writes code takes it first.
 */
import type { Block, Ins, Region } from '../ir/ir.ts';
import type { Induction } from './induction.ts';
import type { Links } from './links.ts';
import type { Locals } from './locals.ts';
import type { Label, Out } from './out.ts';
import type { Placement } from './place.ts';
import type { EmitEnv, EmitInput } from './types.ts';

/** Parameters of a fragment. The second one, the record of the exit it was entered by, is free for other use. */
export const PARAM = { fp: 0, exit: 1 } as const;
export const PARAMS = 2;

/** How a loop runs in strips; all members are i32 locals. */
export type Strip = CountedStrip | InductionStrip;

/** Counts down at each arrival at the header. */
export interface CountedStrip {
  readonly kind: 'counted';
  /** Block before an inner loop, where its strip begins; null: it begins at entry. */
  readonly before: Block | null;
  /** Arrivals until it leaves. */
  readonly left: number;
  /** Value of `left` at entry, lowered together with it. */
  readonly start: number;
}

/** Leaves when a phi reaches `stop`; see induction.ts. */
export interface InductionStrip {
  readonly kind: 'induction';
  readonly before: Block | null;
  readonly induction: Induction;
  /** Strip at entry. */
  readonly start: number;
  /** step * start until the loop is entered, then the phi's value at which it leaves. */
  readonly stop: number;
  /** Set by exits: what the phi would be at the next arrival; -1 where iterations are not counted. */
  readonly now: number;
}

/** How `guard.bounds` with one memory and one k compares; see bounds.ts. */
export type Limit =
  | { readonly kind: 'const'; readonly value: number }
  | { readonly kind: 'last' | 'count'; readonly local: number };

export interface Frag {
  readonly input: EmitInput;
  /** Its own function in the fragment module. */
  readonly self: number;
  readonly region: Region;
  readonly env: EmitEnv;
  readonly links: Links;
  readonly p: Placement;
  readonly locals: Locals;
  readonly out: Out;
  /** Local that holds fp - bias, so that offsets of frame slots are not negative. */
  readonly base: number;
  readonly bias: number;
  readonly strips: ReadonlyMap<Block, Strip>;
  /** By counter: an i64 local, or -1 where it is kept in memory. */
  readonly counters: readonly number[];
  /** By `mem:k`. */
  readonly limits: ReadonlyMap<string, Limit>;
  /** i64 local: guest instructions completed and not yet in CTL.icount; -1 without fuel. */
  readonly icount: number;
  /** Function that decides whether a guard fails on purpose; -1: none. */
  readonly force: number;
  /** Where all exits end when there are several: counts, and leaves by locals `exit` (record) and `slot`. */
  readonly tail: { readonly label: Label; readonly slot: number } | null;
  /** Where returns and calls that were not finished end: counts, and goes back to the caller with `pc` and `fp`. */
  readonly back: { readonly label: Label; readonly pc: number; readonly fp: number } | null;
  readonly traps: { offset: number; ins: Ins }[];
  /** Bytes of exit stubs so far. */
  stubBytes: number;
}
