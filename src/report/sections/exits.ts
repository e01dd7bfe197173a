/** Exits by reason, and the most frequent single exits. */
import { EXIT_REASONS } from '../../ir/ir.ts';
import type { FragmentExit, Stats } from '../../profile/schema.ts';
import { fmt } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { GridColumn, GridSpec, RunSection } from '../section.ts';

type Row = FragmentExit & { from: number };

const hottest: GridSpec<Row> = {
  name: 'exits',
  caption: 'Exits by times taken',
  sorted: 'count',
  rows: (stats) =>
    stats.fragments
      .flatMap((f) => f.exits.filter((e) => e.count > 0).map((e) => ({ ...e, from: f.id })))
      .sort((a, b) => b.count - a.count),
  columns: (f, stats): GridColumn<Row>[] => {
    const total = stats.fragments.reduce((n, g) => n + g.exits.reduce((m, e) => m + e.count, 0), 0) || 1;
    return [
      {
        key: 'from',
        label: true,
        head: 'from',
        help: 'fragment that is left',
        value: (r) => r.from,
        text: (r) => f.trace(r.from),
        link: (r) => f.trace(r.from),
      },
      { key: 'id', label: true, head: 'exit', help: 'number of the exit in its fragment', value: (r) => r.id },
      { key: 'reason', head: 'reason', help: 'see the glossary', value: (r) => r.reason },
      { key: 'where', head: 'goes on at', help: 'guest location', value: (r) => f.loc(r.name, r.offset) },
      { key: 'count', head: 'taken', help: 'times taken', value: (r) => r.count },
      {
        key: 'share',
        head: 'share',
        help: 'of all exits taken',
        value: (r) => r.count / total,
        text: (r) => f.pct(r.count / total),
        bar: (r) => r.count / total,
      },
      {
        key: 'link',
        label: true,
        head: 'linked to',
        help: 'fragment that the exit enters; interpreter where there is none',
        value: (r) => r.link ?? -1,
        text: (r) => (r.link === null ? 'interpreter' : f.trace(r.link)),
        link: (r) => (r.link === null ? null : f.trace(r.link)),
      },
    ];
  },
};

export const exits: RunSection = {
  id: 'exits',
  title: 'Exits',
  grids: [hottest],
  render: ({ stats, grid }) => {
    if (stats.fragments.length === 0) return html`<p class="none">Without fragments there are no exits.</p>`;
    const { taken, forced } = stats.exits;
    const linked = linkedCount(stats);
    return html`<p>${fmt.int(taken)} exits taken${forced > 0 && `, ${fmt.int(forced)} of them forced`}; ${fmt.pct(linked / (taken || 1))} went straight to another fragment by a link.</p>
${byReason(stats)}
${grid(hottest)}`;
  },
};

/** Times that an exit with a link was taken. A link made late counts for the whole run. */
function linkedCount(stats: Stats): number {
  return stats.fragments.reduce((n, f) => n + f.exits.reduce((m, e) => m + (e.link === null ? 0 : e.count), 0), 0);
}

function byReason(stats: Stats): Html {
  const rows = Object.entries(stats.exits.byReason).sort((a, b) => b[1] - a[1]);
  const total = rows.reduce((n, [, c]) => n + c, 0) || 1;
  const docs: Record<string, string> = EXIT_REASONS;
  return html`<table class="narrow"><caption>Exits by reason</caption>
<thead><tr><th scope="col">reason</th><th scope="col" class="n">taken</th><th scope="col" class="n">share</th><th scope="col">meaning</th></tr></thead>
<tbody>${rows.map(
    ([reason, count]) =>
      html`<tr><th scope="row">${reason}</th><td class="n">${fmt.int(count)}</td><td class="n b"><span class="bar" style="--v:${(
        (count / total) * 100
      ).toFixed(1)}%"></span>${fmt.pct(count / total)}</td><td class="doc">${docs[reason] ?? ''}</td></tr>`,
  )}</tbody></table>`;
}
