/**
 * From raw results to figures: a row a workload, in it a cell a configuration. Steady state is the mean of the part of a
 * process that changepoints find steady; the samples of a ratio are those means, one a process.
 */
import { hierarchicalRatio, type Interval, ratio } from '../stats/bootstrap.ts';
import { type BreakEven, breakEven, type Course } from '../stats/breakeven.ts';
import { meanRatio } from '../stats/kalibera.ts';
import { median } from '../stats/quantile.ts';
import { classify, type SteadyClass, together } from '../stats/steady.ts';
import { configOf, isBest } from './config.ts';
import { type Counts, firstDifference } from './counts.ts';
import type { Measure, Result, Sample } from './job.ts';
import { quietCalls } from './look.ts';
import type { Workload } from './workload.ts';

export interface Steady {
  /** Median over processes, milliseconds. */
  ms: number;
  /** Steady time of each process, and its iterations but those that were made while the machine was slow. */
  times: number[];
  calls: number[][];
  /** Iterations that were made while the machine was slow, of all processes. */
  slow: number;
  /** First steady iteration of each process. */
  from: number[];
  class: SteadyClass | 'inconsistent' | null;
  iterate: 'again' | 'fresh';
}

export interface Cell {
  /** The configuration that a composite one chose here. */
  chosen?: string;
  steady: Steady | null;
  /** Whole process, milliseconds: one a process. */
  wall: number[];
  /** How slow the machine was around each timed process, over its usual best; empty where that was not looked at. */
  paces: number[];
  /** Load, compile, instantiate of the steady-state processes, milliseconds (median). */
  open: number | null;
  /** Peak resident memory of whole processes, else of steady-state ones, bytes (median). */
  rss: number | null;
  /** Guest instructions of one steady call, and the share of fragments in it. */
  instructions: number | null;
  coverage: number | null;
  /** Milliseconds of the machine by component (median): in long whole processes, else counting ones, else steady ones. */
  time: Record<string, number>;
  counts: Counts | null;
  /** Executed instructions by kind, where they were counted natively. */
  mix: Record<string, number> | null;
}

export interface Row {
  id: string;
  suite: string;
  tags: readonly string[];
  /** SHA-256 of the guest. */
  sha256: string;
  cells: Record<string, Cell>;
  /** What configurations or repetitions do not agree about; must be empty. */
  disagreements: string[];
  /** One sentence a failed job, without repetitions. */
  errors: string[];
}

type Named = Pick<Workload, 'id' | 'suite' | 'tags'>;

export function summarize(
  workload: Named,
  sha256: string,
  results: readonly Result[],
  configs: readonly string[],
): Row {
  const mine = results.filter((r) => r.workload === workload.id);
  const cells: Row['cells'] = {};
  for (const config of [...new Set(mine.map((r) => r.config))])
    cells[config] = cellOf(mine.filter((r) => r.config === config));
  for (const name of configs) {
    const config = configOf(name);
    if (!isBest(config)) continue;
    const best = bestOf(config.best, cells);
    // Chosen by the steady state, so it says nothing about whole processes.
    if (best) cells[name] = { ...cells[best]!, chosen: best, wall: [] };
  }
  return {
    id: workload.id,
    suite: workload.suite,
    tags: workload.tags,
    sha256,
    cells,
    disagreements: disagreements(mine),
    errors: [...new Set(mine.flatMap((r) => (r.error ? [`${r.config}, ${r.measure}: ${r.error}`] : [])))],
  };
}

function cellOf(results: readonly Result[]): Cell {
  const samples = (measure: Measure) => results.flatMap((r) => (r.measure === measure && r.sample ? [r.sample] : []));
  const steady = samples('steady');
  const first = samples('first');
  const middle = (of: readonly Sample[], pick: (s: Sample) => number | undefined) => {
    const values = of.map(pick).filter((x) => x !== undefined);
    return values.length ? median(values) : null;
  };
  const count = samples('count');
  const long = first.filter((s) => s.time);
  const timed = [long, count, steady].find((list) => list.length) ?? [];
  const parts = Object.keys(timed[0]?.time ?? {});
  return {
    steady: steady.length ? steadyOf(steady) : null,
    wall: results.flatMap((r) => (r.measure === 'first' && r.sample ? [r.wall] : [])),
    paces: results.flatMap((r) => (r.pace === undefined ? [] : [r.pace])),
    open: middle(steady, (s) => s.open),
    rss: middle(first.length ? first : steady, (s) => s.rss),
    instructions: middle(steady, (s) => s.instructions),
    coverage: middle(steady, (s) => s.lastCoverage) ?? count[0]?.counts?.instructions.coverage ?? null,
    time: Object.fromEntries(parts.map((part) => [part, middle(timed, (s) => s.time?.[part]) ?? 0])),
    counts: count[0]?.counts ?? null,
    mix: count[0]?.mix ?? null,
  };
}

function steadyOf(samples: readonly Sample[]): Steady {
  const calls = samples.map(quietCalls);
  const states = calls.map(classify);
  const times = states.map((s) => s.time);
  return {
    ms: median(times),
    times,
    calls,
    slow: samples.reduce((sum, s) => sum + s.calls.length, 0) - calls.reduce((sum, quiet) => sum + quiet.length, 0),
    from: states.map((s) => s.from),
    class: together(states.map((s) => s.class)),
    iterate: samples[0]!.iterate,
  };
}

