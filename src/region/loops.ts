/**
 * The loops of a guest function as spans of its threaded code, from the head to the last instruction that jumps back to
 * it or to a loop inside. Code keeps the order of the guest's, so spans nest like the loops do.
 */
import type { ArmSet } from '../machine/arm.ts';
import { META } from '../machine/code-buffer.ts';
import type { FuncCode } from '../machine/code-map.ts';

export interface LoopSpan {
  /** Address of the head. */
  readonly head: number;
  /** Address of the last instruction that jumps back, to this head or to that of a loop inside. */
  readonly last: number;
}

const known = new WeakMap<FuncCode, readonly LoopSpan[]>();

/** All loops that something jumps back to, in order of their heads: outer ones before those inside. */
export function loopsOf(code: FuncCode, words: Int32Array, arms: ArmSet): readonly LoopSpan[] {
  const found = known.get(code);
  if (found) return found;
  const last = new Map<number, number>();
  const back = (pc: number, target: number) => {
    if (target <= pc) last.set(target, pc);
  };
  for (let row = 0; row < code.meta.length; row += META.size) {
    const pc = code.base + 4 * (code.meta[row] as number);
    const word = (i: number) => words[(pc >> 2) + i] as number;
    const arm = arms.at(word(0));
    if (arm.target !== undefined) back(pc, word(arm.target));
    if (arm.kind === 'table') for (let i = 0; i <= word(2); i++) back(pc, word(3 + 4 * i));
  }
  const spans: LoopSpan[] = [];
  const heads = code.loops.map(({ word }) => code.base + 4 * word).filter((head) => last.has(head));
  // From the last head on, so that loops inside are known. They may go on behind the last jump to the outer head, as in
  // `while ((c = *p)) { while (c == ' ') c = *++p; if (c == '\0') break; ... continue; }`.
  for (const head of heads.sort((a, b) => b - a)) {
    let end = last.get(head) as number;
    for (const inner of spans) if (inner.head <= end) end = Math.max(end, inner.last);
    spans.unshift({ head, last: end });
  }
  known.set(code, spans);
  return spans;
}

/** Loops around the instruction at `pc`, the outermost first. */
export function loopsAround(spans: readonly LoopSpan[], pc: number): LoopSpan[] {
  return spans.filter((l) => l.head <= pc && pc <= l.last);
}
