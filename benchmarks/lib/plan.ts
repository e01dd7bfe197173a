/** Which jobs a run consists of, in which order: repetition by repetition, and in random order within each. */

import { CONFIGS, type Config, type ConfigName } from './configs.ts';
import type { Job, Measure } from './job.ts';
import { generator, shuffled } from './statistics.ts';
import type { Workload } from './workloads.ts';

export interface PlanOptions {
  workloads: readonly Workload[];
  configs: readonly ConfigName[];
  measures: readonly Measure[];
  reps: number;
  /** Milliseconds of calls in each steady-state process. */
  budget: number;
  seed: number;
}

/**
 * Interleaved, so that a slow minute of the machine falls on all configurations alike. A configuration's own limit on
 * repetitions holds for whole-process measures only: those are the long ones.
 */
export function plan(options: PlanOptions): Job[] {
  const random = generator(options.seed);
  const jobs: Job[] = [];
  for (let rep = 0; rep < options.reps; rep++) {
    const round: Job[] = [];
    for (const row of options.workloads) {
      for (const config of options.configs) {
        for (const measure of options.measures) {
          const { maxReps }: Config = CONFIGS[config];
          if (measure === 'first' && rep >= maxReps) continue;
          round.push({ workload: row.id, config, measure, rep, budget: measure === 'steady' ? options.budget : 0 });
        }
      }
    }
    jobs.push(...shuffled(round, random));
  }
  return jobs;
}
