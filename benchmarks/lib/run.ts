/** Runs one job in a process of its own and times that process from outside. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CONFIGS } from './configs.ts';
import type { Job, Sample } from './job.ts';

const child = fileURLToPath(new URL('child.ts', import.meta.url));
/** Compiled JavaScript is kept here between processes, as an installed package's would be parsed faster than TypeScript. */
const cache = fileURLToPath(new URL('../../.cache/compile/', import.meta.url));

/** Wall-clock milliseconds of the process, and its sample or one sentence why there is none. */
export function runJob(job: Job, timeout: number): { wall: number; sample?: Sample; error?: string } {
  const args = ['--disable-warning=ExperimentalWarning', ...CONFIGS[job.config].flags, child, JSON.stringify(job)];
  const start = performance.now();
  const done = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
    env: { ...process.env, NODE_COMPILE_CACHE: cache, NODE_OPTIONS: '' },
  });
  const wall = performance.now() - start;
  if (done.error && 'code' in done.error && done.error.code === 'ETIMEDOUT') {
    return { wall, error: `no result within ${timeout / 1000} s` };
  }
  const line = done.stdout?.trim().split('\n').at(-1) ?? '';
  let parsed: Sample | { error: string };
  try {
    parsed = JSON.parse(line);
  } catch {
    const last = done.stderr
      ?.trim()
      .split('\n')
      .find((l) => /Error|FATAL|#/.test(l));
    return { wall, error: last ?? `the process ended with ${done.signal ?? `status ${done.status}`}` };
  }
  return 'error' in parsed ? { wall, error: parsed.error } : { wall, sample: parsed };
}
