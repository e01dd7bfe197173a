/**
 * What campaigns measure: a row a metric, with its unit, its formula and where it comes from. A metric is null where its
 * measure was not asked for, or the configuration runs without the machine.
 */
import type { Interval } from '../stats/bootstrap.ts';
import { median } from '../stats/quantile.ts';
import type { Counts } from './counts.ts';
import { DERIVED_METRICS } from './derived-metrics.ts';
import { counted, inverse, type Metric, partTime, share, sum, timed } from './metric.ts';
import { type Cell, payback, type Row, steadyRatio, wallRatio } from './summary.ts';

type Fragment = Counts['fragments'][number];
const middle = (values: readonly number[]) => (values.length ? median(values) : null);

/** What whole processes are compared with: a composite baseline has none. */
const wholeBaseline = (row: Row, baseline: string): Cell | undefined =>
  row.cells[baseline]?.chosen ? row.cells.default : row.cells[baseline];

/** Fewest fragments that together execute this share of the guest's instructions; null where all do not. */
export function coverSet({ fragments, instructions }: Counts, part: number): number | null {
  let rest = instructions.total * part;
  const falling = fragments.map((f) => f.instructions).sort((a, b) => b - a);
  for (let i = 0; i < falling.length; i++) if ((rest -= falling[i]!) <= 0) return i + 1;
  return null;
}

const exits = (fragment: Fragment, which: (link: number | null) => boolean) =>
  sum(fragment.exits, (exit) => (which(exit.link) ? exit.count : 0));

/** Milliseconds of a component that only a sampler sees; null where there was none. */
const sampled = (time: Cell['time'], part: 'interpret' | 'fragments' | 'host') =>
  (time.interpret ?? 0) + (time.fragments ?? 0) + (time.host ?? 0) > 0 ? (time[part] ?? 0) : null;

/** Exits by which a pass ends where it should: of loops the end of a strip only, of others also their last exit or return. */
const ENDS = { loop: ['loop'], path: ['loop', 'end', 'return'] } as const;

/** Passes that come to the end of their fragment, over all that begin. */
function completion({ fragments }: Counts): number | null {
  let begun = 0;
  let left = 0;
  for (const f of fragments) {
    const ends: readonly string[] = f.loops ? ENDS.loop : ENDS.path;
    const passes = f.loops ? f.iterations : f.entries;
    begun += passes;
    // Conditions that were moved in front of a loop fail before a trip has begun.
    left += Math.min(
      passes,
      sum(f.exits, (exit) => (ends.includes(exit.reason) ? 0 : exit.count)),
    );
  }
  return share(begun - left, begun);
}

/** Classes of steady states as numbers, for tables that hold nothing else. */
const CLASSES = ['flat', 'warm-up', 'slowdown', 'no steady state', 'too short', 'inconsistent'];

