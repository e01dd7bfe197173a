/** Runs one job in a process of its own and times that process from outside. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnable } from './config.ts';
import type { ChildJob, Job, Sample } from './job.ts';
import type { Size, Workload } from './workload.ts';

/** The sources in a checkout, the bundle in an installed package. */
const ownChild = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? 'child.ts' : '../command/child.cjs', import.meta.url),
);

/** Compiled JavaScript is kept here between processes, as an installed package's would be parsed faster than TypeScript. */
const cache = join(tmpdir(), 'node-compile-cache');

export interface RunSettings {
  /** Milliseconds of calls in each steady-state process. */
  budget: number;
  /** Milliseconds after which a process is stopped. */
  timeout: number;
  /** Size for all measures instead of each measure's own. */
  size?: Size;
  /** Script of the measured process, where it is not this package's own: a bundle starts faster than sources. */
  child?: string;
}

/** What the process is told. */
export function childJob(job: Job, workload: Workload, settings: RunSettings): ChildJob {
  const config = runnable(job.config);
  const size = settings.size ?? (job.measure === 'first' ? 'large' : 'medium');
  return {
    program: workload.program,
    measure: job.measure,
    mode: config.mode,
    options: job.measure === 'count' ? { ...config.options, deterministic: true } : config.options,
    iterate: config.iterate,
    least: config.least,
    budget: job.measure === 'steady' ? settings.budget : 0,
    scale: workload.sizes?.[size] ?? null,
    expected: workload.expected?.[size] ?? null,
  };
}

/** Wall-clock milliseconds of the process, and its sample or one sentence why there is none. */
export function runJob(
  job: Job,
  workload: Workload,
  settings: RunSettings,
): { wall: number; sample?: Sample; error?: string } {
  const told = JSON.stringify(childJob(job, workload, settings));
  const args = [
    '--disable-warning=ExperimentalWarning',
    ...runnable(job.config).flags,
    settings.child ?? ownChild,
    told,
  ];
  const start = performance.now();
  const done = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: settings.timeout,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache, NODE_OPTIONS: '' },
  });
  const wall = performance.now() - start;
  if (done.error && 'code' in done.error && done.error.code === 'ETIMEDOUT') {
    return { wall, error: `no result within ${settings.timeout / 1000} s` };
  }
  const line = done.stdout?.trim().split('\n').at(-1) ?? '';
  let parsed: Sample | { error: string };
  try {
    parsed = JSON.parse(line);
  } catch {
    const why = done.stderr
      ?.trim()
      .split('\n')
      .find((l) => /Error|FATAL|#/.test(l));
    return { wall, error: why ?? `the process ended with ${done.signal ?? `status ${done.status}`}` };
  }
  return 'error' in parsed ? { wall, error: parsed.error } : { wall, sample: parsed };
}
