/**
 * State of one fragment while it is written: what was decided about values and locals, and the emitter's own locals.
 * Every function of the emitter that writes code takes it first.
 */
import type { Block, Ins, Region } from '../ir/ir.ts';
import type { Links } from './links.ts';
import type { Locals } from './locals.ts';
import type { Label, Out } from './out.ts';
import type { Placement } from './place.ts';
import type { EmitEnv, EmitInput } from './types.ts';

/** Parameters of a fragment. The second one, the record of the exit it was entered by, is free for other use. */
export const PARAM = { fp: 0, exit: 1 } as const;
export const PARAMS = 2;

/** Counter of a loop that runs in strips. */
export interface Strip {
  /** i32: arrivals at the header until it leaves. */
  readonly left: number;
  /** i32: value of `left` at entry, lowered together with it; -1 when iterations are not counted. */
  readonly start: number;
}

/** How `guard.bounds` with one memory and one k compares; see bounds.ts. */
export type Limit =
  | { readonly kind: 'const'; readonly value: number }
  | { readonly kind: 'i32' | 'i64' | 'sum' | 'both'; readonly local: number };

export interface Frag {
  readonly input: EmitInput;
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
  /** By `mem:k`. */
  readonly limits: ReadonlyMap<string, Limit>;
  /** i64 local: guest instructions completed and not yet in CTL.icount; -1 without fuel. */
  readonly icount: number;
  /** Function that decides whether a guard fails on purpose; -1: none. */
  readonly force: number;
  /** Where all exits end when there are several: counts, and leaves by locals `exit` (record) and `slot`. */
  readonly tail: { readonly label: Label; readonly slot: number } | null;
  readonly traps: { offset: number; ins: Ins }[];
}
