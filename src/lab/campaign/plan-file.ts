/**
 * A plan is a small file, JSON or a script with a default export: workloads × configurations × repetitions × metrics.
 *
 *     { "workloads": ["guests#*.O3", "../suites/polybench"],
 *       "configs": ["default", "host", "trace"],
 *       "sweep": { "config": "trace", "options": { "hotLoop": [10, 60, 200], "hotExit": [5, 20] } },
 *       "measures": ["steady", "count"], "reps": 5 }
 */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UserError, unknownName } from '../../errors.ts';
import { readJson } from '../../json-file.ts';
import { PASSES } from '../../opt/pipeline.ts';
import { configOf, isBest } from '../config.ts';
import { MEASURES, type Measure } from '../job.ts';
import { METRIC_BY_NAME } from '../metrics.ts';
import { loadWorkloads } from '../suite.ts';
import { SIZES, type Size, type Workload } from '../workload.ts';

/** A plan with everything filled in. */
export interface CampaignPlan {
  name: string;
  workloads: Workload[];
  configs: string[];
  /** Ids of the workloads that are timed, not only counted; null: all. */
  timed: string[] | null;
  /** Swept options with their values, for plots. */
  sweep: { config: string; options: Record<string, (string | number | boolean)[]> } | null;
  ablation: { config: string; passes: string[] } | null;
  measures: Measure[];
  metrics: string[];
  /** What speeds are relative to. */
  baseline: string;
  /** Measures the baseline and the first configuration of the machine twice, to know the noise. */
  control: boolean;
  labels: Record<string, string>;
  reps: number;
  /** Repetitions of counts, which only show that they are the same. */
  countReps: number;
  /** Percent, or null: no further repetitions. */
  until: number | null;
  /** Timed when the machine is at its usual best (`pace.ts`). */
  calm: boolean;
  /** Milliseconds. */
  budget: number;
  timeout: number;
  size: Size | null;
  seed: number;
}

/** Suites of the checkout, where there is one. */
const SUITES = [fileURLToPath(new URL('../../../benchmarks/suites/', import.meta.url))].filter((dir) =>
  existsSync(dir),
);

const DEFAULT_METRICS = [
  'steady',
  'speedup',
  'whole',
  'whole-speedup',
  'break-even',
  'peak-memory',
  'coverage',
  'cover-90',
  'fragments',
  'exit-rate',
];

type Check<T> = (value: unknown, field: string) => T;
const wrong = (field: string, wants: string, value: unknown) =>
  new UserError(`plan: ${field} takes ${wants}, not ${JSON.stringify(value) ?? 'nothing'}`);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text: Check<string> = (value, field) => {
  if (typeof value !== 'string' || value === '') throw wrong(field, 'text', value);
  return value;
};
const positive: Check<number> = (value, field) => {
  if (typeof value !== 'number' || !(value > 0)) throw wrong(field, 'a positive number', value);
  return value;
};
const flag: Check<boolean> = (value, field) => {
  if (typeof value !== 'boolean') throw wrong(field, 'true or false', value);
  return value;
};
const texts: Check<string[]> = (value, field) => {
  if (!Array.isArray(value) || value.length === 0) throw wrong(field, 'a list of texts', value);
  return value.map((item) => text(item, field));
};
const among =
  (names: readonly string[], kind: string): Check<string[]> =>
  (value, field) =>
    texts(value, field).map((name) => {
      if (!names.includes(name)) throw new UserError(`plan: ${field}: ${unknownName(kind, name, names)}`);
      return name;
    });

const FIELDS = [
  'name',
  'workloads',
  'timed',
  'configs',
  'sweep',
  'ablation',
  'measures',
  'metrics',
  'baseline',
  'control',
  'labels',
  'calm',
  'reps',
  'countReps',
  'until',
  'budget',
  'timeout',
  'size',
  'seed',
];

/** Reads a plan file; anything wrong in it is a UserError that names the field. */
export async function readPlan(path: string): Promise<CampaignPlan> {
  return resolvePlan(await contents(path), basename(path).replace(/\.\w+$/, ''), dirname(resolve(path)));
}

async function contents(path: string): Promise<unknown> {
  if (!existsSync(path)) throw new UserError(`there is no plan '${path}'`);
  if (/\.[cm]?[jt]s$/.test(path)) return (await import(pathToFileURL(resolve(path)).href)).default;
  return readJson(path);
}

