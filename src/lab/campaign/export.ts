/** The files that a campaign is exported to: a row a format, each giving files by name. */

import { asInterval, METRIC_BY_NAME, METRICS } from '../metrics.ts';
import { ablationChart } from '../render/bars-chart.ts';
import { MARKS } from '../render/canvas.ts';
import { coverageChart } from '../render/coverage-chart.ts';
import { csv } from '../render/csv.ts';
import { shown, speed } from '../render/figures.ts';
import { heatChart } from '../render/heat-chart.ts';
import { type LatexInput, macros, metricTable, speedTable } from '../render/latex.ts';
import { markdown, table } from '../render/markdown.ts';
import { speedChart } from '../render/speed-chart.ts';
import { sweepChart, sweepHeat } from '../render/sweep-chart.ts';
import { warmupChart } from '../render/warmup-chart.ts';
import type { Row } from '../summary.ts';
import type { Campaign } from './campaign.ts';
import { baselines } from './plan-file.ts';
import { threats } from './threats.ts';

type Files = Record<string, string>;

/** Lines and panels that a reader can tell apart in one chart. */
const MOST_LINES = 7;

export const FORMATS = {
  json: { doc: 'one JSON file: provenance, and the figures of each workload and configuration', files: json },
  csv: {
    doc: 'a line a figure, with interval and unit',
    files: (c: Campaign, rows: Row[]) => ({ 'figures.csv': csv(rows, c.about.plan.baseline) }),
  },
  markdown: { doc: 'the report', files: (c: Campaign, rows: Row[]) => ({ 'report.md': reportText(c, rows) }) },
  latex: { doc: 'booktabs tables, and a macro for every figure', files: latex },
  svg: { doc: 'charts: speeds, coverage, warm-up, heat map, sweep, ablation', files: charts },
} as const satisfies Record<string, { doc: string; files: (c: Campaign, rows: Row[]) => Files | Promise<Files> }>;
export type Format = keyof typeof FORMATS;

function json({ about }: Campaign, rows: Row[]): Files {
  const { plan, ...rest } = about;
  const cells = (row: Row) =>
    Object.fromEntries(
      Object.entries(row.cells).map(([config, cell]) => [
        config,
        {
          chosen: cell.chosen,
          class: cell.steady?.class ?? null,
          metrics: Object.fromEntries(
            METRICS.flatMap((metric) => {
              const found = metric.of(cell, row, plan.baseline);
              return found === null ? [] : [[metric.name, { unit: metric.unit, ...asInterval(found) }]];
            }),
          ),
        },
      ]),
    );
  const out = {
    name: plan.name,
    baseline: plan.baseline,
    ...rest,
    rows: rows.map((row) => ({ ...row, cells: cells(row) })),
  };
  return { 'figures.json': `${JSON.stringify(out, null, 1)}\n` };
}

function latex({ about: { plan } }: Campaign, rows: Row[]): Files {
  const configs = shown(rows, plan.configs);
  const input: LatexInput = { rows, configs, baseline: baselines(plan), metrics: plan.metrics, labels: plan.labels };
  const files: Files = { 'macros.tex': macros(input) };
  for (const what of ['steady', 'whole'] as const) {
    const text = speedTable(input, what);
    if (text) files[`${what}.tex`] = text;
  }
  for (const config of configs.filter((name) => rows.some((row) => row.cells[name]?.counts))) {
    const text = metricTable(input, config);
    if (text) files[`metrics-${fileName(config)}.tex`] = text;
  }
  return files;
}

const fileName = (config: string) => config.replace(/[^\w.=-]+/g, '_');

