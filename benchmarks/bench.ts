/**
 * `npm run bench`: measures programs as whole processes and as repeated iterations inside a process, in random order,
 * under named configurations. Raw results are kept line by line in `results/NAME.jsonl`; what is there already is not
 * measured again. Writes `results/NAME.json`, `.csv`, `.svg` and the table `results/NAME.md`.
 *
 *     npm run bench -- --quick --only=crc32.O3 --config=host,trace
 *     npm run bench -- --suite=guests,../suites/polybench,../suites/ostrich --aa
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneOf, readArguments, script } from '../scripts/arguments.ts';
import { build } from '../scripts/build/build.ts';
import { UserError } from '../src/errors.ts';
import { configNames, configOf, isBest } from '../src/lab/config.ts';
import { execute } from '../src/lab/execute.ts';
import { MEASURES, type Measure } from '../src/lab/job.ts';
import { asInterval, METRICS } from '../src/lab/metrics.ts';
import { Pace, slowTold } from '../src/lab/pace.ts';
import { provenance } from '../src/lab/provenance.ts';
import { csv } from '../src/lab/render/csv.ts';
import { shown } from '../src/lab/render/figures.ts';
import { markdown } from '../src/lab/render/markdown.ts';
import { chosenBy, loadWorkloads } from '../src/lab/suite.ts';
import { type Row, steadyCalls, steadyMeanRatio, summarize } from '../src/lab/summary.ts';
import { SIZES } from '../src/lab/workload.ts';
import { components } from '../src/stats/kalibera.ts';
import { goalTable } from './goals.ts';
import { shortfallTable } from './shortfalls.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const DEFAULTS = 'default,turbofan,liftoff,host,interp,trace,counted';

// biome-ignore format: a row an option
const OPTIONS = {
  suite: { value: 'LIST', type: 'string', default: 'guests,apps', doc: 'suites by name (guests, apps) and folders of WASI programs, with commas between' },
  only: { value: 'IDS', type: 'string', doc: 'workloads by id or pattern, with commas between: crc32, *.O3' },
  config: { value: 'LIST', type: 'string', default: DEFAULTS, doc: 'configurations, with variations: trace+hotLoop=20' },
  measure: { value: 'LIST', type: 'string', default: 'first,steady,count', doc: 'whole processes (first), repeated calls (steady), exact counts (count)' },
  quick: { type: 'boolean', default: false, doc: 'one process a figure, short budget: a look' },
  aa: { type: 'boolean', default: false, doc: 'each of default and trace once more, to see the noise' },
  reps: { value: 'N', type: 'string', doc: 'processes a figure (5; 1 when quick)' },
  until: { value: 'PERCENT', type: 'string', doc: 'repeats further where half the interval is wider, up to four times the processes' },
  budget: { value: 'MS', type: 'string', doc: 'time for calls in a steady-state process (2000; 600 when quick)' },
  noisy: { type: 'boolean', default: false, doc: 'takes times as they come, not only when the machine is at its usual best' },
  timeout: { value: 'S', type: 'string', default: '180', doc: 'time for one process at most' },
  size: { value: 'SIZE', type: 'string', doc: 'small, medium or large for all measures' },
  seed: { value: 'N', type: 'string', default: '1', doc: 'seed of the order' },
  name: { value: 'NAME', type: 'string', default: 'bench', doc: 'name of the files in results/' },
  table: { value: 'FILE', type: 'string', doc: 'file of the table' },
  fresh: { type: 'boolean', default: false, doc: 'forgets what was measured before' },
} as const;

function count(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UserError(`--${flag} takes a positive number, not '${text}'`);
  return value;
}

function measures(list: string): Measure[] {
  return list.split(',').map((name) => {
    if (!(name in MEASURES)) throw new UserError(`--measure takes ${Object.keys(MEASURES).join(', ')}, not '${name}'`);
    return name as Measure;
  });
}

/** Whole processes start as those of users do: from the bundle, not from the sources. */
async function bundledChild(): Promise<string> {
  const root = here('..');
  if ((await build(root)) !== 0) throw new UserError('the sources do not compile; see the messages above');
  return join(root, 'dist/command/child.cjs');
}