/** The one of them with the shortest steady state. */
function bestOf(names: readonly string[], cells: Row['cells']): string | undefined {
  const there = names.filter((name) => cells[name]?.steady);
  return there.sort((a, b) => cells[a]!.steady!.ms - cells[b]!.steady!.ms)[0];
}

/** Results, outputs and memories compared over configurations and repetitions; counts over repetitions. */
function disagreements(results: readonly Result[]): string[] {
  const found = new Set<string>();
  for (const measure of ['first', 'steady', 'count'] as const) {
    const there = results.filter((r) => r.measure === measure && r.sample);
    const [one] = there;
    for (const other of there) {
      const [a, b] = [one!.sample!, other.sample!];
      const differ = (what: string, x: unknown, y: unknown) =>
        x !== y && found.add(`${measure}: ${what} is ${x} under ${one!.config}, ${y} under ${other.config}`);
      differ('the result', a.outcome.result, b.outcome.result);
      differ('the output', a.outcome.output, b.outcome.output);
      // Memory after the first call is the program's own; instances that are set back have the same one.
      if (a.memory !== null && b.memory !== null) differ('the memory', a.memory, b.memory);
    }
  }
  const counted = results.filter((r) => r.sample?.counts);
  for (const other of counted) {
    // Decisions differ between configurations; what the guest executes does not.
    const totals = [counted[0]!, other].map((r) => r.sample!.counts!.instructions.total);
    if (totals[0] !== totals[1])
      found.add(`instructions: ${totals[0]} under ${counted[0]!.config}, ${totals[1]} under ${other.config}`);
    const one = counted.find((r) => r.config === other.config)!;
    const difference = one === other ? null : firstDifference(one.sample!.counts!, other.sample!.counts!);
    if (difference)
      found.add(`${other.config}: counts of repetitions ${one.rep} and ${other.rep} differ: ${difference}`);
  }
  for (const text of monitorsDiffer(results, counted[0])) found.add(text);
  return [...found];
}

/** What monitors saw in one repetition and not in another, or otherwise than the machine. */
function monitorsDiffer(results: readonly Result[], counted: Result | undefined): string[] {
  const found: string[] = [];
  const watched = results.filter((r) => r.sample?.monitors);
  for (const other of watched) {
    const one = watched.find((r) => r.config === other.config)!;
    for (const [name, digest] of Object.entries(one.sample!.monitors!))
      if (other.sample!.monitors![name] !== digest)
        found.push(`${other.config}: monitor ${name} saw another run in repetition ${other.rep} than in ${one.rep}`);
    // In loops that a trap ends, counters are not written.
    if (!counted || other.sample!.outcome.result.startsWith('trap')) continue;
    const { total } = counted.sample!.counts!.instructions;
    const all = Object.values(other.sample!.mix!).reduce((sum, n) => sum + n, 0);
    if (all !== total) found.push(`instructions: ${all} under ${other.config}, ${total} under ${counted.config}`);
  }
  return found;
}

/** Iterations of a process that an interval within it is made from. */
const SOME = 25;

type Compare = (a: Cell, b: Cell) => Interval | null;

/** Tables, files and charts ask for the same ratios, and a bootstrap takes milliseconds. */
function remembered(compare: Compare): (a: Cell | undefined, b: Cell | undefined) => Interval | null {
  const known = new WeakMap<Cell, WeakMap<Cell, Interval | null>>();
  return (a, b) => {
    if (!a || !b) return null;
    const of = known.get(a) ?? new WeakMap<Cell, Interval | null>();
    known.set(a, of);
    if (!of.has(b)) of.set(b, compare(a, b));
    return of.get(b)!;
  };
}

/** Steady time of `a` over that of `b`. Processes are the samples; with one a side, the iterations within are. */
export const steadyRatio = remembered(({ steady: a }, { steady: b }) => {
  if (!a || !b) return null;
  if (a.times.length > 1 || b.times.length > 1) return ratio(a.times, b.times);
  return hierarchicalRatio(steadyCalls(a, SOME), steadyCalls(b, SOME));
});

/** Whole-process time of `a` over that of `b`. */
export const wallRatio = remembered((a, b) => (a.wall.length && b.wall.length ? ratio(a.wall, b.wall) : null));

/** The same as a ratio of means with Fieller's interval over processes; null where there are too few. */
export function steadyMeanRatio(a: Cell | undefined, b: Cell | undefined): Interval | null {
  return a?.steady && b?.steady ? meanRatio(steadyCalls(a.steady), steadyCalls(b.steady)) : null;
}

/** The steady iterations of each process, at most `most` of them, evenly spaced. */
export function steadyCalls({ calls, from }: Steady, most = Number.POSITIVE_INFINITY): number[][] {
  return calls.map((process, i) => {
    const part = process.slice(from[i]);
    const step = Math.max(1, part.length / most);
    return Array.from({ length: Math.min(most, part.length) }, (_, k) => part[Math.floor(k * step)]!);
  });
}

/** When `a` has paid against `b`; null where it never does, undefined where that was not measured. */
export function payback(a: Cell | undefined, b: Cell | undefined): BreakEven | null | undefined {
  const [x, y] = [a && course(a), b && course(b)];
  return x && y ? breakEven(x, y) : undefined;
}

/** The median process, iteration by iteration. */
function course({ steady, open }: Cell): Course | undefined {
  if (!steady || open === null) return undefined;
  const length = Math.min(...steady.calls.map((c) => c.length));
  const times = Array.from({ length }, (_, i) => median(steady.calls.map((c) => c[i]!)));
  return { start: open, times, steady: steady.ms };
}
