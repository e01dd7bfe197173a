/** All statistics as JSON, after the published schema docs/schema/stats.schema.json. */
import type { StatsExporter } from './exporter.ts';

export const exporter: StatsExporter = {
  name: 'json',
  doc: 'all statistics of the machine as JSON (docs/schema/stats.schema.json)',
  extension: 'json',
  from: 'stats',
  write: (stats) => ({ '': `${JSON.stringify(stats, null, 1)}\n` }),
};
