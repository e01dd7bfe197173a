/**
 * The figures of a guest since an earlier time: what was counted up to then is taken off. What exists (fragments and their
 * code, bytes in the cache) stays; the share of sampled time of a fragment is not known for a part of a run.
 */
import type { FragmentStats, Stats } from './schema.ts';

/** `now` less `then`, both of one guest. */
export function since(then: Stats, now: Stats): Stats {
  const interpreter = now.instructions.interpreter - then.instructions.interpreter;
  const fragments = now.instructions.fragments - then.instructions.fragments;
  const total = interpreter + fragments;
  return {
    ...now,
    time_ms: record(then.time_ms, now.time_ms),
    instructions: { interpreter, fragments, total, coverage: total > 0 ? fragments / total : 0 },
    traces: {
      recorded: now.traces.recorded - then.traces.recorded,
      compiled: now.traces.compiled - then.traces.compiled,
      aborted: counts(then.traces.aborted, now.traces.aborted),
    },
    fragments: paired(then.fragments, now.fragments, (f) => f.id, fragment),
    passes: paired(
      then.passes,
      now.passes,
      (p) => p.name,
      (a, b) => ({
        ...b,
        removed: b.removed - a.removed,
        added: b.added - a.added,
        ms: b.ms - a.ms,
        rules: counts(a.rules, b.rules),
      }),
    ),
    cache: {
      ...now.cache,
      flushes: now.cache.flushes - then.cache.flushes,
      evicted: now.cache.evicted - then.cache.evicted,
      links: now.cache.links - then.cache.links,
    },
    exits: {
      taken: now.exits.taken - then.exits.taken,
      forced: now.exits.forced - then.exits.forced,
      byReason: counts(then.exits.byReason, now.exits.byReason),
    },
    functions: paired(
      then.functions,
      now.functions,
      (f) => f.index,
      (a, b) => ({ ...b, entries: b.entries - a.entries, instructions: b.instructions - a.instructions }),
    ).sort((a, b) => b.instructions - a.instructions || a.index - b.index),
    loops: paired(
      then.loops,
      now.loops,
      (l) => `${l.func}+${l.offset}`,
      (a, b) => ({ ...b, heads: b.heads - a.heads }),
    ).sort((a, b) => b.heads - a.heads || a.offset - b.offset),
    aborts: paired(
      then.aborts,
      now.aborts,
      (a) => `${a.func}+${a.offset} ${a.reason}`,
      (a, b) => ({ ...b, count: b.count - a.count }),
    ).filter((a) => a.count > 0),
    timeline: now.timeline
      .filter((t) => t.t_ms > then.time_ms.total)
      .map((t) => ({
        ...t,
        t_ms: t.t_ms - then.time_ms.total,
        instructions: Math.max(0, t.instructions - then.instructions.total),
        fragmentInstructions: Math.max(0, t.fragmentInstructions - then.instructions.fragments),
      })),
  };
}

function fragment(a: FragmentStats, b: FragmentStats): FragmentStats {
  const before = new Map(a.exits.map((e) => [e.id, e.count]));
  return {
    ...b,
    entries: b.entries - a.entries,
    iterations: b.iterations - a.iterations,
    instructions: b.instructions - a.instructions,
    time: null,
    exits: b.exits.map((e) => ({ ...e, count: e.count - (before.get(e.id) ?? 0) })),
  };
}

/** Rows of `now`, those that existed less what they were. */
function paired<T>(then: readonly T[], now: readonly T[], key: (row: T) => unknown, less: (a: T, b: T) => T): T[] {
  const before = new Map(then.map((row) => [key(row), row]));
  return now.map((row) => {
    const earlier = before.get(key(row));
    return earlier ? less(earlier, row) : row;
  });
}

function record<T extends Record<string, number>>(then: T, now: T): T {
  return Object.fromEntries(Object.entries(now).map(([name, n]) => [name, n - (then[name] ?? 0)])) as T;
}

/** The same without what did not change. */
function counts(then: Record<string, number>, now: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(record(then, now)).filter(([, n]) => n !== 0));
}