// biome-ignore format: a row a metric
const OWN_METRICS: readonly Metric[] = [
  timed('steady', 'ms', 'time of an iteration in the steady state: mean behind the last changepoint, median over processes (Barrett et al. 2017)',
    ({ steady }) => steady?.ms ?? null),
  timed('speedup', 'times', 'steady time of the baseline over that of the configuration, 95 % bootstrap interval over processes',
    (cell, row, baseline) => inverse(steadyRatio(cell, row.cells[baseline]))),
  timed('whole', 'ms', 'wall-clock time of a process that makes one call, from its start to its end (median)', ({ wall }) => middle(wall)),
  timed('whole-speedup', 'times', 'whole-process time of the baseline (default Node where that is a choice of steady states) over that of the configuration, 95 % bootstrap interval',
    (cell, row, baseline) => inverse(wallRatio(cell, wholeBaseline(row, baseline)))),
  timed('open', 'ms', 'load, compile and instantiate, until the first call can be made (median)', ({ open }) => open),
  timed('first-call', 'ms', 'first call in a process (median)', ({ steady }) => steady && middle(steady.calls.map((c) => c[0]!))),
  timed('warm-up', 'iterations', 'iterations before the steady state (median over processes; Barrett et al. 2017)', ({ steady }) => steady && middle(steady.from)),
  timed('warm-up-time', 'ms', 'time of the iterations before the steady state (median over processes)',
    ({ steady }) => steady && middle(steady.calls.map((calls, i) => sum(calls.slice(0, steady.from[i]), (ms) => ms)))),
  timed('warm-up-class', 'class', `class of the course of iterations (Barrett et al. 2017): ${CLASSES.map((name, i) => `${i} ${name}`).join(', ')}`,
    ({ steady }) => (steady?.class ? CLASSES.indexOf(steady.class) : null)),
  timed('break-even', 'ms', 'time from which on the configuration has done as many iterations as the baseline; null: never', (cell, row, baseline) => payback(cell, wholeBaseline(row, baseline))?.time ?? null),
  timed('peak-memory', 'bytes', 'largest resident set of the process (median)', ({ rss }) => rss),
  partTime('overhead', 'share', 'recording, optimizing, compiling and translating over all time since the module was opened, one call',
    ({ time }) => share((time.record ?? 0) + (time.optimize ?? 0) + (time.compile ?? 0) + (time.translate ?? 0), time.total ?? 0)),
  partTime('record-time', 'ms', 'recording traces and forming regions, one call (median)', ({ time }) => time.record ?? null),
  partTime('optimize-time', 'ms', 'passes over fragments, one call (median)', ({ time }) => time.optimize ?? null),
  partTime('compile-time', 'ms', 'emitting fragments, and the host compiling them, one call (median)', ({ time }) => time.compile ?? null),
  partTime('translate-time', 'ms', 'translating functions into threaded code, one call (median)', ({ time }) => time.translate ?? null),
  partTime('interpret-time', 'ms', 'interpreting, by samples (with `+sample=true`), one call under `count`, else all calls (median)', ({ time }) => sampled(time, 'interpret')),
  partTime('fragments-time', 'ms', 'executing fragments, by samples', ({ time }) => sampled(time, 'fragments')),
  partTime('host-time', 'ms', 'in calls of the host, by samples', ({ time }) => sampled(time, 'host')),
  counted('instructions', 'instructions', 'guest instructions of the run: the same in every mode and policy', (c) => c.instructions.total),
  counted('coverage', 'share', 'dynamic coverage: guest instructions executed in fragments over all (Hiniker et al. 2005, hit rate)', (c) => c.instructions.coverage),
  counted('cover-90', 'fragments', '90 % cover set: fewest fragments that execute 90 % of all guest instructions (Bala et al. 2000)', (c) => coverSet(c, 0.9)),
  counted('cover-99', 'fragments', '99 % cover set', (c) => coverSet(c, 0.99)),
  counted('fragments', 'fragments', 'fragments compiled', (c) => c.fragments.length),
  counted('recorded', 'traces', 'traces recorded', (c) => c.traces.recorded),
  counted('aborts', 'recordings', 'recordings and fragments given up, all reasons', (c) => sum(Object.values(c.traces.aborted), (n) => n)),
  counted('static-size', 'instructions', 'guest instructions selected into fragments, copies counted each time (Hiniker et al. 2005)', (c) => sum(c.fragments, (f) => f.recorded)),
  counted('dynamic-size', 'instructions', 'guest instructions executed for each entry into a fragment', (c) => share(c.instructions.fragments, sum(c.fragments, (f) => f.entries))),
  counted('code-bytes', 'bytes', 'Wasm emitted for fragments', (c) => sum(c.fragments, (f) => f.bytes)),
  counted('code-expansion', 'share', 'bytes of fragments over bytes of the guest module', (c) => share(sum(c.fragments, (f) => f.bytes), c.module.bytes)),
  counted('stub-bytes', 'bytes', 'exit stubs: the part of emitted code that writes frames, memory and globals and leaves', (c) => sum(c.fragments, (f) => f.stubBytes)),
  counted('metadata-bytes', 'bytes', 'exit metadata: what is kept to write exact frames', (c) => sum(c.fragments, (f) => f.metadataBytes)),
  counted('spanned-cycles', 'share', 'spanned-cycle ratio: fragments that close a loop on themselves over all (Hiniker et al. 2005)', (c) => share(c.fragments.filter((f) => f.loops).length, c.fragments.length)),
  counted('spanned-execution', 'share', 'spanned-execution ratio: instructions in fragments that close a loop over those in all fragments (Hiniker et al. 2005)',
    (c) => share(sum(c.fragments.filter((f) => f.loops), (f) => f.instructions), c.instructions.fragments)),
  counted('completion', 'share', 'completion ratio: passes that come to the end of the fragment (back edge, last exit, return) over those begun: trips of fragments that close a loop, entries of others (the ends of traces in Hiniker et al. 2005)', completion),
  counted('side-fragments', 'fragments', 'fragments that begin at an exit of another one', (c) => c.fragments.filter((f) => f.kind === 'side').length),
  counted('side-entries', 'entries', 'entries into fragments that begin at an exit of another one', (c) => sum(c.fragments, (f) => (f.kind === 'side' ? f.entries : 0))),
  counted('transitions', 'exits', 'region transitions: exits that went to a linked fragment (Hiniker et al. 2005)', (c) => sum(c.fragments, (f) => exits(f, (link) => link !== null))),
  counted('exits', 'exits', 'exits that went to the interpreter', (c) => sum(c.fragments, (f) => exits(f, (link) => link === null))),
  counted('exit-rate', 'per million', 'exits to the interpreter for a million guest instructions', (c) => share(1e6 * sum(c.fragments, (f) => exits(f, (link) => link === null)), c.instructions.total)),
  counted('links', 'links', 'exits that are linked to a fragment at the end', (c) => c.cache.links),
  counted('flushes', 'flushes', 'times that the cache was emptied', (c) => c.cache.flushes),
  counted('evicted', 'fragments', 'fragments that the cache policy gave up one by one', (c) => c.cache.evicted),
  counted('counters', 'counters', 'hot counters in use: loop heads and exits that were reached', (c) => c.loops + sum(c.fragments, (f) => f.exits.filter((e) => e.count > 0).length)),
  counted('removed', 'share', 'IR instructions that optimization removed, over those that were lifted', (c) => {
    const before = sum(c.fragments, (f) => f.irBefore);
    return share(before - sum(c.fragments, (f) => f.irAfter), before);
  }),
];

/** All metrics; those that are rows of other catalogues come last. */
export const METRICS: readonly Metric[] = [...OWN_METRICS, ...DERIVED_METRICS];

export const METRIC_BY_NAME: ReadonlyMap<string, Metric> = new Map(METRICS.map((m) => [m.name, m]));

/** A metric as one number or an interval around it. */
export const asInterval = (x: number | Interval): Interval =>
  typeof x === 'number' ? { value: x, low: x, high: x } : x;
