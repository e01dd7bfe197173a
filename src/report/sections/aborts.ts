/** Recordings that were given up, by reason and by location. */
import type { Stats } from '../../profile/schema.ts';
import { ABORT_REASONS } from '../../record/aborts.ts';
import { fmt } from '../format.ts';
import { html } from '../html.ts';
import type { GridColumn, GridSpec, RunSection } from '../section.ts';

const DOCS: Record<string, string> = ABORT_REASONS;

type Abort = Stats['aborts'][number];

const byLocation: GridSpec<Abort> = {
  name: 'aborts',
  caption: 'Aborts by location',
  sorted: 'count',
  rows: (stats) => stats.aborts.toSorted((a, b) => b.count - a.count),
  columns: (f): GridColumn<Abort>[] => [
    { key: 'where', head: 'location', help: 'where the recording was given up', value: (a) => f.loc(a.name, a.offset) },
    { key: 'reason', head: 'reason', help: 'why', value: (a) => a.reason },
    { key: 'count', head: 'aborts', help: 'recordings given up here', value: (a) => a.count },
    {
      key: 'blacklisted',
      head: 'blacklisted',
      help: 'yes: no recording starts there any more',
      value: (a) => (a.blacklisted ? 'yes' : 'no'),
    },
  ],
};

export const aborts: RunSection = {
  id: 'aborts',
  title: 'Aborted recordings',
  grids: [byLocation],
  render: ({ stats, grid }) => {
    const reasons = Object.entries(stats.traces.aborted)
      .filter(([, n]) => n > 0)
      .sort((a, b) => b[1] - a[1]);
    const total = reasons.reduce((n, [, c]) => n + c, 0);
    if (total === 0)
      return html`<p class="none">No recording was given up: ${fmt.int(stats.traces.recorded)} recorded.</p>`;
    return html`<p>${fmt.int(total)} recordings were given up, ${fmt.int(stats.traces.compiled)} compiled.</p>
<table class="narrow"><caption>Aborts by reason</caption>
<thead><tr><th scope="col">reason</th><th scope="col" class="n">aborts</th><th scope="col" class="n">share</th><th scope="col">meaning</th></tr></thead>
<tbody>${reasons.map(
      ([reason, n]) =>
        html`<tr><th scope="row">${reason}</th><td class="n">${fmt.int(n)}</td><td class="n b"><span class="bar" style="--v:${(
          (n / total) * 100
        ).toFixed(1)}%"></span>${fmt.pct(n / total)}</td><td class="doc">${DOCS[reason] ?? ''}</td></tr>`,
    )}</tbody></table>
${grid(byLocation)}`;
  },
};
