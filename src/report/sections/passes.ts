/** What each pass removed and added, how long it took, and which of its rules fired how often. */
import { PASSES } from '../../opt/pipeline.ts';
import { barChart } from '../charts/exports.ts';
import { swatch } from '../charts/palette.ts';
import { fmt } from '../format.ts';
import { html } from '../html.ts';
import type { GridColumn, GridSpec, RunSection } from '../section.ts';

interface Rule {
  pass: string;
  rule: string;
  fires: number;
}

const rules: GridSpec<Rule> = {
  name: 'rules',
  caption: 'Rules by times fired',
  sorted: 'fires',
  rows: (stats) =>
    stats.passes
      .flatMap((p) => Object.entries(p.rules).map(([rule, fires]) => ({ pass: p.name, rule, fires })))
      .sort((a, b) => b.fires - a.fires),
  columns: (_f, stats): GridColumn<Rule>[] => {
    const most = Math.max(1, ...stats.passes.flatMap((p) => Object.values(p.rules)));
    return [
      { key: 'rule', head: 'rule', help: 'name of the rewrite rule', value: (r) => r.rule },
      { key: 'pass', head: 'pass', help: 'pass that it belongs to', value: (r) => r.pass },
      {
        key: 'fires',
        head: 'fires',
        help: 'times applied, over all fragments',
        value: (r) => r.fires,
        bar: (r) => r.fires / most,
      },
    ];
  },
};

export const passes: RunSection = {
  id: 'passes',
  title: 'What each pass removed',
  grids: [rules],
  render: ({ stats, draw, grid }) => {
    if (stats.passes.length === 0)
      return html`<p class="none">No optimization pass ran in this run (mode ${stats.mode}).</p>`;
    const before = stats.fragments.reduce((n, f) => n + f.irBefore, 0);
    const after = stats.fragments.reduce((n, f) => n + f.irAfter, 0);
    const rows = stats.passes.map((p) => ({
      label: p.name,
      bars: [
        { series: 'removed' as const, name: 'removed', value: p.removed },
        { series: 'added' as const, name: 'added', value: p.added },
      ],
    }));
    return html`<p>IR instructions of all fragments: ${fmt.int(before)} built, ${fmt.int(after)} emitted (${fmt.pct(after / (before || 1))}).</p>
<div class="side"><figure>${barChart(draw, 'IR instructions removed and added by each pass', rows)}<p class="legend"><span>${swatch('removed')} removed</span> <span>${swatch(
      'added',
    )} added</span></p><figcaption>IR instructions over all fragments, passes in the order in which they run.</figcaption></figure>
<div class="scroll" tabindex="0" role="region" aria-label="Passes in order"><table class="narrow"><caption class="quiet">Passes in order</caption>
<thead><tr><th scope="col">pass</th><th scope="col" class="n">removed</th><th scope="col" class="n">added</th><th scope="col" class="n">net</th><th scope="col" class="n">ms</th><th scope="col" class="n">rules fired</th><th scope="col">what</th></tr></thead>
<tbody>${stats.passes.map(
      (p) =>
        html`<tr><th scope="row">${p.name}</th><td class="n">${fmt.int(p.removed)}</td><td class="n">${fmt.int(p.added)}</td><td class="n">${fmt.int(
          p.added - p.removed,
        )}</td><td class="n">${fmt.ms3(p.ms)}</td><td class="n">${fmt.int(Object.values(p.rules).reduce((a, b) => a + b, 0))}</td><td class="doc">${PASSES.find((q) => q.name === p.name)?.doc ?? ''}</td></tr>`,
    )}</tbody></table></div></div>
${grid(rules)}`;
  },
};
