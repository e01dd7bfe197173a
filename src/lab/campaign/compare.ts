/**
 * Compares two campaigns, cell by cell: a regression gate. A cell got worse where the whole interval of its ratio is
 * beyond the tolerance; counts are exact, so any difference is told.
 */
import type { Interval } from '../../stats/bootstrap.ts';
import { firstDifference } from '../counts.ts';
import { interval } from '../render/figures.ts';
import { table } from '../render/markdown.ts';
import { type Row, steadyRatio, wallRatio } from '../summary.ts';

export interface Change {
  workload: string;
  config: string;
  what: 'steady' | 'whole';
  /** Time of the second over the first: above 1 is slower. */
  ratio: Interval;
  verdict: 'slower' | 'faster' | 'same';
}

export interface Comparison {
  changes: Change[];
  /** Sentences about counts and results that differ. */
  differences: string[];
}

/** `tolerance` 0.02: two per cent slower is still the same. */
export function compare(before: readonly Row[], after: readonly Row[], tolerance: number): Comparison {
  const changes: Change[] = [];
  const differences: string[] = [];
  for (const a of before) {
    const b = after.find((row) => row.id === a.id);
    if (!b) continue;
    for (const config of Object.keys(a.cells)) {
      const [x, y] = [a.cells[config], b.cells[config]];
      for (const [what, ratio] of [
        ['steady', steadyRatio(y, x)],
        ['whole', wallRatio(y, x)],
      ] as const) {
        if (!ratio) continue;
        const verdict = ratio.low > 1 + tolerance ? 'slower' : ratio.high < 1 - tolerance ? 'faster' : 'same';
        changes.push({ workload: a.id, config, what, ratio, verdict });
      }
      const difference = x?.counts && y?.counts && firstDifference(x.counts, y.counts);
      if (difference) differences.push(`${a.id}, ${config}: ${difference}`);
    }
  }
  return { changes, differences };
}

export function comparisonText({ changes, differences }: Comparison, tolerance: number): string {
  const count = (verdict: Change['verdict']) => changes.filter((c) => c.verdict === verdict).length;
  const told = changes.filter((c) => c.verdict !== 'same').sort((a, b) => b.ratio.value - a.ratio.value);
  const rows = told.map((c) => [`\`${c.workload}\``, c.config, c.what, interval(c.ratio, 3), c.verdict]);
  return [
    `${changes.length} figures compared: ${count('slower')} slower, ${count('faster')} faster, ${count('same')} the same within ${+(tolerance * 100).toFixed(3)} %`,
    '',
    ...table(['workload', 'config', 'figure', 'time, second / first', 'verdict'], rows),
    ...(differences.length ? ['Counts that differ:', '', ...differences.map((d) => `- ${d}`), ''] : []),
  ].join('\n');
}
