/** Figures over several programs, for the pages of studies. */
import { asInterval, METRIC_BY_NAME } from '../../src/lab/metrics.ts';
import { dash, interval, meanSpeed } from '../../src/lab/render/figures.ts';
import type { Row } from '../../src/lab/summary.ts';
import { median } from '../../src/stats/quantile.ts';

/** The metric under a configuration, median over the programs that have it; a dash where none has. */
export function middle(rows: readonly Row[], metric: string, config: string, baseline: string): string {
  const values = rows.flatMap((row) => {
    const cell = row.cells[config];
    const found = cell ? METRIC_BY_NAME.get(metric)!.of(cell, row, baseline) : null;
    return found === null ? [] : [asInterval(found).value];
  });
  return values.length ? short(median(values)) : dash;
}

/** How many times as fast as the baseline: geometric mean over the programs that have both. */
export const speedOf = (rows: readonly Row[], config: string, baseline: string, what: 'steady' | 'whole' = 'steady') =>
  interval(meanSpeed(rows, config, baseline, what)?.mean);

/** Three or four figures are enough for a median. */
const short = (x: number) => (Number.isInteger(x) ? String(x) : `${+x.toPrecision(3)}`);
