/** Control labels of the translator, and the branches that still wait for their addresses. */
import type { CatchClause } from '../wasm/code.ts';
import type { ValType } from '../wasm/row.ts';

export interface Fixup {
  /** Words that take the target and the instruction count of this branch. */
  target: number;
  count: number;
  /** Guest instructions between the last counted place and the branch. */
  pending: number;
}

export interface Label {
  kind: 'func' | 'block' | 'loop' | 'if' | 'else' | 'try' | 'catch';
  /** Operands below the label's own. */
  height: number;
  params: readonly ValType[];
  results: readonly ValType[];
  /** Branches to the label's end. */
  fixups: Fixup[];
  /** Branch around the `then` arm of an if. */
  elseFixup: Fixup | null;
  /** Loops: word index of the head, and its count. */
  head: number;
  headCount: number;
  /** Guest byte offset of the instruction that began it. */
  offset: number;
  /** Handler whose protected code is open here; -1: none. */
  handler: number;
  /** Clauses of a `try_table`. */
  catches: readonly CatchClause[];
  /** `try`: branches from the landing pad to the catch blocks, in order. */
  caught: Fixup[];
  /** Catch block: frame offset of its exception. */
  exception: number;
}

/** Types that a branch to the label carries. */
export function labelTypes(label: Label): readonly ValType[] {
  return label.kind === 'loop' ? label.params : label.results;
}
