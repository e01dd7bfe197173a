/** Wall time by component: one stacked bar and the figures. */
import type { Stats } from '../../profile/schema.ts';
import { stackedBars } from '../charts/exports.ts';
import { type Series, swatch } from '../charts/palette.ts';
import { fmt } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { RunSection } from '../section.ts';

/** Components in the order in which they are drawn. */
export const COMPONENTS = [
  { key: 'fragments', series: 'fragments', doc: 'executing compiled fragments, and leaving them for others' },
  { key: 'interpret', series: 'interpret', doc: 'executing guest instructions in the interpreter' },
  { key: 'host', series: 'host', doc: 'in functions that the guest imports' },
  { key: 'record', series: 'record', doc: 'recording traces' },
  { key: 'optimize', series: 'optimize', doc: 'building and optimizing IR' },
  { key: 'compile', series: 'compile', doc: 'emitting Wasm and compiling it in the engine' },
  { key: 'translate', series: 'translate', doc: 'translating functions to threaded code at their first call' },
] as const satisfies readonly { key: keyof Stats['time_ms']; series: Series; doc: string }[];

export interface TimePart {
  series: Series;
  name: string;
  value: number;
  doc: string;
}

/** False where no sampler divided the guest's own time: interpreter, fragments and host all read 0. */
export function sampled(stats: Stats): boolean {
  const { interpret, fragments, host } = stats.time_ms;
  return interpret + fragments + host > 0;
}

/** Components with their milliseconds; what no component accounts for is `other`, or the guest where nobody sampled. */
export function timeParts(stats: Stats): TimePart[] {
  const parts: TimePart[] = COMPONENTS.map((c) => ({
    series: c.series,
    name: c.key,
    value: stats.time_ms[c.key] ?? 0,
    doc: c.doc,
  }));
  const known = parts.reduce((n, p) => n + p.value, 0);
  const other = Math.max(0, stats.time_ms.total - known);
  if (sampled(stats))
    return [...parts, { series: 'other', name: 'other', value: other, doc: 'start and what no timer covers' }];
  const doc = 'interpreter, fragments and host functions together: this run was not sampled';
  return [...parts, { series: 'other', name: 'guest', value: other, doc }];
}

/** Swatches with names of the components that occur in any of the runs. */
export function legend(runs: readonly Stats[]): Html {
  const seen = new Map(
    runs
      .flatMap(timeParts)
      .filter((p) => p.value > 0)
      .map((p) => [p.name, p.series]),
  );
  return html`<p class="legend">${[...seen].map(([name, series]) => html`<span>${swatch(series)} ${name}</span> `)}</p>`;
}

export const time: RunSection = {
  id: 'time',
  title: 'Time by component',
  render: ({ stats, draw }) => {
    const parts = timeParts(stats);
    const total = parts.reduce((n, p) => n + p.value, 0) || 1;
    return html`<div class="side"><figure>${stackedBars(draw, 'Time by component', [{ label: '', parts }])}</figure>
<table class="narrow"><caption class="quiet">Time by component; ${fmt.ms(stats.time_ms.total)} in total</caption>
<thead><tr><th scope="col">component</th><th scope="col" class="n">ms</th><th scope="col" class="n">share</th><th scope="col">what</th></tr></thead>
<tbody>${parts.map(
      (p) =>
        html`<tr><th scope="row">${swatch(p.series)} ${p.name}</th><td class="n">${fmt.ms3(p.value)}</td><td class="n">${fmt.pct(
          p.value / total,
        )}</td><td class="doc">${p.doc}</td></tr>`,
    )}</tbody></table></div>`;
  },
};
