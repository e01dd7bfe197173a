/** What the figures are to reach, each with what was measured: a row is a claim that the table checks. */

import { meanSpeed, speed, type What } from '../src/lab/render/figures.ts';
import { line } from '../src/lab/render/markdown.ts';
import type { Row } from '../src/lab/summary.ts';
import { median } from '../src/stats/quantile.ts';

export interface Goal {
  text: string;
  /** What was measured, and whether that is enough; null where nothing was. */
  check(rows: readonly Row[]): { measured: string; met: boolean } | null;
}

/** Rows whose process takes at least this long under plain Node, milliseconds. */
const longer = (rows: readonly Row[], least: number) =>
  rows.filter(({ cells }) => cells.default?.wall.length && median(cells.default.wall) >= least);

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
  return {
    measured: `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}) over ${found.rows}`,
    met: value >= limit,
  };
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

const COMPILER = ['record', 'optimize', 'compile'];

export const GOALS: readonly Goal[] = [
  {
    text: 'steady state: at least the speed of the host at its best (geometric mean)',
    check: (rows) => mean(rows, 'trace', 'host', 'steady', 1),
  },
  {
    text: 'whole process, programs of 0.5 s or more: at least 1.2 times the speed of default Node (geometric mean)',
    check: (rows) => mean(longer(rows, 500), 'trace', 'default', 'whole', 1.2),
  },
  {
    text: 'whole process, each program of 1 s or more: at least 0.90 of the speed of default Node',
    check: (rows) => worst(longer(rows, 1000), 'trace', 'default', 'whole', 0.9),
  },
  {
    text: 'guests built without optimization, steady: at least 1.5 times the speed of TurboFan only (geometric mean)',
    check: (rows) =>
      mean(
        rows.filter((row) => row.tags.includes('O0')),
        'counted',
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
    text: 'recording, optimizing and compiling: at most 3 % of the time, programs of 2 s or more',
    check(rows) {
      const shares = longer(rows, 2000).flatMap(({ id, cells }) => {
        const { total = 0, ...parts } = cells.counted?.time ?? {};
        return total ? [{ id, x: COMPILER.reduce((sum, part) => sum + (parts[part] ?? 0), 0) / total }] : [];
      });
      const most = shares.sort((a, b) => b.x - a.x)[0];
      return most ? { measured: `highest ${(most.x * 100).toFixed(1)} % (\`${most.id}\`)`, met: most.x <= 0.03 } : null;
    },
  },
];

/** The claims that the figures at hand can decide, as a table. */
export function goalTable(rows: readonly Row[]): string[] {
  const lines = GOALS.flatMap(({ text, check }) => {
    const found = check(rows);
    return found ? [line([text, found.measured, found.met ? 'yes' : '**no**'])] : [];
  });
  return lines.length
    ? ['## Goals', '', line(['goal', 'measured', 'met']), line(['---', '---', '---']), ...lines, '']
    : [];
}
