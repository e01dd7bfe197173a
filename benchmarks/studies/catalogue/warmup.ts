/** Study: how long until it is fast, when that has paid, and what becomes of it when the cache is too small. */
import { CACHE_POLICIES } from '../../../src/cache/policies/index.ts';
import { swept } from '../../../src/lab/campaign/plan-file.ts';
import { dash, meanSpeed, ms } from '../../../src/lab/render/figures.ts';
import { table } from '../../../src/lab/render/markdown.ts';
import { payback } from '../../../src/lab/summary.ts';
import { middle, speedOf } from '../figures.ts';
import { effort, type Study } from '../study.ts';

const COUNTED = 'counted';
const CONFIGS = ['default', 'trace', COUNTED] as const;

export const warmup: Study = {
  name: 'warm-up',
  title: 'Warm-up, break-even and cache pressure',
  question:
    'How long does a program take until its steady state (classes as in Barrett et al., OOPSLA 2017), after what time has the ' +
    'machine paid for itself against plain Node, and how do cache policies do in caches that are too small (Hazelwood and ' +
    'Smith, CGO 2004)?',
  plan: (quick) => ({
    ...effort(quick, null, 7, 1),
    configs: [...CONFIGS],
    sweep: {
      config: COUNTED,
      options: {
        cacheSize: quick ? [2048, 65_536] : [4096, 16_384, 65_536],
        cachePolicy: CACHE_POLICIES.map(({ name }) => name),
      },
    },
    baseline: 'default',
    measures: ['first', 'steady', 'count'],
    metrics: [
      'steady',
      'speedup',
      'whole-speedup',
      'warm-up',
      'break-even',
      'flushes',
      'evicted',
      'coverage',
      'overhead',
    ],
  }),
  charts: {
    'warm-up.svg': 'Time of iterations since the start of the process.',
    'sweep.svg': 'Speed by size of the cache, a line for each cache policy; plain Node = 1.',
  },
  findings({ about: { plan } }, rows) {
    const classes = (config: string) => {
      const found = Map.groupBy(
        rows.flatMap((row) => row.cells[config]?.steady?.class ?? []),
        (name) => name,
      );
      return [...found].map(([name, all]) => `${all.length} ${name}`).join(', ') || dash;
    };
    const paid = (config: string) => {
      const all = rows.flatMap((row) => {
        const found = payback(row.cells[config], row.cells.default);
        return found === undefined ? [] : [found];
      });
      const times = all.flatMap((found) => (found ? [found.time] : [])).sort((a, b) => a - b);
      return all.length
        ? `${times.length} of ${all.length}${times.length ? `, after ${ms(times[times.length >> 1])} ms` : ''}`
        : dash;
    };
    const sizes = plan.sweep!.options.cacheSize!;
    const config = (size: unknown, policy: string) => `${COUNTED}+cacheSize=${size}+cachePolicy=${policy}`;
    const pressure = (cell: (config: string) => string) =>
      table(
        ['policy', ...sizes.map((size) => `${Number(size) / 1024} KiB`)],
        CACHE_POLICIES.map(({ name }) => [`\`${name}\``, ...sizes.map((size) => cell(config(size, name)))]),
      );
    return [
      '## Warm-up',
      '',
      ...table(
        [
          'configuration',
          'classes',
          'iterations to the steady state',
          'steady speed',
          'whole-process speed',
          'has paid',
        ],
        CONFIGS.map((name) => [
          `\`${name}\``,
          classes(name),
          middle(rows, 'warm-up', name, 'default'),
          speedOf(rows, name, 'default'),
          speedOf(rows, name, 'default', 'whole'),
          name === 'default' ? dash : paid(name),
        ]),
      ),
      `Speeds are geometric means over ${rows.length} programs, plain Node = 1. "Has paid": programs that have done as many iterations as plain Node at some time, and the median of that time.`,
      '',
      '## Cache pressure',
      '',
      `Steady speed, \`${COUNTED}\` with the default size = 1.`,
      '',
      ...pressure((name) => meanSpeed(rows, name, COUNTED, 'steady')?.mean.value.toFixed(2) ?? dash),
      'Coverage (median):',
      '',
      ...pressure((name) => middle(rows, 'coverage', name, 'default')),
      'Flushes, and fragments given up one by one (medians):',
      '',
      ...pressure(
        (name) => `${middle(rows, 'flushes', name, 'default')} / ${middle(rows, 'evicted', name, 'default')}`,
      ),
      `${swept(plan.sweep!).length} combinations were measured.`,
      '',
    ];
  },
};
