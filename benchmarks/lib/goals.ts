/** What the figures are to reach, each with what was measured: a row is a claim that the table checks. */

import { geomean } from './statistics.ts';
import type { Row } from './summary.ts';

export interface Goal {
  text: string;
  /** What was measured, and whether that is enough; null where nothing was. */
  check(rows: readonly Row[]): { measured: string; met: boolean } | null;
}

const isLoop = (row: Row) => row.tags.some((tag) => tag === 'inner-loop' || tag === 'nest');
const isInner = (row: Row) => row.tags.includes('inner-loop');

/** The rows that have a figure, with it, in rising order. */
function figures(rows: readonly Row[], pick: (row: Row) => number | null | undefined): { id: string; x: number }[] {
  const found = rows.flatMap((row) => {
    const x = pick(row);
    return x === null || x === undefined ? [] : [{ id: row.id, x }];
  });
  return found.sort((a, b) => a.x - b.x);
}

/** The lowest figure is to be at least `limit`. */
function atLeast(found: { id: string; x: number }[], limit: number, show = (x: number) => x.toFixed(2)) {
  const least = found[0];
  if (!least) return null;
  const below = found.filter(({ x }) => x < limit).length;
  const tail = below ? `, ${below} of ${found.length} below` : ` over ${found.length}`;
  return { measured: `lowest ${show(least.x)} (\`${least.id}\`)${tail}`, met: below === 0 };
}

/** A mean is to be at most `limit`. */
function meanAtMost(found: { x: number }[], mean: (xs: number[]) => number, limit: number, unit: string) {
  if (!found.length) return null;
  const value = mean(found.map(({ x }) => x));
  return { measured: `${value.toFixed(2)}${unit} over ${found.length}`, met: value <= limit };
}

const average = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;

/** How many times as fast the traced mode is as the interpreter alone, in the measure where that is least. */
function overInterpreter(row: Row): number | null {
  const ratios = [row.steady, row.wall].flatMap(({ interp, trace }) => (interp && trace ? [interp / trace] : []));
  return ratios.length ? Math.min(...ratios) : null;
}

export const GOALS: readonly Goal[] = [
  {
    text: 'interpreter: at most 3 ns a guest instruction on average over the loop guests',
    check: (rows) =>
      meanAtMost(
        figures(rows.filter(isLoop), (r) => r.nsPerInstruction.interp),
        average,
        3,
        ' ns',
      ),
  },
  {
    text: 'interpreter: at most 20 times the time of TurboFan only (geometric mean)',
    check: (rows) =>
      meanAtMost(
        figures(rows, (r) => r.interpSlowdown?.value),
        geomean,
        20,
        ' times',
      ),
  },
  {
    text: 'inner-loop guests, steady: at least 0.9 of the speed of TurboFan only',
    check: (rows) =>
      atLeast(
        figures(rows.filter(isInner), (r) => r.traceSpeed?.value),
        0.9,
      ),
  },
  {
    text: 'inner-loop guests, whole process: faster than default Node',
    check: (rows) =>
      atLeast(
        figures(rows.filter(isInner), (r) => r.traceWholeSpeed?.value),
        1,
      ),
  },
  {
    text: 'coverage over 90 % for every workload',
    check: (rows) =>
      atLeast(
        figures(rows, (r) => r.coverage),
        0.9,
        (x) => `${(x * 100).toFixed(1)} %`,
      ),
  },
  {
    text: 'no workload slower than its interpreter mode by more than 10 %',
    check: (rows) => atLeast(figures(rows, overInterpreter), 1 / 1.1),
  },
];