async function charts({ about: { plan } }: Campaign, rows: Row[]): Promise<Files> {
  const { baseline, labels, sweep, ablation } = plan;
  const { whole } = baselines(plan);
  const configs = shown(rows, plan.configs);
  // What a sweep or an ablation added has charts of its own.
  const varied = new Set([
    ...(sweep ? configs.filter((c) => c.startsWith(`${sweep.config}+`)) : []),
    ...(ablation ? configs.filter((c) => c.includes('+passes=')) : []),
  ]);
  const unvaried = configs.filter((c) => !varied.has(c));
  const plain = unvaried.slice(0, MOST_LINES);
  const others = plain.filter((c) => c !== baseline);
  const label = (name: string) => labels[name] ?? name;
  const wanted: [string, Promise<string | null>][] = [
    ['speed-steady.svg', speedChart(rows, others, baseline, 'steady', labels)],
    [
      'speed-whole.svg',
      speedChart(
        rows,
        plain.filter((c) => c !== whole),
        whole,
        'whole',
        labels,
      ),
    ],
    ['coverage.svg', coverageChart(rows, unvaried.slice(0, MARKS.length), labels)],
    ['warm-up.svg', warmupChart(rows, plain, labels)],
    [
      'heat.svg',
      heatChart({
        title: `Speed of each program under each configuration`,
        columns: configs
          .filter((c) => c !== baseline && rows.some((row) => speed(row, c, baseline, 'steady')))
          .map(label),
        rows: rows.map((row) => ({
          label: row.id,
          values: configs
            .filter((c) => c !== baseline && rows.some((r) => speed(r, c, baseline, 'steady')))
            .map((c) => speed(row, c, baseline, 'steady')?.value ?? null),
        })),
        note: `speed, steady state, ${label(baseline)} = 1`,
      }),
    ],
  ];
  if (sweep) {
    wanted.push(['sweep.svg', sweepChart(rows, sweep, baseline)]);
    const heat = sweepHeat(rows, sweep, baseline);
    if (heat) wanted.push(['sweep-heat.svg', heatChart(heat)]);
  }
  if (ablation) wanted.push(['ablation.svg', ablationChart(rows, ablation)]);
  const files: Files = {};
  for (const [name, svg] of wanted) {
    const text = await svg;
    if (text) files[name] = text;
  }
  return files;
}

/** The report as text: tables, the plan's metrics, provenance. */
export function reportText(campaign: Campaign, rows = campaign.rows()): string {
  const { plan, provenance } = campaign.about;
  const sites = campaign.sites();
  const settings = [
    `${plan.reps} processes a figure${plan.until === null ? '' : `, more where half the 95 % interval exceeds ${plan.until} %`}, ${plan.budget} ms of steady calls`,
    `in each, order by seed ${plan.seed}. Counts come from runs that decide by counts; times from normal runs.`,
    ...(sites.length > 1
      ? ['', `**Mixed:** these results come from ${sites.length} machines or engines: ${sites.join('; ')}.`]
      : []),
  ].join('\n');
  return markdown(
    {
      title: plan.name,
      rows,
      configs: plan.configs,
      baseline: baselines(plan),
      provenance,
      settings,
      threats: threats(plan, rows, provenance, sites),
    },
    metricTables(campaign, rows),
  );
}

/** A table a metric: programs down, configurations across. */
function metricTables({ about: { plan } }: Campaign, rows: readonly Row[]): string[] {
  const speeds = ['steady', 'speedup', 'whole', 'whole-speedup', 'break-even'];
  return plan.metrics
    .filter((name) => !speeds.includes(name))
    .flatMap((name) => {
      const metric = METRIC_BY_NAME.get(name)!;
      const of = (row: Row, config: string) =>
        row.cells[config] ? metric.of(row.cells[config], row, plan.baseline) : null;
      const configs = shown(rows, plan.configs).filter((config) => rows.some((row) => of(row, config) !== null));
      const body = rows.map((row) => [
        `\`${row.id}\``,
        ...configs.map((config) => {
          const found = of(row, config);
          if (found === null) return '–';
          const { value } = asInterval(found);
          // Counts are exact.
          return Number.isInteger(value) ? String(value) : `${+value.toPrecision(4)}`;
        }),
      ]);
      return configs.length
        ? [`## ${name} (${metric.unit})`, '', `${metric.doc}.`, '', ...table(['workload', ...configs], body)]
        : [];
    });
}
