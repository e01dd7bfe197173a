/** All runs of the report beside each other: one row each, with a link into the run. */
import { coverSet, type StackedRow, stackedBars } from '../charts/exports.ts';
import { fmt } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { ReportSection, RunInfo } from '../section.ts';
import { cumulativeShares } from './fragments.ts';
import { legend, timeParts } from './time.ts';

export const workloads: ReportSection = {
  id: 'workloads',
  title: 'Workloads',
  render: ({ runs, draw }) => {
    if (runs.length < 2) return html``;
    const rows: StackedRow[] = runs.map((r) => ({ label: r.label, parts: timeParts(r.stats) }));
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Workloads"><table class="sortable">
<caption>${runs.length} runs; choose one to see it below</caption>
<thead><tr>${HEADS.map(([head, help, n]) => html`<th scope="col" title="${help}"${n && html` class="n"`}>${head}</th>`)}</tr></thead>
<tbody>${runs.map(line)}</tbody></table></div>
<figure><figcaption>Where the time of each workload goes</figcaption>${stackedBars(draw, 'Time by component, by workload', rows)}${legend(runs.map((r) => r.stats))}</figure>`;
  },
};

const HEADS: [head: string, help: string, number: boolean][] = [
  ['workload', 'file name of the module', false],
  ['mode', 'how the module was executed', false],
  ['total', 'wall time', true],
  ['instructions', 'guest instructions completed', true],
  ['coverage', 'share of the guest instructions completed in fragments', true],
  ['fragments', 'compiled fragments', true],
  ['90 % set', 'smallest number of fragments that execute 90 % of all guest instructions', true],
  ['aborts', 'recordings given up', true],
  ['exits taken', 'times that a fragment was left', true],
  ['cache', 'bytes of emitted Wasm and metadata', true],
];

function line({ stats, slug, label }: RunInfo): Html {
  const aborts = Object.values(stats.traces.aborted).reduce((a, b) => a + b, 0);
  const cover = coverSet(cumulativeShares(stats), 0.9);
  const number = (value: number | null, text: string) => html`<td class="n" data-v="${value ?? -1}">${text}</td>`;
  const { total, coverage } = stats.instructions;
  return html`<tr><th scope="row"><a href="#${slug}/overview">${label}</a></th><td>${stats.mode}</td>
${number(stats.time_ms.total, fmt.ms(stats.time_ms.total))}${number(total, fmt.int(total))}
<td class="n b" data-v="${coverage}"><span class="bar" style="--v:${(coverage * 100).toFixed(1)}%"></span>${fmt.pct(coverage)}</td>
${number(stats.fragments.length, fmt.int(stats.fragments.length))}${number(cover, cover === null ? '–' : fmt.int(cover))}${number(aborts, fmt.int(aborts))}
${number(stats.exits.taken, fmt.int(stats.exits.taken))}${number(stats.cache.bytes, fmt.bytes(stats.cache.bytes))}</tr>
`;
}
