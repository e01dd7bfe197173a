/**
 * The figures of one run that are counts, and so must not differ between two runs that decide by counts: the statistics
 * without clocks, paths and code texts. What differs first in the course of the run is the cause of the rest.
 */
import type { FragmentStats, Stats } from '../profile/schema.ts';

export interface Counts {
  instructions: Stats['instructions'];
  traces: Stats['traces'];
  /** In order of time: what was installed, and how far the guest was. */
  events: { event: string; fragment?: number; instructions: number; fragmentInstructions: number }[];
  fragments: Omit<FragmentStats, 'time' | 'compile_ms' | 'code'>[];
  passes: { name: string; removed: number; added: number; rules: Record<string, number> }[];
  cache: Stats['cache'];
  exits: Stats['exits'];
  loops: number;
  functions: { index: number; entries: number; instructions: number }[];
  module: { bytes: number; functions: number };
}

export function countsOf(stats: Stats): Counts {
  return {
    instructions: stats.instructions,
    traces: stats.traces,
    events: stats.timeline.map(({ t_ms: _, ...event }) => event),
    fragments: stats.fragments.map(({ time: _, compile_ms: __, code: ___, ...fragment }) => fragment),
    passes: stats.passes.map(({ ms: _, ...pass }) => pass),
    cache: stats.cache,
    exits: stats.exits,
    loops: stats.loops.length,
    functions: stats.functions.map(({ index, entries, instructions }) => ({ index, entries, instructions })),
    module: { bytes: stats.module.bytes, functions: stats.module.functions },
  };
}

/** Where two runs first went apart: null when they are equal, else a sentence with both values. */
export function firstDifference(a: Counts, b: Counts): string | null {
  for (let i = 0; i < Math.max(a.events.length, b.events.length); i++) {
    const [x, y] = [a.events[i], b.events[i]];
    if (JSON.stringify(x) !== JSON.stringify(y))
      return `event ${i + 1} is ${event(x)} in one run, ${event(y)} in another`;
  }
  const found = difference(a, b, '');
  return found && `${found.path} is ${found.a} in one run, ${found.b} in another`;
}

const event = (e: Counts['events'][number] | undefined) =>
  e
    ? `'${e.event}'${e.fragment === undefined ? '' : ` of fragment ${e.fragment}`} after ${e.instructions} instructions`
    : 'none';

type Found = { path: string; a: string; b: string };

/** The first leaf, in the order of the fields, that differs. */
function difference(a: unknown, b: unknown, path: string): Found | null {
  if (Object.is(a, b)) return null;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return { path, a: JSON.stringify(a) ?? 'missing', b: JSON.stringify(b) ?? 'missing' };
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key as never], b[key as never], path ? `${path}.${key}` : key);
    if (found) return found;
  }
  return null;
}
