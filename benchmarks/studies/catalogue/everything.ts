/** Study: all guests under all policies, cache policies and monitors, ten times, to show that no count differs. */
import { readFileSync } from 'node:fs';
import { CACHE_POLICIES } from '../../../src/cache/policies/index.ts';
import { METRIC_BY_NAME } from '../../../src/lab/metrics.ts';
import { table } from '../../../src/lab/render/markdown.ts';
import { MONITORS } from '../../../src/monitor/catalogue.ts';
import { POLICIES } from '../../../src/record/policies/index.ts';
import { middle } from '../figures.ts';
import { COUNTED, type Study } from '../study.ts';

const PLAN: Readonly<Record<string, unknown>> = JSON.parse(
  readFileSync(new URL('../../plans/everything.json', import.meta.url), 'utf8'),
);

export const everything: Study = {
  name: 'everything',
  title: 'Everything at once, and no count differs',
  question:
    'Are all counts the same each time? The plan `benchmarks/plans/everything.json` runs every guest under every selection ' +
    'policy, every cache policy in a cache that is too small, and all monitors together. Counting processes do several ' +
    'configurations each, in another random order in each repetition, so what a process did before is varied, too.',
  plan: (quick) => (quick ? { ...PLAN, workloads: ['guests#crc32.O3|quicksort.O3|bytecode.O3'], reps: 2 } : PLAN),
  charts: { 'coverage.svg': 'Share of the instructions that the largest fragments cover.' },
  findings(campaign, rows) {
    const { plan } = campaign.about;
    const results = campaign.results().filter((r) => r.sample);
    const wrong = rows.flatMap((row) => [...row.disagreements, ...row.errors]);
    const repetitions = Map.groupBy(results, (r) => `${r.workload} ${r.config}`);
    const fewest = Math.min(...[...repetitions.values()].map((list) => list.length));
    const short = (config: string) => config.replace(COUNTED, '').replace(/^\+/, '') || 'default';
    const counted = plan.configs.filter((config) => rows.some((row) => row.cells[config]?.counts));
    // What is the same under all configurations has a column of its own in no table.
    const same = (metric: string) => metric === 'instructions' || metric.startsWith('mix-');
    return [
      '## What was compared',
      '',
      `${rows.length} programs, ${POLICIES.length} selection policies, ${CACHE_POLICIES.length} cache policies, ` +
        `${plan.metrics.length} metrics, ${MONITORS.length} monitors; ${results.length} results, at least ${fewest} of each ` +
        'program and configuration.',
      '',
      wrong.length === 0
        ? `All are equal: results and memories over all configurations, executed instructions over all configurations and monitors, all counts and what each monitor saw over ${fewest} repetitions.`
        : `**${wrong.length} differences or failures**, see below.`,
      '',
      '## Medians over the programs',
      '',
      ...table(
        ['metric', 'unit', ...counted.map((config) => `\`${short(config)}\``)],
        plan.metrics
          .filter((metric) => !same(metric))
          .map((metric) => [
            `\`${metric}\``,
            METRIC_BY_NAME.get(metric)!.unit,
            ...counted.map((config) => middle(rows, metric, config, plan.baseline)),
          ]),
      ),
      '## Programs',
      '',
      ...table(
        ['metric', 'median over the programs'],
        plan.metrics
          .filter(same)
          .map((metric) => [`\`${metric}\``, middle(rows, metric, plan.baseline, plan.baseline)]),
      ),
    ];
  },
};
