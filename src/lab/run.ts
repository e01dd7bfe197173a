/** Runs one job in a process of its own and times that process from outside. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MACHINE_FLAGS, runnable } from './config.ts';
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
  /** Size of counts (medium): those beside whole processes are of the same size. */
  countSize?: Size;
  /** Milliseconds of a look at the machine's usual best, where steady states look at the pace of their core. */
  usual?: number;
  /** Script of the measured process, where it is not this package's own: a bundle starts faster than sources. */
  child?: string;
}

/** What the process is told. */
export function childJob(job: Job, workload: Workload, settings: RunSettings): ChildJob {
  const config = runnable(job.config);
  const own = { first: 'large', steady: 'medium', count: settings.countSize ?? 'medium' } as const;
  const size = settings.size ?? own[job.measure];
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
    ...(job.measure === 'steady' && settings.usual !== undefined ? { usual: settings.usual } : {}),
  };
}

/** Milliseconds that a first run may take, however short the measured one may be. */
const FIRST_RUN = 120_000;

/** Exact profiles that this process has had made, by what was run, and the folder that they are in until it ends. */
const profiles = new Map<string, string>();
let profileFolder: string | undefined;

function newProfile(): string {
  if (profileFolder === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'wynamo-exact-'));
    profileFolder = folder;
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
  return join(profileFolder, `${profiles.size}.json`);
}

/** The exact profile of the job's program and size, of a process that ran before; one sentence where that failed. */
function exactProfile(told: ChildJob, settings: RunSettings): { path: string } | { error: string } {
  const key = JSON.stringify([told.program, told.scale]);
  const known = profiles.get(key);
  if (known !== undefined) return { path: known };
  const path = newProfile();
  const first: ChildJob = { ...told, profileTo: path };
  const done = spawnChild([], first, { ...settings, timeout: Math.max(settings.timeout, FIRST_RUN) });
  if ('error' in done) return { error: `the run that writes the exact profile: ${done.error}` };
  profiles.set(key, path);
  return { path };
}

/** What came of a job. */
export interface Ran {
  wall: number;
  sample?: Sample;
  error?: string;
}

/** Wall-clock milliseconds of the process, and its sample or one sentence why there is none. */
export function runJob(job: Job, workload: Workload, settings: RunSettings): Ran {
  const told = toldTo(job, workload, settings);
  return 'error' in told ? { wall: 0, error: told.error } : spawnChild(runnable(job.config).flags, told, settings);
}

/** What the process is told, with the exact profile where the policy needs one; one sentence where that failed. */
export function toldTo(job: Job, workload: Workload, settings: RunSettings): ChildJob | { error: string } {
  const told = childJob(job, workload, settings);
  const policy = String(told.options.policy ?? '').split(':')[0];
  if (policy !== 'oracle' || told.options.exactProfile) return told;
  const profile = exactProfile(told, settings);
  if ('error' in profile) return profile;
  return { ...told, options: { ...told.options, exactProfile: profile.path } };
}

/**
 * Arguments of Node for a process that does the job, or several one after the other. The flags of the machine come behind
 * the script, which sets them as the command does: on the command line they would cost the host its compiled modules.
 */
export const childArgs = (
  flags: readonly string[],
  told: ChildJob | readonly ChildJob[],
  { child }: RunSettings,
): string[] => {
  const own = (flag: string) => MACHINE_FLAGS.includes(flag);
  return [
    '--disable-warning=ExperimentalWarning',
    ...flags.filter((flag) => !own(flag)),
    child ?? ownChild,
    JSON.stringify(told),
    ...flags.filter(own),
  ];
};

export const childEnv = (): NodeJS.ProcessEnv => ({ ...process.env, NODE_COMPILE_CACHE: cache, NODE_OPTIONS: '' });

/** Runs the measured process and reads what it prints. */
function spawnChild(flags: readonly string[], told: ChildJob, settings: RunSettings): Ran {
  const args = childArgs(flags, told, settings);
  const start = performance.now();
  const done = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: settings.timeout,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnv(),
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
