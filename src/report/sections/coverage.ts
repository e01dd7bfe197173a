/** How many guest instructions were completed where. */
import { stackedBars } from '../charts/exports.ts';
import { swatch } from '../charts/palette.ts';
import { fmt } from '../format.ts';
import { html } from '../html.ts';
import type { RunSection } from '../section.ts';

export const coverage: RunSection = {
  id: 'coverage',
  title: 'Coverage',
  render: ({ stats, draw }) => {
    const { fragments, interpreter, total } = stats.instructions;
    if (total === 0)
      return html`<p class="none">No guest instructions were counted in this run (mode ${stats.mode}).</p>`;
    const parts = [
      { series: 'fragments' as const, name: 'fragments', value: fragments },
      { series: 'interpret' as const, name: 'interpreter', value: interpreter },
    ];
    return html`<div class="side"><figure>${stackedBars(draw, 'Guest instructions in fragments and in the interpreter', [{ label: '', parts }])}</figure>
<table class="narrow"><caption class="quiet">Guest instructions completed</caption>
<thead><tr><th scope="col">where</th><th scope="col" class="n">guest instructions</th><th scope="col" class="n">share</th></tr></thead>
<tbody>${parts.map((p) => html`<tr><th scope="row">${swatch(p.series)} ${p.name}</th><td class="n">${fmt.int(p.value)}</td><td class="n">${fmt.pct(p.value / total)}</td></tr>`)}
<tr class="sum"><th scope="row">total</th><td class="n">${fmt.int(total)}</td><td class="n"></td></tr></tbody></table></div>`;
  },
};
