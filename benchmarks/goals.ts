/** What the figures are to reach, each with what was measured: a row is a claim that the table checks. */

import { sum } from '../src/lab/metric.ts';
import { meanSpeed, percent, speed, type What } from '../src/lab/render/figures.ts';
import { line } from '../src/lab/render/markdown.ts';
import type { Row } from '../src/lab/summary.ts';
import { median } from '../src/stats/quantile.ts';

export interface Goal {
  text: string;
  /** True where it is about all programs at hand, whichever run has measured them. */
  everywhere?: true;
  /** What was measured, and whether that is enough; null where nothing was. */
  check(rows: readonly Row[]): { measured: string; met: boolean } | null;
}

/** Rows whose process takes at least this long, milliseconds, under plain Node or another configuration. */
export const longer = (rows: readonly Row[], least: number, config = 'default') =>
  rows.filter(({ cells }) => cells[config]?.wall.length && median(cells[config].wall) >= least);

/** Rows that execute most of their instructions in functions that are entered at most ten times. */
const inOneCall = (rows: readonly Row[]) =>
  rows.filter(({ cells }) => {
    const functions = cells.counted?.counts?.functions ?? [];
    const all = sum(functions, (f) => f.instructions);
    const few = sum(functions, (f) => (f.entries <= 10 ? f.instructions : 0));
    return all > 0 && few > all / 2;
  });

export const tagged = (rows: readonly Row[], ...tags: string[]) =>
  rows.filter((row) => tags.some((tag) => row.tags.includes(tag)));

/** The geometric mean of a speed is to be at least `limit`. */
function mean(
  rows: readonly Row[],
  config: string,
  baseline: string,
  what: What,
  limit: number,
): ReturnType<Goal['check']> {
  const found = meanSpeed(rows, config, baseline, what);
  if (!found) return null;
  const { value, low, high } = found.mean;
  const all = `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}) over ${found.rows}`;
  return { measured: [all, ...bySuite(rows, config, baseline, what)].join(', '), met: value >= limit };
}

/** The same for each suite, where there are several: a mean over all of them depends on which are large. */
function bySuite(rows: readonly Row[], config: string, baseline: string, what: What): string[] {
  const parts = [...new Set(rows.map((row) => row.suite))].flatMap((suite) => {
    const ofSuite = rows.filter((row) => row.suite === suite);
    const found = meanSpeed(ofSuite, config, baseline, what);
    return found ? [`${suite} ${found.mean.value.toFixed(2)}`] : [];
  });
  return parts.length > 1 ? parts : [];
}

/** No row's speed is to be below `limit`. */
function worst(
  rows: readonly Row[],
  config: string,
  baseline: string,
  what: What,
  limit: number,
): ReturnType<Goal['check']> {
  const found = rows.flatMap((row) => {
    const x = speed(row, config, baseline, what);
    return x ? [{ id: row.id, x: x.value }] : [];
  });
  found.sort((a, b) => a.x - b.x);
  const least = found[0];
  if (!least) return null;
  const below = found.filter(({ x }) => x < limit).length;
  const tail = below ? `, ${below} of ${found.length} below` : ` over ${found.length}`;
  return { measured: `lowest ${least.x.toFixed(2)} (\`${least.id}\`)${tail}`, met: below === 0 };
}

/** Components of time that the compiler is made of. */
const COMPILER = ['record', 'optimize', 'compile'];

/** Milliseconds of a run that is long enough for the compiler's share to count. */
export const LONG_RUN = 2000;

/** All the time of these rows, and what of it is the compiler's; rows without times are left out. */
export const compilerTimes = (rows: readonly Row[], config: string) =>
  rows.flatMap(({ id, cells }) => {
    const { total = 0, ...parts } = cells[config]?.time ?? {};
    return total ? [{ id, total, part: sum(COMPILER, (name) => parts[name] ?? 0) }] : [];
  });

