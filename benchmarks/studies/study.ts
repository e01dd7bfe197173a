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

/** A plan with the programs and efforts that all studies share. */
export const effort = (quick: boolean): Record<string, unknown> =>
  quick
    ? { workloads: ['guests#crc32.O3|quicksort.O3|bytecode.O3'], reps: 1, budget: 200, size: 'small', control: false }
    : { workloads: ['guests#*.O0|*.O3|*.wat', 'apps'], reps: 5 };
