/**
 * Trace selection policies: what a policy sees and decides. One file a policy in `policies/`, one line in the catalogue.
 */

/** The recording at a loop head or function entry. */
export interface RecordView {
  /** Address of the head. */
  readonly pc: number;
  readonly kind: 'head' | 'enter';
  /** True at the first instruction of the trace, in the same frame. */
  readonly atStart: boolean;
  /** True at the first instruction, in another frame (recursion). */
  readonly startElsewhere: boolean;
  /** A fragment is installed here. */
  readonly hasFragment: boolean;
  /** The trace began at an exit of another. */
  readonly side: boolean;
  /** Loops are merged into regions, so each head should come to be hot by itself. */
  readonly regions: boolean;
  /** Times this trace was here before. */
  readonly visits: number;
  /** For entries: frames of the same function already open in this trace. */
  readonly recursion: number;
}

export interface SelectionPolicy {
  readonly name: string;
  readonly doc: string;
  /** True: the trace ends here. */
  stopAt(view: RecordView): boolean;
}
