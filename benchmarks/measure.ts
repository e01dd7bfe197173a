/**
 * Measures the workloads in separate processes under the named configurations and writes `results/NAME.json` and the
 * table `RESULTS.md`. Raw results are kept line by line; what is there already is not measured again.
 *
 *     node benchmarks/measure.ts [--quick] [--only=crc32,fib.O3] [--config=turbofan,trace] [--measure=first,steady]
 *                                [--reps=N] [--budget=MS] [--timeout=S] [--seed=N] [--name=guests] [--fresh] [--table=FILE]
 *                                [--steady=median|best]
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CONFIGS, configNames } from './lib/configs.ts';
import type { Measure, Result } from './lib/job.ts';
import { plan } from './lib/plan.ts';
import { progress } from './lib/progress.ts';
import { type Provenance, provenance, toolDigest, workloadDigest } from './lib/provenance.ts';
import { runJob } from './lib/run.ts';
import { appendResult, jobKey, loadResults } from './lib/store.ts';
import { type Row, type Steady, summarize } from './lib/summary.ts';
import { WORKLOADS, type Workload } from './lib/workloads.ts';
import { renderTable } from './table.ts';

/** The file that `results/NAME.json` is. */
export interface Results {
  schema: 1;
  provenance: Provenance;
  settings: { reps: number; budget: number; seed: number; quick: boolean; steady: Steady };
  rows: Row[];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Workloads by id or name; none means all. */
function chosen(only: string | undefined): Workload[] {
  if (!only) return [...WORKLOADS];
  return only.split(',').flatMap((name) => {
    const rows = WORKLOADS.filter((w) => w.id === name || w.name === name);
    if (!rows.length) throw new Error(`no workload '${name}'; there are ${WORKLOADS.map((w) => w.id).join(', ')}`);
    return rows;
  });
}

function measures(list: string): Measure[] {
  return list.split(',').map((name) => {
    if (name !== 'first' && name !== 'steady') throw new Error(`--measure takes first and steady, not '${name}'`);
    return name;
  });
}

function steadyFigure(name: string): Steady {
  if (name !== 'median' && name !== 'best') throw new Error(`--steady takes median or best, not '${name}'`);
  return name;
}

function count(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${flag} takes a positive number, not '${text}'`);
  return value;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      only: { type: 'string' },
      config: { type: 'string', default: Object.keys(CONFIGS).join(',') },
      measure: { type: 'string', default: 'first,steady' },
      reps: { type: 'string' },
      budget: { type: 'string' },
      timeout: { type: 'string', default: '180' },
      seed: { type: 'string', default: '1' },
      name: { type: 'string', default: 'guests' },
      steady: { type: 'string', default: 'median' },
      table: { type: 'string', default: here('RESULTS.md') },
    },
  });
  const settings = {
    reps: count('reps', values.reps ?? (values.quick ? '1' : '5')),
    budget: count('budget', values.budget ?? (values.quick ? '600' : '2000')),
    seed: count('seed', values.seed),
    quick: values.quick,
    steady: steadyFigure(values.steady),
  };
  const workloads = chosen(values.only);
  const jobs = plan({
    workloads,
    configs: configNames(values.config),
    measures: measures(values.measure),
    reps: settings.reps,
    budget: settings.budget,
    seed: settings.seed,
  });
  const timeout = count('timeout', values.timeout) * 1000;
  mkdirSync(here('results'), { recursive: true });
  const raw = here(`results/${values.name}.jsonl`);
  if (values.fresh) rmSync(raw, { force: true });

  const tool = toolDigest();
  const digests = new Map(workloads.map((w) => [w.id, workloadDigest(w)]));
  const about = provenance(tool);
  const known = loadResults(raw);
  const results: Result[] = [];
  const show = progress(jobs.length);
  for (const job of jobs) {
    const key = jobKey(job, digests.get(job.workload)!, tool);
    let result = known.get(key);
    // A failure is tried again: it may have been the machine's fault, or the tool is right now.
    if (!result || result.error) {
      show.begin(`${job.workload} ${job.config} ${job.measure} #${job.rep}`);
      result = { ...job, key, date: new Date().toISOString(), ...runJob(job, timeout) };
      appendResult(raw, result);
    }
    results.push(result);
    show.end(result.error ? `${job.workload}, ${job.config}, ${job.measure}: ${result.error}` : undefined);
  }
  show.done();

  const rows = workloads.map((w) => summarize(w, digests.get(w.id)!, results, settings.steady));
  const out: Results = { schema: 1, provenance: about, settings, rows };
  const path = here(`results/${values.name}.json`);
  writeFileSync(path, `${JSON.stringify(out, null, 1)}\n`);
  writeFileSync(values.table, renderTable(out));
  console.log(`${path}\n${values.table}`);
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
