/** Runs figure by figure: each run's value, and for all but the first the difference from the first and the ratio to it. */

import { OPTION_ROWS, type OptionRow } from '../../options.ts';
import { type Figure, figuresOf } from '../compare/figures.ts';
import { differingFunctions, type Match, matchFragments, type Side } from '../compare/match.ts';
import { fmt } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { ReportSection, RunInfo } from '../section.ts';

/** Rows of fragments and functions; the rest is in each run's own tables. */
const MOST_ROWS = 60;

export const comparison: ReportSection = {
  id: 'comparison',
  title: 'Comparison',
  render: ({ runs }) => html`${groups(runs).map((group) => compare(group))}`,
};

/** Runs of one module, for each module that has several. */
export function groups(runs: readonly RunInfo[]): RunInfo[][] {
  const modules = new Map<string, RunInfo[]>();
  for (const run of runs) {
    const key = run.compared ? '' : run.stats.module.sha256;
    modules.set(key, [...(modules.get(key) ?? []), run]);
  }
  return [...modules.values()].filter((group) => group.length > 1);
}

function compare(group: readonly RunInfo[]): Html {
  const stats = group.map((r) => r.stats);
  const same = stats.every((s) => s.module.sha256 === stats[0]!.module.sha256);
  return html`${settings(group)}
${figureTable(group)}
${same ? fragmentTable(group.filter((r) => r.stats.fragments.length > 0)) : html`<p class="none">These are runs of different modules, so fragments have no common locations.</p>`}
${functionTable(group)}`;
}

const ROWS: readonly OptionRow[] = OPTION_ROWS;
/** Options that say where something is written change nothing of a run. */
const OUTPUT = new Set(ROWS.filter((r) => r.kind === 'output').map((r) => r.name));

const link = (run: RunInfo) => html`<a href="#${run.slug}/overview">${run.label}</a>`;

/** What the runs do not have in common. */
function settings(group: readonly RunInfo[]): Html {
  const facts: [string, (r: RunInfo) => string][] = [
    ['module', (r) => `${r.stats.module.path ?? '?'} (${r.stats.module.sha256.slice(0, 12)})`],
    [
      'engine',
      (r) => `Node ${r.stats.engine.node.replace(/^v/, '')}, ${r.stats.engine.platform} ${r.stats.engine.arch}`,
    ],
    ['engine flags', (r) => r.stats.engine.flags.join(' ') || 'none'],
    ['tool', (r) => r.stats.tool.version],
    ['mode', (r) => r.stats.mode + (r.stats.nativeReason ? `: ${r.stats.nativeReason}` : '')],
  ];
  const names = [...new Set(group.flatMap((r) => Object.keys(r.stats.options)))].filter(
    (n) => n !== 'mode' && !OUTPUT.has(n),
  );
  const options = names.map((n): [string, (r: RunInfo) => string] => [n, (r) => String(r.stats.options[n] ?? '–')]);
  const rows = [...facts, ...options].filter(([, of]) => new Set(group.map(of)).size > 1);
  const first = group[0]!;
  const intro = html`<p class="result">${group.length} runs beside each other; differences and ratios are to ${link(first)}.</p>`;
  if (rows.length === 0) return html`${intro}<p>They have the same module, engine and options.</p>`;
  return html`${intro}<div class="scroll" tabindex="0" role="region" aria-label="What the runs do not have in common"><table><caption>What the runs do not have in common</caption>
<thead><tr><th scope="col">setting</th>${group.map((r) => html`<th scope="col">${link(r)}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([name, of]) => html`<tr><th scope="row">${name}</th>${group.map((r) => html`<td class="wrap">${of(r)}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}

/** Cells of one figure: the first value, then value, difference and ratio of each other run. */
function cells(values: readonly (number | null)[], text: (n: number) => string): Html[] {
  const [first = null, ...others] = values;
  const cell = (v: number | null, shown: string) => html`<td class="n" data-v="${v ?? ''}">${shown}</td>`;
  const own = (v: number | null) => cell(v, v === null ? '–' : text(v));
  return [
    own(first),
    ...others.flatMap((v) => {
      if (v === null || first === null) return [own(v), cell(null, ''), cell(null, '')];
      const gap = v - first;
      const ratio = first === 0 ? null : v / first;
      return [own(v), cell(gap, gap === 0 ? '=' : `${gap > 0 ? '+' : ''}${text(gap)}`), cell(ratio, ratioText(ratio))];
    }),
  ];
}

/** `1.25×`; large ones and tiny ones with as many digits as matter. */
function ratioText(ratio: number | null): string {
  if (ratio === null) return '–';
  return `${ratio >= 100 ? fmt.int(ratio) : ratio >= 0.095 || ratio === 0 ? ratio.toFixed(2) : ratio.toPrecision(1)}×`;
}

/** Heads of a run's columns. `what`: what the values are, where the row does not say it. */
function heads(group: readonly RunInfo[], what = ''): Html {
  const name = (r: RunInfo) => (what ? `${r.label}: ${what}` : r.label);
  const more = group
    .slice(1)
    .map(
      (r) =>
        html`<th scope="col" class="n">${name(r)}</th><th scope="col" class="n" title="from ${group[0]!.label}">difference</th><th scope="col" class="n" title="to ${group[0]!.label}">ratio</th>`,
    );
  return html`<th scope="col" class="n">${name(group[0]!)}</th>${more}`;
}