/** Fills in and checks a plan; workloads are found relative to the folder `from`. */
export async function resolvePlan(raw: unknown, name: string, from: string): Promise<CampaignPlan> {
  if (!isObject(raw)) throw new UserError('a plan is an object with workloads and configs');
  for (const field of Object.keys(raw)) {
    if (!FIELDS.includes(field)) throw new UserError(`plan: ${unknownName('field', field, FIELDS)}`);
  }
  const of = <T>(field: string, check: Check<T>, otherwise: T): T =>
    raw[field] === undefined ? otherwise : check(raw[field], field);
  if (raw.workloads === undefined)
    throw new UserError('plan: workloads is missing: a list of suites, folders and modules');
  const sweep = of('sweep', sweepOf, null);
  const ablation = of('ablation', ablationOf, null);
  const given = of('configs', texts, ['host', 'trace']);
  const wanted = [...new Set([...given, ...(sweep ? swept(sweep) : []), ...(ablation ? ablated(ablation) : [])])];
  for (const config of wanted) configOf(config);
  const baseline = of('baseline', text, ['host', 'turbofan', 'default'].find((c) => wanted.includes(c)) ?? wanted[0]!);
  if (!wanted.includes(baseline)) throw new UserError(`plan: the baseline '${baseline}' is not among the configs`);
  const measures = of('measures', among(Object.keys(MEASURES), 'measure'), Object.keys(MEASURES)) as Measure[];
  const control = of(
    'control',
    flag,
    measures.some((measure) => measure !== 'count'),
  );
  const reps = of('reps', positive, 5);
  const configs = control ? [...wanted, ...twinsOf(wanted, baseline)] : wanted;
  const size = of(
    'size',
    (value, field) => {
      if (!(SIZES as readonly unknown[]).includes(value)) throw wrong(field, SIZES.join(', '), value);
      return value as Size;
    },
    null as Size | null,
  );
  const load = (value: unknown, field: string) => loadWorkloads(texts(value, field).join(','), SUITES, from);
  const workloads = await load(raw.workloads, 'workloads');
  const timed = raw.timed === undefined ? null : (await load(raw.timed, 'timed')).map(({ id }) => id);
  const unknown = timed?.find((id) => !workloads.some((w) => w.id === id));
  if (unknown !== undefined) throw new UserError(`plan: timed: '${unknown}' is not among the workloads`);
  return {
    name: of('name', text, name),
    workloads,
    timed,
    configs,
    sweep,
    ablation,
    baseline,
    size,
    measures,
    control,
    metrics: of('metrics', among([...METRIC_BY_NAME.keys()], 'metric'), DEFAULT_METRICS),
    labels: of(
      'labels',
      (value, field) => {
        if (!isObject(value)) throw wrong(field, 'an object from configurations to texts', value);
        return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, text(v, `${field}.${k}`)]));
      },
      {},
    ),
    calm: of('calm', flag, false),
    reps,
    countReps: of('countReps', positive, reps),
    until: of<number | null>('until', positive, null),
    budget: of('budget', positive, 1000),
    timeout: of('timeout', positive, 180_000),
    seed: of('seed', positive, 1),
  };
}

/** A/A control: what is compared, once more. A composite baseline is no process; plain Node stands for it. */
function twinsOf(configs: readonly string[], baseline: string): string[] {
  const native = isBest(configOf(baseline)) ? configs.find((name) => name === 'default') : baseline;
  const machine = configs.find((name) => {
    const config = configOf(name);
    return !isBest(config) && config.mode === 'trace' && name !== baseline;
  });
  return [native, machine].flatMap((name) =>
    name && !name.includes('@') && !configs.includes(`${name}@2`) ? [`${name}@2`] : [],
  );
}

type Sweep = NonNullable<CampaignPlan['sweep']>;

const sweepOf: Check<Sweep> = (value, field) => {
  if (!isObject(value) || !isObject(value.options))
    throw wrong(field, 'a config and options with lists of values', value);
  const options = Object.entries(value.options).map(([name, values]) => {
    if (!Array.isArray(values) || values.length === 0)
      throw wrong(`${field}.options.${name}`, 'a list of values', values);
    return [name, values] as const;
  });
  return { config: text(value.config, `${field}.config`), options: Object.fromEntries(options) };
};

/** All combinations of the swept values. */
export function swept({ config, options }: Sweep): string[] {
  let names = [config];
  for (const [option, values] of Object.entries(options))
    names = names.flatMap((name) => values.map((v) => `${name}+${option}=${v}`));
  return names;
}

type Ablation = NonNullable<CampaignPlan['ablation']>;

const ablationOf: Check<Ablation> = (value, field) => {
  if (!isObject(value)) throw wrong(field, 'a config, and passes or "each"', value);
  const known = PASSES.map((pass) => pass.name);
  const passes =
    value.passes === 'each' || value.passes === undefined
      ? known
      : among(known, 'pass')(value.passes, `${field}.passes`);
  return { config: value.config === undefined ? 'counted' : text(value.config, `${field}.config`), passes };
};

/** Each pass left out of all, and each alone: what it is worth last and alone. */
export function ablated({ config, passes }: Ablation): string[] {
  return [config, `${config}+passes=O0`, ...passes.flatMap((pass) => [without(config, pass), alone(config, pass)])];
}
export const without = (config: string, pass: string): string => `${config}+passes=O3,-${pass}`;
export const alone = (config: string, pass: string): string => `${config}+passes=O0,+${pass}`;

/** What steady states and whole processes are compared with: a composite baseline is a choice of steady states only. */
export function baselines({ baseline, configs }: Pick<CampaignPlan, 'baseline' | 'configs'>): {
  steady: string;
  whole: string;
} {
  const whole = isBest(configOf(baseline)) && configs.includes('default') ? 'default' : baseline;
  return { steady: baseline, whole };
}
