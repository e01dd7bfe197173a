/** How full the fragment cache is and what it holds. */
import { fmt } from '../format.ts';
import { html } from '../html.ts';
import type { RunSection } from '../section.ts';

export const cache: RunSection = {
  id: 'cache',
  title: 'Fragment cache',
  render: ({ stats }) => {
    const { bytes, budget, flushes, evicted, links, fragments } = stats.cache;
    const wasm = stats.fragments.reduce((n, f) => n + f.bytes, 0);
    const metadata = stats.fragments.reduce((n, f) => n + f.metadataBytes, 0);
    const recorded = stats.fragments.reduce((n, f) => n + f.recorded, 0);
    const rows: [string, string, string][] = [
      [
        'In the cache',
        fmt.bytes(bytes),
        budget > 0 ? `${fmt.pct(bytes / budget)} of the budget of ${fmt.bytes(budget)}` : 'no budget',
      ],
      ['Fragments in the cache', fmt.int(fragments), `of ${fmt.int(stats.fragments.length)} compiled`],
      ['Flushes', fmt.int(flushes), 'times that the cache was emptied'],
      ['Given up', fmt.int(evicted), 'fragments that the cache policy took out one by one'],
      ['Links', fmt.int(links), 'exits that enter another fragment without the interpreter'],
      ['Emitted Wasm', fmt.bytes(wasm), 'over all fragments, also those removed'],
      ['Exit metadata', fmt.bytes(metadata), wasm > 0 ? `${fmt.pct(metadata / wasm)} of the Wasm` : ''],
      ['Recorded', fmt.int(recorded), 'guest instructions in all traces together'],
    ];
    return html`<table class="narrow"><caption class="quiet">Fragment cache</caption>
<thead><tr><th scope="col">what</th><th scope="col" class="n">value</th><th scope="col">remark</th></tr></thead>
<tbody>${rows.map(([k, v, doc]) => html`<tr><th scope="row">${k}</th><td class="n">${v}</td><td class="doc">${doc}</td></tr>`)}</tbody></table>`;
  },
};
