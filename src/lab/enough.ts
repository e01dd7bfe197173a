/** How long a steady state is measured. */
import type { ChildJob } from './job.ts';

/** Times the budget after which half of the calls will do, but not fewer than these. */
const LONG = 5;
const FEWEST = 3;

/** True where calls have been made for long enough, milliseconds, and enough of them. */
export function enough({ least, budget }: Pick<ChildJob, 'least' | 'budget'>, calls: number, ms: number): boolean {
  return ms >= budget && (calls >= least || (calls >= Math.max(FEWEST, least / 2) && ms >= LONG * budget));
}
