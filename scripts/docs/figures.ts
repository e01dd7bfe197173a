/** The goals of the published measurements as one table: what was measured is read from the files that `npm run bench` wrote. */
import { existsSync, readFileSync } from 'node:fs';
import { GOALS, goalTable } from '../../benchmarks/goals.ts';
import type { Row } from '../../src/lab/summary.ts';

const results = new URL('../../benchmarks/results/', import.meta.url);

/** Published runs, in the order of their importance. */
const RUNS = ['bench', 'suites', 'modes', 'exact', 'small', 'start'] as const;

/** Runs whose rows are published, too: together they are all programs at hand. */
const TOGETHER = ['bench', 'suites'] as const;

const linkTo = (name: string) => `[${name}](benchmarks/results/${name}.md)`;

/** Rows of the table of goals in a page of results: goal, what was measured, whether that is enough. */
function goalsOf(page: string): string[][] {
  const [, part = ''] = page.split('\n## Goals\n');
  const rows = (part.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  // Behind the head and the line below it.
  return rows.slice(2).map((line) => line.split('|').slice(1, -1));
}

interface Published {
  readonly provenance: { readonly cpu: string };
  readonly rows: Row[];
}

/** The same for the goals that are about all programs, over the rows of several runs; none where these are of several machines. */
function goalsTogether(): string[] {
  const files = TOGETHER.map((name) => new URL(`${name}.json`, results));
  if (!files.every((file) => existsSync(file))) return [];
  const runs = files.map((file): Published => JSON.parse(readFileSync(file, 'utf8')));
  if (new Set(runs.map(({ provenance }) => provenance.cpu)).size > 1) return [];
  const everywhere = GOALS.filter((goal) => goal.everywhere);
  const rows = runs.flatMap((run) => run.rows);
  const page = ['', ...goalTable(rows, everywhere)].join('\n');
  return goalsOf(page).map((cells) => `|${cells.join('|')}| ${TOGETHER.map(linkTo).join(', ')} |`);
}

export function figures(): string {
  const rows = RUNS.flatMap((name) => {
    const file = new URL(`${name}.md`, results);
    if (!existsSync(file)) return [];
    return goalsOf(readFileSync(file, 'utf8')).map((cells) => `|${cells.join('|')}| ${linkTo(name)} |`);
  });
  return ['| goal | measured | met | in |', '| --- | --- | --- | --- |', ...goalsTogether(), ...rows].join('\n');
}
