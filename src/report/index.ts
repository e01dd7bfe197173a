/**
 * The report: one HTML file that needs nothing else, from the statistics of one or several runs.
 *
 *     writeFileSync('report.html', await renderReport([stats]));
 */
import type { Stats } from '../profile/schema.ts';
import { HEAD, RUN, TAIL } from './catalogue.ts';
import { type Draw, loadDraw } from './charts/draw.ts';
import { patterns } from './charts/palette.ts';
import { gridHtml } from './grid.ts';
import { type Html, html, raw, scriptJson } from './html.ts';
import { packAll } from './pack.ts';
import { pageScript } from './script.ts';
import type { ReportSection, RunContext, RunInfo } from './section.ts';
import { groups } from './sections/comparison.ts';
import { stylesheet } from './style/index.ts';

export interface ReportOptions {
  /** Heading of the page; default `Wynamo report` with the name of the workload. */
  title?: string;
  /** Most characters of deflated code in the page, over all runs; the hottest traces keep theirs. Default 6,000,000. */
  codeBudget?: number;
  /** Names of the runs; default the file names of their modules. */
  labels?: readonly string[];
  /** Compares all runs with the first one. Default: runs of one module with each other. */
  compare?: boolean;
  /** Sections that come first. */
  head?: readonly ReportSection[];
}

/** Renders runs as a self-contained HTML file. Throws a RangeError when there is no run. */
export async function renderReport(runs: Stats[], options: ReportOptions = {}): Promise<string> {
  if (runs.length === 0) throw new RangeError('A report needs the statistics of at least one run.');
  const infos = name(runs, options);
  const draw = await loadDraw();
  const title = options.title ?? `Wynamo report: ${infos.length === 1 ? infos[0]!.label : `${infos.length} workloads`}`;
  const head = await reportSections([...(options.head ?? []), ...HEAD], infos, draw);
  const articles: Html[] = [];
  for (const info of infos) articles.push(await article(info, infos, draw));
  const tail = await reportSections(TAIL, infos, draw);
  const packed = packAll(runs, options.codeBudget ?? 6_000_000);
  const data = infos.map((info, i) => ({ slug: info.slug, packed: packed[i] }));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${raw(stylesheet())}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${patterns()}
${navigation(infos, title)}
<main id="main">
<header><h1>${title}</h1></header>
${head}
${articles}
${tail}
</main>
<script type="application/json" id="data">${raw(scriptJson(data))}</script>
<script>${raw(pageScript())}</script>
</body>
</html>
`.text;
}

/** Labels from file names, and unique slugs for links. */
function name(runs: readonly Stats[], { labels, compare = false }: ReportOptions): RunInfo[] {
  // Ids of the page's own elements are not free for runs.
  const used = new Set(['main', 'data', 'workload', ...[...HEAD, ...TAIL].map((s) => s.id)]);
  return runs.map((stats, i) => {
    const label = labels?.[i] ?? (stats.module.path?.split(/[\\/]/).at(-1) || `module ${i + 1}`);
    const base =
      label
        .toLowerCase()
        .replace(/\.wa[st]m?$/, '')
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || 'run';
    let slug = base;
    for (let n = 2; used.has(slug); n++) slug = `${base}-${n}`;
    used.add(slug);
    return { stats, slug, label, compared: compare };
  });
}

function navigation(infos: readonly RunInfo[], title: string): Html {
  const first = infos[0]!.slug;
  const choose =
    infos.length > 1 &&
    html`<label for="workload">Workload</label>
<select id="workload">${infos.map((i) => html`<option value="${i.slug}">${i.label}</option>`)}</select>`;
  const all =
    infos.length > 1 &&
    html`<li><a href="#workloads">Workloads</a></li>${groups(infos).length > 0 && html`<li><a href="#comparison">Comparison</a></li>`}`;
  return html`<nav aria-label="Sections"><p class="brand">${title}</p>${choose}<ul>${all}
${RUN.map((s) => html`<li><a href="#${first}/${s.id}" data-section="${s.id}">${s.title}</a></li>`)}
${TAIL.map((s) => html`<li><a href="#${s.id}">${s.title}</a></li>`)}</ul></nav>`;
}

async function reportSections(
  sections: readonly ReportSection[],
  runs: readonly RunInfo[],
  draw: Draw,
): Promise<Html[]> {
  const out: Html[] = [];
  for (const s of sections) {
    const body = await s.render({ runs, draw });
    if (body.text !== '') out.push(html`<section id="${s.id}"><h2>${s.title}</h2>${body}</section>\n`);
  }
  return out;
}

async function article(info: RunInfo, runs: readonly RunInfo[], draw: Draw): Promise<Html> {
  const context: RunContext = { ...info, runs, draw, grid: (spec) => gridHtml(spec, info.stats, info.slug) };
  const out: Html[] = [];
  for (const s of RUN) {
    const id = `${info.slug}/${s.id}`;
    out.push(html`<section id="${id}"><h3 class="h2">${s.title}</h3>${await s.render(context)}</section>\n`);
  }
  return html`<article class="run" id="${info.slug}"><h2 class="run">${info.label}</h2>${out}</article>\n`;
}
