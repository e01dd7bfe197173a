/** Hints from exact counts. */
import type { Counts, FunctionCounts } from '../instrument/counts.ts';
import type { CallEdge } from '../monitor/monitors/calls.ts';
import { opsAt } from '../monitor/ops.ts';
import { Writer } from '../wasm/writer.ts';
import type { CodeHint, FunctionHints, Hints } from './sections.ts';

export interface HintOptions {
  /** Share of executions (0.5 to 1) that went one way where a branch gets a hint. */
  readonly bias: number;
  /** Share of all instructions (0 to 1) that the functions together execute that are worth optimizing at once. */
  readonly share: number;
}

/** `calls` tells where indirect calls led. */
export function hintsOf(counts: Counts, calls: readonly CallEdge[], { bias, share }: HintOptions): Hints {
  const functions = counts.functions();
  const each = (hints: (f: FunctionCounts) => CodeHint[]): FunctionHints[] =>
    functions.map((f) => ({ func: f.func, hints: hints(f) })).filter((f) => f.hints.length > 0);
  const indirect = new Map<number, CallEdge[]>();
  for (const call of calls) {
    if (call.kind !== 'indirect' || call.callee < 0) continue;
    indirect.set(call.offset, [...(indirect.get(call.offset) ?? []), call]);
  }
  return {
    branches: each((f) => branchHints(f, bias)),
    frequencies: each((f) => frequencyHints(counts, f, indirect)),
    targets: each((f) => targetHints(counts, f, indirect)),
    hot: hottest(functions, share),
  };
}

function branchHints({ branches }: FunctionCounts, bias: number): CodeHint[] {
  return branches.flatMap(({ offset, op, outcomes }) => {
    const [taken = 0, other = 0] = outcomes;
    if ((op !== 'if' && op !== 'br_if') || taken + other === 0) return [];
    const likely = taken >= other;
    if (Math.max(taken, other) / (taken + other) < bias) return [];
    return [{ offset, data: new Uint8Array([likely ? 1 : 0]) }];
  });
}

const INDIRECT = new Set(['call_indirect', 'call_ref', 'return_call_indirect', 'return_call_ref']);

/** Executions for each entry, as a logarithm: 32 is once, 1 to 64 all there is. Indirect calls of unknown targets have none. */
function frequencyHints(counts: Counts, f: FunctionCounts, indirect: ReadonlyMap<number, CallEdge[]>): CodeHint[] {
  const ops = opsAt(counts.module, f.func);
  return f.offsets.flatMap((offset, i) => {
    const n = f.completed[i] as number;
    const name = ops.get(offset)?.name ?? '';
    const known = name === 'call' || name === 'return_call' || (INDIRECT.has(name) && indirect.has(offset));
    if (!known || n === 0 || f.entries === 0) return [];
    const frequency = Math.max(1, Math.min(64, Math.floor(Math.log2(n / f.entries)) + 32));
    return [{ offset, data: new Uint8Array([frequency]) }];
  });
}

/** Targets of an indirect call with their shares in per cent, greatest first. */
function targetHints(counts: Counts, f: FunctionCounts, indirect: ReadonlyMap<number, CallEdge[]>): CodeHint[] {
  const ops = opsAt(counts.module, f.func);
  return f.offsets.flatMap((offset) => {
    const edges = indirect.get(offset);
    if (!edges || !INDIRECT.has(ops.get(offset)?.name ?? '')) return [];
    const all = edges.reduce((sum, e) => sum + e.count, 0);
    const w = new Writer();
    for (const e of edges.toSorted((a, b) => b.count - a.count)) {
      const percent = Math.floor((100 * e.count) / all);
      if (percent > 0) w.u32(e.callee).u32(percent);
    }
    return w.length > 0 ? [{ offset, data: w.finish() }] : [];
  });
}

/** The fewest functions that execute that share of all instructions. */
function hottest(functions: readonly FunctionCounts[], share: number): number[] {
  const all = functions.reduce((sum, f) => sum + f.instructions, 0);
  const hot: number[] = [];
  let sum = 0;
  for (const f of functions.toSorted((a, b) => b.instructions - a.instructions || a.func - b.func)) {
    if (sum >= share * all) break;
    hot.push(f.func);
    sum += f.instructions;
  }
  return hot.sort((a, b) => a - b);
}
