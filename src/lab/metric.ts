/** What a metric is, and the two kinds of rows: times, and counts of the machine. */
import type { Interval } from '../stats/bootstrap.ts';
import type { Counts } from './counts.ts';
import type { Cell, Row } from './summary.ts';

export interface Metric {
  readonly name: string;
  readonly unit: string;
  /** What it is, its formula, and where it comes from. */
  readonly doc: string;
  /** `time`: differs from run to run. `count`: exact, from runs that decide by counts. */
  readonly kind: 'time' | 'count';
  /** Milliseconds of the parts of the machine, which counting processes tell that do one job each. */
  readonly parts?: true;
  of(cell: Cell, row: Row, baseline: string): number | Interval | null;
}

export const timed = (name: string, unit: string, doc: string, of: Metric['of']): Metric => ({
  name,
  unit,
  doc,
  kind: 'time',
  of,
});

/** Milliseconds of parts of the machine. */
export const partTime = (name: string, unit: string, doc: string, of: Metric['of']): Metric => ({
  ...timed(name, unit, doc, of),
  parts: true,
});

/** A metric of the machine's counts alone. */
export const counted = (name: string, unit: string, doc: string, of: (counts: Counts) => number | null): Metric => ({
  name,
  unit,
  doc,
  kind: 'count',
  of: ({ counts }) => {
    const value = counts && of(counts);
    return value === null || Number.isNaN(value) ? null : value;
  },
});

export const sum = <T>(list: readonly T[], pick: (item: T) => number) =>
  list.reduce((total, item) => total + pick(item), 0);
export const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
export const inverse = (x: Interval | null): Interval | null =>
  x && { value: 1 / x.value, low: 1 / x.high, high: 1 / x.low };
