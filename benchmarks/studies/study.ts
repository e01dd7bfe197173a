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

/** Programs of different kinds: loops over arrays, branches, calls, an interpreter, floats, pointers. */
const PROGRAMS = [
  'crc32',
  'quicksort',
  'bytecode',
  'hashtable',
  'matmul',
  'strings',
  'trees',
  'lz',
  'nbody',
  'indirect',
];

/**
 * A plan with the programs and efforts that all studies share: `counted` are counted, the first so many of PROGRAMS are
 * timed. The defaults end within a quarter of an hour on two cores; `--programs` and `--reps` take more. Counts are the
 * same each time, so one repetition of them is enough.
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
  const programs = PROGRAMS.slice(0, timed).map((name) => `${name}.O3`);
  const some = [`guests#${programs.join('|')}`];
  return { workloads: counted ?? some, timed: some, reps, countReps: 1, budget: 1000, size: 'small' };
}
