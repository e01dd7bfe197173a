/** Which jobs a run consists of, in which order: repetition by repetition, and in random order within each. */
import { generator, shuffled } from '../stats/random.ts';
import { expand, runnable } from './config.ts';
import type { Job, Measure } from './job.ts';
import type { Workload } from './workload.ts';

export interface Plan {
  workloads: readonly Workload[];
  /** As they were asked for; composite ones stand for what they choose from. */
  configs: readonly string[];
  measures: readonly Measure[];
  reps: number;
  /** Repetitions of counts, which only show that they are the same; as many as of the others by default. */
  countReps?: number;
  /** Ids of the workloads that are timed; all by default. The others are only counted. */
  timed?: readonly string[] | null;
  seed: number;
}

/**
 * Interleaved, so that a slow minute of the machine falls on all configurations alike. A configuration's own limit on
 * repetitions holds for whole-process measures only: those are the long ones. Counts exist under the machine only.
 */
export function jobsOf(plan: Plan): Job[] {
  const random = generator(plan.seed);
  const jobs: Job[] = [];
  for (let rep = 0; rep < plan.reps; rep++) {
    const round: Job[] = [];
    for (const { id } of plan.workloads) {
      for (const config of expand(plan.configs)) {
        const { maxReps, iterate, mode } = runnable(config);
        for (const measure of plan.measures) {
          if (measure !== 'count' && plan.timed && !plan.timed.includes(id)) continue;
          if (measure === 'first' && (rep >= maxReps || iterate === 'fresh')) continue;
          // Counts have no noise, so they need no twins.
          if (
            measure === 'count' &&
            (mode === 'native' || config.includes('@') || rep >= (plan.countReps ?? plan.reps))
          )
            continue;
          round.push({ workload: id, config, measure, rep });
        }
      }
    }
    jobs.push(...shuffled(round, random));
  }
  return jobs;
}

/** Part `i` of `n` (from 1) of the jobs: by workload, so that what is compared is measured on one machine. */
export function shard(jobs: readonly Job[], i: number, n: number): Job[] {
  const ids = [...new Set(jobs.map((job) => job.workload))].sort();
  return jobs.filter((job) => ids.indexOf(job.workload) % n === i - 1);
}
