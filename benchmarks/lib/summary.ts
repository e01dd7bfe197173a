/**
 * From raw results to the figures of the table. Steady state is the median of the later half of a process's calls, or where
 * the machine is not quiet, the best call; the samples of a ratio are those medians, one a process. A workload without a result has null where its figure would be.
 */

import type { ConfigName } from './configs.ts';
import type { Measure, Result } from './job.ts';
import { type Interval, median, ratio } from './statistics.ts';
import type { Workload } from './workloads.ts';

export interface Row {
  id: string;
  name: string;
  build: string;
  tags: readonly string[];
  /** SHA-256 of the guest. */
  sha256: string;
  /** Milliseconds by configuration. */
  steady: Partial<Record<ConfigName, number>>;
  wall: Partial<Record<ConfigName, number>>;
  firstCall: Partial<Record<ConfigName, number>>;
  /** Guest instructions of one call of the medium size. */
  instructions: number | null;
  nsPerInstruction: { interp: number | null; trace: number | null; turbofan: number | null };
  /** Time of the interpreter over TurboFan's, steady. */
  interpSlowdown: Interval | null;
  /** Speed of the machine over TurboFan's, steady: above 1 is faster. */
  traceSpeed: Interval | null;
  /** Speed of the machine over default Node's, whole process with one call. */
  traceWholeSpeed: Interval | null;
  /** Share of guest instructions in fragments, 0..1: whole process, and the last steady call. */
  coverage: number | null;
  steadyCoverage: number | null;
  /** One sentence a failed job, without repetitions. */
  errors: string[];
  samples: Record<string, number[]>;
}

/** How the calls of a process become one number. */
export type Steady = 'median' | 'best';

function steadyOf(calls: readonly number[], how: Steady): number {
  return how === 'best' ? Math.min(...calls) : median(calls.slice(calls.length >> 1));
}

/** One number a process. */
function figure(result: Result, what: 'steady' | 'wall' | 'firstCall', steady: Steady): number | undefined {
  const { sample } = result;
  if (!sample) return undefined;
  if (what === 'wall') return result.wall;
  return what === 'firstCall' ? sample.calls[0] : steadyOf(sample.calls, steady);
}

export function summarize(row: Workload, sha256: string, results: readonly Result[], how: Steady = 'median'): Row {
  const mine = results.filter((r) => r.workload === row.id);
  const of = (config: ConfigName, measure: Measure) => mine.filter((r) => r.config === config && r.measure === measure);
  const numbers = (config: ConfigName, what: 'steady' | 'wall' | 'firstCall') =>
    of(config, what === 'steady' ? 'steady' : 'first')
      .map((r) => figure(r, what, how))
      .filter((x) => x !== undefined);
  const configs = [...new Set(mine.map((r) => r.config))];
  const medians = (what: 'steady' | 'wall' | 'firstCall') =>
    Object.fromEntries(configs.flatMap((c) => (numbers(c, what).length ? [[c, median(numbers(c, what))]] : [])));
  const over = (a: number[], b: number[]) => (a.length && b.length ? ratio(a, b) : null);
  const one = (
    config: ConfigName,
    measure: Measure,
    pick: (s: NonNullable<Result['sample']>) => number | undefined,
  ) => {
    const values = of(config, measure)
      .flatMap((r) => (r.sample ? [pick(r.sample)] : []))
      .filter((x) => x !== undefined);
    return values.length ? median(values) : null;
  };

  const steady: Row['steady'] = medians('steady');
  const instructions = one('interp', 'steady', (s) => s.instructions) ?? one('trace', 'steady', (s) => s.instructions);
  const ns = (ms: number | undefined) => (ms !== undefined && instructions ? (ms * 1e6) / instructions : null);
  const samples: Row['samples'] = {};
  for (const config of configs) {
    for (const what of ['steady', 'wall', 'firstCall'] as const) {
      const values = numbers(config, what);
      if (values.length) samples[`${what} ${config}`] = values;
    }
  }
  return {
    id: row.id,
    name: row.name,
    build: row.build,
    tags: row.tags,
    sha256,
    steady,
    wall: medians('wall'),
    firstCall: medians('firstCall'),
    instructions,
    nsPerInstruction: { interp: ns(steady.interp), trace: ns(steady.trace), turbofan: ns(steady.turbofan) },
    interpSlowdown: over(numbers('interp', 'steady'), numbers('turbofan', 'steady')),
    traceSpeed: over(numbers('turbofan', 'steady'), numbers('trace', 'steady')),
    traceWholeSpeed: over(numbers('default', 'wall'), numbers('trace', 'wall')),
    coverage: one('trace', 'first', (s) => s.coverage),
    steadyCoverage: one('trace', 'steady', (s) => s.lastCoverage),
    errors: [...new Set(mine.flatMap((r) => (r.error ? [`${r.config}, ${r.measure}: ${r.error}`] : [])))],
    samples,
  };
}