function figureTable(group: readonly RunInfo[]): Html {
  const stats = group.map((r) => r.stats);
  const row = (f: Figure) =>
    html`<tr><th scope="row" title="${f.help}">${f.name}</th>${cells(stats.map(f.of), f.text)}</tr>
`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Figures"><table class="sortable"><caption>Figures</caption>
<thead><tr><th scope="col">figure</th>${heads(group)}</tr></thead>
<tbody>${figuresOf(stats).map(row)}</tbody></table></div>`;
}

/** What stands beside the instructions, a cell a figure: `1,200 → 900`. */
const COLUMNS: readonly { head: string; help: string; text: (n: number) => string; of: (s: Side) => number | null }[] =
  [
    { head: 'time', help: 'share of sampled time', text: fmt.pct, of: (s) => s.time },
    { head: 'entries', help: 'times entered', text: fmt.int, of: (s) => s.entries },
    { head: 'exits', help: 'times left', text: fmt.int, of: (s) => s.exits },
    { head: 'IR', help: 'instructions after optimization', text: fmt.int, of: (s) => s.irAfter },
    { head: 'bytes', help: 'of emitted Wasm', text: fmt.int, of: (s) => s.bytes },
  ];

/** A figure of all runs in one cell; once where it is the same in all of them. Sorted by the last. */
function arrow(values: readonly (number | null)[], text: (n: number) => string): Html {
  const shown = values.map((v) => (v === null ? '–' : text(v)));
  const all = new Set(shown).size === 1 ? shown[0]! : shown.join(' → ');
  return html`<td class="n" data-v="${values.at(-1) ?? ''}">${all}</td>`;
}

function fragmentTable(group: readonly RunInfo[]): Html {
  if (group.length < 2) return html`<p class="none">Fewer than two of the runs have fragments.</p>`;
  const matches = matchFragments(group.map((r) => r.stats));
  const only = group.map((_, i) => matches.filter((m) => m.sides.every((s, k) => (s !== null) === (k === i))).length);
  const both = matches.filter((m) => m.sides.every((s) => s !== null)).length;
  const shown = matches.slice(0, MOST_ROWS);
  const columns = COLUMNS.filter((c) => shown.some((m) => m.sides.some((s) => s && c.of(s) !== null)));
  const traces = (m: Match) =>
    m.sides.map((s, i) => {
      const text = s && `T${s.id}${s.fragments > 1 ? ` and ${s.fragments - 1}` : ''}`;
      return html`<td>${s ? html`<a href="#${group[i]!.slug}/T${s.id}">${text}</a>` : '–'}</td>`;
    });
  const row = (
    m: Match,
  ) => html`<tr><th scope="row"${m.line && html` title="${m.file}:${m.line}"`}>${fmt.loc(m.name, m.offset)}</th><td>${m.kind}</td>${traces(m)}
${cells(
  m.sides.map((s) => s?.instructions ?? null),
  fmt.int,
)}${columns.map((c) =>
  arrow(
    m.sides.map((s) => s && c.of(s)),
    c.text,
  ),
)}</tr>
`;
  const more = matches.length > shown.length ? `; the ${shown.length} hottest of ${fmt.int(matches.length)}` : '';
  return html`<p>${fmt.count(both, 'location')} with fragments in all runs${group.map((r, i) => (only[i]! > 0 ? html`, ${fmt.int(only[i]!)} only in ${r.label}` : ''))}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Fragments by location"><table class="sortable"><caption>Fragments by location${more}</caption>
<thead><tr><th scope="col">location</th><th scope="col">kind</th>${group.map((r) => html`<th scope="col">${r.label}</th>`)}${heads(group, 'instructions')}${columns.map((c) => html`<th scope="col" class="n" title="${c.help}">${c.head}</th>`)}</tr></thead>
<tbody>${shown.map(row)}</tbody></table></div>`;
}

function functionTable(group: readonly RunInfo[]): Html {
  const counted = group.filter((r) => r.stats.functions.length > 0);
  if (counted.length < 2) return html``;
  const { all, rows } = differingFunctions(counted.map((r) => r.stats));
  if (rows.length === 0)
    return html`<p>All ${fmt.count(all, 'function')} completed the same number of guest instructions in ${counted.map((r) => r.label).join(', ')}.</p>`;
  const shown = rows.slice(0, MOST_ROWS);
  const more = rows.length > shown.length ? `, the ${shown.length} largest differences` : '';
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Functions that differ"><table class="sortable"><caption>Guest instructions by function: ${fmt.int(rows.length)} of ${fmt.count(all, 'function')} differ${more}</caption>
<thead><tr><th scope="col">function</th>${heads(counted)}</tr></thead>
<tbody>${shown.map(
    (r) => html`<tr><th scope="row">$${r.name.replace(/^\$/, '')}</th>${cells(r.instructions, fmt.int)}</tr>
`,
  )}</tbody></table></div>`;
}
