/** Statistics of a run without the machine, in which the guest counted natively: the same functions and loops. */
import type { Counts } from '../instrument/counts.ts';
import type { Options } from '../options.ts';
import { shownName } from '../wasm/names.ts';
import { nativeStats } from './collect.ts';
import type { Stats } from './schema.ts';

/** `ms`: time since the module was opened. */
export function countedStats(bytes: Uint8Array, counts: Counts, options: Options, ms: number): Stats {
  const { module } = counts;
  const name = (func: number) => shownName(module, func);
  const functions = counts.functions();
  const total = functions.reduce((sum, f) => sum + f.instructions, 0);
  return {
    ...nativeStats(bytes, options, null, ms),
    instructions: { interpreter: 0, fragments: 0, total, coverage: 0 },
    functions: functions
      .map((f) => ({
        index: f.func,
        name: name(f.func),
        offset: module.code[f.func - module.importedFunctions]?.start ?? 0,
        entries: f.entries,
        instructions: f.instructions,
      }))
      .sort((a, b) => b.instructions - a.instructions || a.index - b.index),
    loops: functions
      .flatMap((f) => f.loops)
      .map((l) => ({ func: l.func, name: name(l.func), offset: l.offset, heads: l.heads }))
      .sort((a, b) => b.heads - a.heads || a.offset - b.offset),
    branches: functions
      .flatMap((f) => f.branches)
      .map((b) => ({ func: b.func, name: name(b.func), offset: b.offset, op: b.op, outcomes: [...b.outcomes] })),
  };
}
