/**
 * Trace selection policies: which code is compiled, when, and as what. One file a policy in `policies/`, one line in the
 * catalogue. A policy makes a selector for each machine, and the machine asks it:
 *
 *     hot, hotExit   a counter of a loop head, function entry or exit has come to its trigger: is a trace to be recorded?
 *     stopAt         while recording, at each head: does the trace end here?
 *     recorded       what is made of the trace: a linear fragment, a region, or nothing yet
 *     at             with a history: at each head that the interpreter executes
 *
 * What can be made is in `record/build.ts`. Every policy is exact: it chooses what is compiled, never what is executed.
 */
import type { Fragment, FragmentExit } from '../cache/fragment.ts';
import type { Machine } from '../machine/machine.ts';
import type { NamedPolicy, Params } from '../policy-text.ts';
import type { AbortReason } from './aborts.ts';
import type { Recording } from './recorder.ts';

/** The recording at a loop head or function entry. */
export interface RecordView {
  /** Address of the head. */
  readonly pc: number;
  readonly kind: 'head' | 'enter';
  /** True at the first instruction of the trace, or at its anchor, in the same frame. */
  readonly atStart: boolean;
  /** True at the first instruction, in another frame (recursion). */
  readonly startElsewhere: boolean;
  /** A fragment is installed here. */
  readonly hasFragment: boolean;
  /** The trace began at an exit of another. */
  readonly side: boolean;
  /** In a frame that the trace has entered. */
  readonly inner: boolean;
  /** Times this trace was here before. */
  readonly visits: number;
  /** For entries: frames of the same function already open in this trace. */
  readonly recursion: number;
}

/** A head in a frame at which a trace that began elsewhere is complete. */
export interface Anchor {
  readonly pc: number;
  readonly fp: number;
}

export interface Selector {
  /**
   * The counter of the head at `pc` has come to its trigger. True: a trace is recorded from here. False: the selector has
   * set another trigger, or a fragment.
   */
  hot(pc: number, fp: number): boolean;
  /** The same for an exit; an anchor: recorded until control comes there. */
  hotExit(fragment: Fragment, exit: FragmentExit, fp: number): boolean | Anchor;
  /** True: the recording ends before this head. */
  stopAt(view: RecordView): boolean;
  /** A trace is complete. The reason where nothing came of it. */
  recorded(recording: Recording): AbortReason | null;
  /** At each head in the interpreter, where the policy wants a history. True: the head has got a fragment. */
  at?(pc: number, fp: number): boolean;
}

export interface SelectionPolicy extends NamedPolicy {
  /** Makes fragments of several paths; then each fragment ends where the frame does in which it began. */
  readonly regions: boolean;
  /** Every head is asked about when control comes there for the first time, whatever the thresholds are. */
  readonly eager?: boolean;
  /** The interpreter keeps a history of what it has executed. */
  readonly history?: boolean;
  create(machine: Machine, params: Params): Selector;
}
