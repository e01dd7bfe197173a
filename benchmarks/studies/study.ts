/**
 * A study is a question, a plan and a page that answers: what `npm run study -- NAME` runs. The campaign does the
 * measuring; a study only says what is measured and which of the figures stand on the page.
 */
import type { Campaign } from '../../src/lab/campaign/campaign.ts';
import type { Row } from '../../src/lab/summary.ts';

export interface Study {
  readonly name: string;
  readonly title: string;
  /** What is asked, and which literature asked it before. */
  readonly question: string;
  /** A plan as a plan file has it. `quick`: few programs, small inputs, one process a figure: to see that it works. */
  plan(quick: boolean): Readonly<Record<string, unknown>>;
  /** Charts of the campaign's export that stand on the page, each with its caption. */
  readonly charts: Readonly<Record<string, string>>;
  /** Tables and sentences, as Markdown. */
  findings(campaign: Campaign, rows: readonly Row[]): string[];
}

/**
 * Everything counted, with compiling for free at first: small inputs are soon over, and studies of code are to have some.
 */
export const COUNTED = 'counted+compileFree=200';

/**
 * Programs of different kinds: loops over arrays and their sums, branches, calls, an interpreter, floats, strings,
 * pointers; optimized and unoptimized builds.
 */
const PROGRAMS = [
  'crc32.O3',
  'quicksort.O0',
  'bytecode.O3',
  'matmul.O3',
  'hashtable.O3',
  'nbody.O0',
  'c-qsort.O0',
  'sad.O3',
  'lz.O3',
  'indirect.O3',
];

/**
 * A plan with the programs and efforts that all studies share: `counted` are counted, the first so many of PROGRAMS are
 * timed, in calls of 20 to 100 ms: in shorter ones the beginnings of loops weigh more than their code. The defaults end
 * within some twenty minutes on two cores; `--programs` and `--reps` take more. Counts are the same each time, so one
 * repetition of them is enough.
 */
export function effort(quick: boolean, counted: string[] | null, timed: number, reps: number): Record<string, unknown> {
  if (quick)
    return {
      workloads: ['guests#crc32.O3|quicksort.O3|bytecode.O3'],
      reps: 1,
      budget: 200,
      size: 'small',
      control: false,
    };
  const some = [`guests#${PROGRAMS.slice(0, timed).join('|')}`];
  return { workloads: counted ?? some, timed: some, reps, countReps: 1, budget: 1500, size: 'medium' };
}
