/** What was run, how, and the result in one sentence. */
import { OPTION_ROWS, type OptionRow } from '../../options.ts';
import type { Stats } from '../../profile/schema.ts';
import { fmt } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { RunSection } from '../section.ts';
import { sampled } from './time.ts';

export const overview: RunSection = {
  id: 'overview',
  title: 'Overview',
  render: ({ stats }) => html`<p class="result">${resultLine(stats)}</p>
<dl class="facts">${facts(stats).map(([k, v]) => html`<div><dt>${k}</dt><dd>${v}</dd></div>`)}</dl>
${optionTable(stats)}`,
};

const ROWS: readonly OptionRow[] = OPTION_ROWS;

/** The options; those that differ from their default stand out. */
function optionTable(stats: Stats): Html {
  const rows = Object.entries(stats.options).map(([name, value]) => {
    const row = ROWS.find((r) => r.name === name);
    const changed = row !== undefined && row.default !== value;
    const show = changed
      ? html`<strong><code>${String(value)}</code></strong> (default ${String(row.default)})`
      : html`<code>${String(value)}</code>`;
    return {
      changed,
      markup: html`<tr><th scope="row"><code>${name}</code></th><td>${show}</td><td class="doc">${row?.doc ?? ''}</td></tr>`,
    };
  });
  const changed = rows.filter((r) => r.changed).length;
  return html`<details><summary>Options in force (${rows.length}, ${changed} not at their default)</summary>
<table><caption class="quiet">Options</caption><thead><tr><th scope="col">option</th><th scope="col">value</th><th scope="col">what</th></tr></thead>
<tbody>${rows.map((r) => r.markup)}</tbody></table></details>`;
}

/** The run in one sentence. */
export function resultLine(s: Stats): string {
  const total = `${fmt.si(s.instructions.total)} guest instructions in ${fmt.ms(s.time_ms.total)}`;
  if (s.mode === 'native')
    return `Ran natively in ${fmt.ms(s.time_ms.total)}${s.nativeReason ? `: ${s.nativeReason}` : ''}.`;
  if (s.fragments.length === 0) return `${total}, all of them interpreted; no fragment was compiled.`;
  const share = `${total}, ${fmt.pct(s.instructions.coverage)} of them in ${fmt.count(s.fragments.length, 'fragment')}`;
  if (!sampled(s)) return `${share}.`;
  return `${share}; ${fmt.pct(s.time_ms.fragments / (s.time_ms.total || 1))} of the time was spent there.`;
}

function facts(s: Stats): [string, Html | string][] {
  return [
    ['Module', html`<span class="wrap">${s.module.path ?? 'bytes given by the program'}</span>`],
    ['Size', `${fmt.bytes(s.module.bytes)}, ${fmt.int(s.module.functions)} functions`],
    ['SHA-256', html`<code class="wrap">${s.module.sha256}</code>`],
    ['Mode', s.nativeReason ? `${s.mode}: ${s.nativeReason}` : s.mode],
    ['Engine', `Node ${s.engine.node.replace(/^v/, '')}, V8 ${s.engine.v8}, ${s.engine.platform} ${s.engine.arch}`],
    ['Engine flags', s.engine.flags.length > 0 ? html`<code class="wrap">${s.engine.flags.join(' ')}</code>` : 'none'],
    ['Tool', `${s.tool.name} ${s.tool.version}, schema ${s.schema}`],
    ['Traces', `${fmt.int(s.traces.recorded)} recorded, ${fmt.int(s.traces.compiled)} compiled`],
  ];
}
