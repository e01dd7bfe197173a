/** The goals of the published measurements as one table: what was measured is read from the files that `npm run bench` wrote. */
import { existsSync, readFileSync } from 'node:fs';

const results = new URL('../../benchmarks/results/', import.meta.url);

/** Published runs, in the order of their importance. */
const RUNS = ['bench', 'suites', 'modes', 'exact', 'small', 'start'] as const;

/** Rows of the table of goals in a page of results: goal, what was measured, whether that is enough. */
function goalsOf(page: string): string[][] {
  const [, part = ''] = page.split('\n## Goals\n');
  const rows = (part.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  // Behind the head and the line below it.
  return rows.slice(2).map((line) => line.split('|').slice(1, -1));
}

export function figures(): string {
  const rows = RUNS.flatMap((name) => {
    const file = new URL(`${name}.md`, results);
    if (!existsSync(file)) return [];
    const link = `[${name}](benchmarks/results/${name}.md)`;
    return goalsOf(readFileSync(file, 'utf8')).map((cells) => `|${cells.join('|')}| ${link} |`);
  });
  return ['| goal | measured | met | in |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
