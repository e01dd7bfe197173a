/** All figures as comma-separated values, a line each: for R, pandas and spreadsheets. */
import { asInterval, METRICS } from '../metrics.ts';
import type { Row } from '../summary.ts';

const HEAD = ['suite', 'workload', 'config', 'chosen', 'metric', 'unit', 'kind', 'value', 'low', 'high', 'processes'];

export function csv(rows: readonly Row[], baseline: string, metrics = METRICS): string {
  const lines = [HEAD];
  for (const row of rows) {
    for (const [config, cell] of Object.entries(row.cells)) {
      const processes = String(cell.steady?.times.length ?? cell.wall.length);
      for (const metric of metrics) {
        const found = metric.of(cell, row, baseline);
        if (found === null) continue;
        const { value, low, high } = asInterval(found);
        lines.push([
          row.suite,
          row.id,
          config,
          cell.chosen ?? config,
          metric.name,
          metric.unit,
          metric.kind,
          String(value),
          String(low),
          String(high),
          processes,
        ]);
      }
    }
  }
  return `${lines.map((cells) => cells.map(quoted).join(',')).join('\n')}\n`;
}

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
