/**
 * What a reader of a campaign has to bear in mind: general threats to validity of this way of measuring, and those that
 * these very results show. A report that hides them is worth less.
 */

import { slowTold } from '../pace.ts';
import type { Provenance } from '../provenance.ts';
import { meanSpeed } from '../render/figures.ts';
import type { Row } from '../summary.ts';
import type { CampaignPlan } from './plan-file.ts';

export function threats(
  plan: CampaignPlan,
  rows: readonly Row[],
  provenance: Provenance,
  sites: readonly string[],
): string[] {
  const out: string[] = [];
  const timed = plan.measures.some((m) => m !== 'count');
  const cells = rows.flatMap((row) =>
    Object.entries(row.cells).map(([config, cell]) => ({ id: row.id, config, cell })),
  );

  if (sites.length > 1)
    out.push(`The results come from ${sites.length} machines or engines; ratios between them mean little.`);
  else
    out.push(
      'All results come from one machine and one engine; other processors and other engines may order the configurations differently.',
    );
  if (timed) {
    if (provenance.load > 0.5 * provenance.cores) {
      out.push(
        `The machine was not quiet: its load was ${provenance.load.toFixed(2)} at the start, on ${provenance.cores} cores.`,
      );
    }
    out.push(...slowTold(rows));
    if (plan.reps < 5)
      out.push(
        `Intervals come from ${plan.reps} ${plan.reps === 1 ? 'process' : 'processes'} a figure; so few make bootstrap intervals too narrow.`,
      );
    out.push(...noise(plan, rows));
  }
  const steady = cells.filter(({ cell }) => cell.steady && !cell.chosen);
  const unsteady = steady.filter(({ cell }) => !/^(flat|warm-up)$/.test(cell.steady!.class ?? ''));
  if (unsteady.length) {
    const names = unsteady
      .slice(0, 3)
      .map(({ id, config }) => `${id} under ${config}`)
      .join(', ');
    out.push(
      `${unsteady.length} of ${steady.length} steady states are slowdowns, inconsistent, too short or none (${names}${unsteady.length > 3 ? ', ...' : ''}); their times are means of the later part all the same.`,
    );
  }
  const fresh = steady.filter(({ cell, config }) => cell.steady!.iterate === 'fresh' && config !== 'warm').length;
  if (fresh)
    out.push(
      `${fresh} steady states are of fresh instances, because the program changes what cannot be set back: they hold the warm-up of each.`,
    );
  if (plan.workloads.some((w) => w.program.kind === 'wasi')) {
    out.push(
      'WASI programs see a virtual clock and seeded random numbers; one that adapts to real time behaves differently here.',
    );
  }
  if (plan.measures.includes('count'))
    out.push('Counts come from deterministic runs, which compile in line; normal runs may decide at other moments.');
  if (plan.size === 'small') out.push('Inputs are small: costs of the start weigh more than in real use.');
  out.push('The programs are not a random sample of anything; means and intervals hold for these programs.');
  return out;
}

/** What the A/A control says, or that there is none. */
function noise(plan: CampaignPlan, rows: readonly Row[]): string[] {
  const twins = plan.configs.filter((name) => name.includes('@'));
  if (!twins.length) return ['There is no A/A control: how much of a difference is noise is not known.'];
  return twins.flatMap((twin) => {
    const name = twin.replace(/@\d+$/, '');
    return (['steady', 'whole'] as const).flatMap((what) => {
      const found = meanSpeed(rows, twin, name, what);
      if (!found || (found.mean.low <= 1 && found.mean.high >= 1)) return [];
      const percent = (Math.abs(found.mean.value - 1) * 100).toFixed(1);
      return [
        `The same configuration twice (${name}, ${what}) differs by ${percent} % on average: differences of that size are noise.`,
      ];
    });
  });
}