/**
 * Share of the compiler in all the time of long runs. Programs that run long under plain Node may have short runs here, in
 * which the compiler weighs more: their share is told, too.
 */
function compilers(rows: readonly Row[], config: string): ReturnType<Goal['check']> {
  const share = (list: readonly { part: number; total: number }[]) =>
    sum(list, (f) => f.part) / sum(list, (f) => f.total);
  const found = compilerTimes(longer(rows, LONG_RUN, config), config);
  const most = found.sort((a, b) => b.part / b.total - a.part / a.total)[0];
  if (!most) return null;
  const natively = compilerTimes(longer(rows, LONG_RUN), config);
  const measured =
    `${percent(share(found))} over ${found.length}, highest ${percent(most.part / most.total)} (\`${most.id}\`); ` +
    `${percent(share(natively))} of the ${natively.length} that default Node runs so long`;
  return { measured, met: share(found) <= 0.03 };
}

export const GOALS: readonly Goal[] = [
  {
    text: 'steady state: at least the speed of the host at its best (geometric mean)',
    everywhere: true,
    check: (rows) => mean(rows, 'trace', 'host', 'steady', 1),
  },
  {
    text: 'whole process, programs of 0.5 s or more: at least 1.2 times the speed of default Node (geometric mean)',
    everywhere: true,
    check: (rows) => mean(longer(rows, 500), 'trace', 'default', 'whole', 1.2),
  },
  {
    text: 'whole process, each program of 1 s or more: at least 0.90 of the speed of default Node',
    everywhere: true,
    check: (rows) => worst(longer(rows, 1000), 'trace', 'default', 'whole', 0.9),
  },
  {
    text: 'whole process, programs of 0.5 s or more with most instructions in functions entered at most ten times: at least 1.5 times the speed of default Node (geometric mean)',
    check: (rows) => mean(inOneCall(longer(rows, 500)), 'trace', 'default', 'whole', 1.5),
  },
  {
    text: 'steady state, guests whose loops can become vectors: at least 1.15 times the speed of the host at its best (geometric mean)',
    check: (rows) => mean(tagged(rows, 'vector'), 'trace', 'host', 'steady', 1.15),
  },
  {
    text: 'steady state, each inner-loop guest: at least 0.9 of the speed of TurboFan only',
    check: (rows) => worst(tagged(rows, 'inner-loop'), 'trace', 'turbofan', 'steady', 0.9),
  },
  {
    text: 'steady state, each inner-loop guest with everything counted: at least 0.9 of the speed of TurboFan only',
    check: (rows) => worst(tagged(rows, 'inner-loop'), 'counted', 'turbofan', 'steady', 0.9),
  },
  {
    text: 'coverage: each guest executes at least 90 % of its instructions in fragments',
    check(rows) {
      const found = rows.flatMap(({ id, cells }) => {
        const coverage = cells.counted?.counts?.instructions.coverage;
        return coverage === undefined ? [] : [{ id, coverage }];
      });
      const least = found.sort((a, b) => a.coverage - b.coverage)[0];
      if (!least) return null;
      const measured = `lowest ${percent(least.coverage)} (\`${least.id}\`) over ${found.length}`;
      return { measured, met: least.coverage >= 0.9 };
    },
  },
  {
    text: 'whole process: no program takes 10 % more time than with the interpreter alone',
    check: (rows) => worst(rows, 'trace', 'interp', 'whole', 1 / 1.1),
  },
  {
    text: 'whole process, everything counted: no program takes 10 % more time than with the interpreter alone',
    check: (rows) => worst(rows, 'counted', 'interp', 'whole', 1 / 1.1),
  },
  {
    text: 'forced exits: 1,000,000 over all programs, no result, output or memory that differs',
    check(rows) {
      const counts = rows.flatMap(({ cells }) => cells.forced?.counts ?? []);
      if (!counts.length) return null;
      const forced = sum(counts, ({ exits }) => exits.forced);
      const wrong = rows.filter((row) => row.disagreements.length || row.errors.length).length;
      const measured = `${forced.toLocaleString('en')} over ${counts.length}, ${wrong} with a difference`;
      return { measured, met: forced >= 1e6 && wrong === 0 };
    },
  },
  {
    text: 'guests built without optimization, steady: at least 1.5 times the speed of TurboFan only (geometric mean)',
    check: (rows) =>
      mean(
        rows.filter((row) => row.tags.includes('O0')),
        'trace',
        'turbofan',
        'steady',
        1.5,
      ),
  },
  {
    text: 'interpreter: at most 15 times the time of TurboFan only (geometric mean)',
    check(rows) {
      const found = meanSpeed(rows, 'interp', 'turbofan', 'steady');
      if (!found) return null;
      const times = 1 / found.mean.value;
      return { measured: `${times.toFixed(1)} times over ${found.rows}`, met: times <= 15 };
    },
  },
  {
    text: 'interpreter: at most 3 ns a guest instruction, guests that are loops (mean)',
    check(rows) {
      const loops = tagged(rows, 'inner-loop', 'nest', 'vector').flatMap(({ cells: { interp } }) =>
        interp?.steady && interp.instructions ? [(interp.steady.ms * 1e6) / interp.instructions] : [],
      );
      if (!loops.length) return null;
      const ns = sum(loops, (x) => x) / loops.length;
      return { measured: `${ns.toFixed(2)} ns over ${loops.length}`, met: ns <= 3 };
    },
  },
  {
    text: 'price of precision: exact traps take at most 5 % more time than traps left to the host, steady (median)',
    check(rows) {
      const prices = rows.flatMap((row) => speed(row, 'hosttraps', 'counted', 'steady')?.value ?? []);
      if (!prices.length) return null;
      const price = median(prices) - 1;
      return { measured: `${percent(price)} over ${prices.length}`, met: price <= 0.05 };
    },
  },
  {
    text: 'exit metadata: at most as many bytes as the fragments themselves',
    check(rows) {
      const fragments = rows.flatMap(({ cells }) => cells.counted?.counts?.fragments ?? []);
      if (!fragments.length) return null;
      const share = sum(fragments, (f) => f.metadataBytes) / sum(fragments, (f) => f.bytes);
      return { measured: `${share.toFixed(2)} of them over ${rows.length} programs`, met: share <= 1 };
    },
  },
  {
    text: 'full counting profile: at least 0.91 of the speed without (10 % more time), steady (geometric mean)',
    check: (rows) => mean(rows, 'profiled', 'default', 'steady', 1 / 1.1),
  },
  {
    text: 'start: an empty guest takes at most 30 ms more than under default Node (suite start)',
    check(rows) {
      const cells = rows.find((row) => row.tags.includes('start'))?.cells;
      if (!cells?.trace?.wall.length || !cells.default?.wall.length) return null;
      const more = median(cells.trace.wall) - median(cells.default.wall);
      return { measured: `${more.toFixed(1)} ms`, met: more <= 30 };
    },
  },
  {
    text: 'recording, optimizing and compiling: at most 3 % of the time, runs of 2 s or more (all together)',
    everywhere: true,
    check: (rows) => compilers(rows, 'trace'),
  },
  {
    text: 'the same with everything counted',
    check: (rows) => compilers(rows, 'counted'),
  },
];

/** The claims that the figures at hand can decide, as a table. */
export function goalTable(rows: readonly Row[], goals: readonly Goal[] = GOALS): string[] {
  const lines = goals.flatMap(({ text, check }) => {
    const found = check(rows);
    return found ? [line([text, found.measured, found.met ? 'yes' : '**no**'])] : [];
  });
  return lines.length
    ? ['## Goals', '', line(['goal', 'measured', 'met']), line(['---', '---', '---']), ...lines, '']
    : [];
}