async function main(): Promise<void> {
  const { values } = readArguments('npm run bench -- [options]', OPTIONS);
  const reps = count('reps', values.reps ?? (values.quick ? '1' : '5'));
  const budget = count('budget', values.budget ?? (values.quick ? '600' : '2000'));
  const asked = configNames(values.config);
  const twins = values.aa
    ? asked.filter((name) => name === 'default' || name === 'trace').map((name) => `${name}@2`)
    : [];
  const configs = [...asked, ...twins];
  const all = await loadWorkloads(values.suite, [here('suites')]);
  const workloads = values.only ? chosenBy(all, values.only.replaceAll(',', '|')) : all;
  if (workloads.length === 0)
    throw new UserError(`--only: nothing is called '${values.only}'; there are ${all.map((w) => w.id).join(', ')}`);

  mkdirSync(here('results'), { recursive: true });
  const raw = here(`results/${values.name}.jsonl`);
  if (values.fresh) rmSync(raw, { force: true });
  const seed = count('seed', values.seed);
  const plan = { workloads, configs, measures: measures(values.measure), reps, seed, countReps: 2 };
  const size = values.size === undefined ? undefined : oneOf('size', SIZES, values.size);
  const settings = {
    budget,
    timeout: count('timeout', values.timeout) * 1000,
    child: await bundledChild(),
    countSize: 'large' as const,
    ...(size ? { size } : {}),
  };
  const until = values.until ? { until: { share: count('until', values.until) / 100, most: reps * 4 } } : {};
  const pace = values.noisy ? null : new Pace();
  const { results, tool, guests } = await execute({ plan, settings, raw, pace, ...until });

  const rows = workloads.map((w) => summarize(w, guests.get(w.id)!, results, configs));
  const about = provenance(
    tool,
    configs.flatMap((name) => {
      const config = configOf(name);
      return isBest(config) ? [name, ...config.best] : [name];
    }),
  );
  const first = (...names: string[]) => names.find((name) => configs.includes(name)) ?? configs[0]!;
  const baseline = { steady: first('host', 'turbofan', 'default'), whole: first('default', 'turbofan') };
  const report = {
    title: 'Results',
    rows,
    configs,
    baseline,
    provenance: about,
    settings: [
      'Written by `npm run bench`; do not edit. Every figure is a median over processes, its 95 % bootstrap interval in',
      'brackets where there are several (else over the iterations of one). *Steady*: repeated calls in one process, the mean',
      'of the part behind the last changepoint. *Whole process*: one call, from the start of Node to its end.',
      `${reps} processes a figure${values.quick ? ' (a quick look)' : ''}, ${budget} ms of steady calls in each, order by seed ${seed}.`,
      ...slowTold(rows),
    ].join('\n'),
  };
  const out = (ending: string) => here(`results/${values.name}.${ending}`);
  const table = values.table ?? out('md');
  writeFileSync(table, markdown(report, [...goalTable(rows), ...shortfallTable(rows)]));
  writeFileSync(
    out('json'),
    `${JSON.stringify(document(rows, report, { reps, budget, seed, quick: values.quick }), null, 1)}\n`,
  );
  writeFileSync(out('csv'), csv(rows, baseline.steady));
  const { speedChart } = await import('../src/lab/render/speed-chart.ts');
  for (const what of ['steady', 'whole'] as const) {
    const names = shown(rows, configs).filter((name) => name !== baseline[what]);
    const svg = await speedChart(rows, names, baseline[what], what);
    if (svg) writeFileSync(out(`${what}.svg`), svg);
  }
  console.log(table);
  // A figure of a run that gave something else is no figure.
  const wrong = rows.flatMap((row) => [...row.disagreements, ...row.errors].map((text) => `${row.id}: ${text}`));
  for (const text of wrong) console.error(`bench: ${text}`);
  if (wrong.length) process.exitCode = 1;
}

/** The JSON file: figures of each cell beside their samples, and Kalibera and Jones's ratio of means. */
function document(
  rows: readonly Row[],
  report: { baseline: { steady: string }; provenance: object },
  settings: object,
) {
  const base = report.baseline.steady;
  return {
    schema: 2,
    provenance: report.provenance,
    settings,
    baseline: report.baseline,
    rows: rows.map((row) => ({
      ...row,
      cells: Object.fromEntries(
        Object.entries(row.cells).map(([name, cell]) => {
          const { counts: _, ...rest } = cell;
          const metrics = METRICS.flatMap((metric) => {
            const found = metric.of(cell, row, base);
            return found === null ? [] : [[metric.name, asInterval(found)] as const];
          });
          return [
            name,
            {
              ...rest,
              metrics: Object.fromEntries(metrics),
              meanRatio: steadyMeanRatio(cell, row.cells[base]),
              variance: cell.steady && components(steadyCalls(cell.steady)),
            },
          ];
        }),
      ),
    })),
  };
}

await script('bench', main);
