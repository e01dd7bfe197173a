/**
 * Counting processes that do several jobs each, some processes beside each other. Where nothing is timed that is sound:
 * counts are decided by counts, not by clocks, and each job has fresh instances. It is cheaper, since most of a short
 * process is its start, and stricter: the order is random in each repetition, so a count that depended on what the process
 * did before would differ. A process does the jobs of one program and repetition under the same flags of Node.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { runnable } from './config.ts';
import type { ChildJob, Job, Sample } from './job.ts';
import { childArgs, childEnv, type Ran, type RunSettings, toldTo } from './run.ts';
import type { Workload } from './workload.ts';

/** Jobs that one process can do, in the order that they came in. */
export function groups(jobs: readonly Job[]): Job[][] {
  return [
    ...Map.groupBy(jobs, ({ workload, rep, config }) =>
      JSON.stringify([workload, rep, runnable(config).flags]),
    ).values(),
  ];
}

/**
 * Does the jobs of one group in a process. `kept` gets each as soon as it is there; a job of which nothing came, as the
 * process had died or was stopped, is not told: whoever asks runs it alone.
 */
export function runGroup(
  jobs: readonly Job[],
  workload: Workload,
  settings: RunSettings,
  kept: (job: Job, ran: Ran) => void,
): Promise<void> {
  const able: { job: Job; told: ChildJob }[] = [];
  for (const job of jobs) {
    const told = toldTo(job, workload, settings);
    if (!('error' in told)) able.push({ job, told });
  }
  if (able.length === 0) return Promise.resolve();
  const args = childArgs(
    runnable(able[0]!.job.config).flags,
    able.map(({ told }) => told),
    settings,
  );
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], env: childEnv() });
  const stop = () => child.kill('SIGKILL');
  let patience = setTimeout(stop, settings.timeout);
  let since = performance.now();
  let next = 0;
  createInterface(child.stdout).on('line', (line) => {
    const answer = answerOf(line);
    const row = able[next];
    if (!answer || !row) return;
    next++;
    clearTimeout(patience);
    patience = setTimeout(stop, settings.timeout);
    const now = performance.now();
    if (!('error' in answer)) kept(row.job, { wall: now - since, sample: answer });
    since = now;
  });
  return new Promise((resolve) => {
    child.once('close', () => {
      clearTimeout(patience);
      resolve();
    });
    child.once('error', () => resolve());
  });
}

/** What the process printed about a job, without milliseconds of its parts: other processes ran beside it. */
function answerOf(line: string): Sample | { error: string } | null {
  try {
    const { time: _, ...answer } = JSON.parse(line);
    return 'error' in answer || 'calls' in answer ? answer : null;
  } catch {
    // Something that the guest printed.
    return null;
  }
}
