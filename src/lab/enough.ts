/** How long a steady state is measured. */
import type { ChildJob } from './job.ts';

type Budget = Pick<ChildJob, 'least' | 'budget'>;

/** Times the budget after which half of the calls will do, but not fewer than these. */
const LONG = 5;
const FEWEST = 3;

/** True where calls have been made for long enough, milliseconds, and enough of them. */
export function enough({ least, budget }: Budget, calls: number, ms: number): boolean {
  return ms >= budget && (calls >= least || (calls >= Math.max(FEWEST, least / 2) && ms >= LONG * budget));
}

/** Times the budget that a process goes on at most to have as many calls in quiet moments. */
const PATIENCE = 6;

/** The same of all calls of a process, which took `ms`, or of the `quiet` ones, milliseconds and how many, within bounds. */
export function enoughQuiet(job: Budget, calls: number, ms: number, quiet?: { calls: number; ms: number }): boolean {
  const patient = quiet === undefined || ms >= PATIENCE * job.budget;
  return patient ? enough(job, calls, ms) : enough(job, quiet.calls, quiet.ms);
}
