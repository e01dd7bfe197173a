/** What a rewrite rule is. Most are two patterns; some need code. */
import type { Ins, IrType } from '../../ir/ir.ts';
import type { Range } from '../ranges.ts';

/** A rule of patterns: what matches `from` is replaced by `to`. Constants of `to` are computed by the folder. */
export interface PatternRule {
  /** Name in reports; unique. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** A constant expression that must not be 0. */
  readonly when?: string;
  /** A letter and a constant expression: the value has none of these bits set. */
  readonly zeros?: readonly [string, string];
  /** A letter that must not be a constant. */
  readonly unknown?: string;
  /** An expression on which it fires, where `from` alone is not one; for the tests. */
  readonly example?: string;
}

/** A rule that looks at an instruction itself. */
export interface CodeRule {
  readonly id: string;
  readonly doc: string;
  /** Operations that it looks at. */
  readonly ops: (op: string) => boolean;
  /** The value that replaces `ins`, or null; true: the instruction was changed in place. */
  apply(ins: Ins, make: Builder): Ins | true | null;
  /** Expressions on which it fires; none for rules about guards, which golden files test. */
  readonly examples: readonly string[];
}

/** How rules make new instructions: in front of the one that they replace. */
export interface Builder {
  op(name: string, type: IrType, args: Ins[]): Ins;
  constant(type: IrType, bits: bigint): Ins;
  range(value: Ins): Range;
}
