/**
 * Runs in the page (embedded as text): reads the data, shows one run at a time, follows links.
 *
 * Addresses: `#crc32/time` a section of a run, `#crc32/T12` a trace, `#crc32/fragments?grid=fragments&sort=bytes` a
 * table as somebody sorted it, `#glossary` a section of the report. All work when the file is opened with them.
 */
import type { FragmentStats } from '../../profile/schema.ts';
import type { Formatters } from '../format.ts';
import type { Packed, Unpacked } from '../pack.ts';
import type { Code, PackedCode } from '../pack-code.ts';
import type { GridSpec, Lib, Page, PageRun, RunSection } from '../section.ts';
import type { Doc, Elem, Win } from './dom.ts';
import type { activateGrid } from './grid.ts';
import type { activateSort } from './sort.ts';

/** Everything that the page's script is made of. */
export interface Parts {
  formatters: () => Formatters;
  unpack: (packed: Packed) => Unpacked;
  unpackCode: (packed: PackedCode) => Code;
  activateGrid: typeof activateGrid;
  activateSort: typeof activateSort;
  grids: Record<string, GridSpec>;
  scripts: Record<string, { run: NonNullable<RunSection['browser']>; lib: Lib }>;
}

/** Self-contained. */
export function boot(doc: Doc, win: Win, parts: Parts): void {
  const data = JSON.parse(doc.getElementById('data')!.textContent!) as { slug: string; packed: Packed }[];
  const runs = new Map<string, PageRun>();
  const traceHooks = new Map<string, (fragment: FragmentStats, query: string) => void>();
  const articles = [...doc.querySelectorAll('article.run')];
  const select = doc.querySelector('#workload');
  const page: Page = {
    doc,
    win,
    fmt: parts.formatters(),
    h: (tag, attrs = {}, ...children) => {
      const el = doc.createElement(tag);
      for (const [name, value] of Object.entries(attrs)) {
        if (value === null) continue;
        if (name === 'text') el.textContent = String(value);
        else el.setAttribute(name, String(value));
      }
      el.append(...children);
      return el;
    },
    onTrace: (run, show) => traceHooks.set(run.slug, show),
    setAddress: (hash) => win.history.replaceState(null, '', `#${hash}`),
  };

  function inflate(text: string): Promise<Code> {
    if (!win.DecompressionStream)
      return Promise.reject(new Error('This browser cannot inflate the code (DecompressionStream).'));
    const bytes = Uint8Array.from(win.atob(text), (c) => c.charCodeAt(0));
    const stream = new win.Blob([bytes]).stream().pipeThrough(new win.DecompressionStream('deflate-raw'));
    return new win.Response(stream).text().then((json) => parts.unpackCode(JSON.parse(json)));
  }

  /** Unpacks a run and starts its tables and scripts when it is first shown. */
  function open(slug: string, query: string): PageRun {
    const known = runs.get(slug);
    if (known) return known;
    const stats = parts.unpack(data.find((d) => d.slug === slug)!.packed);
    const code = (id: number) => (stats.packedCode[id] === undefined ? null : inflate(stats.packedCode[id]));
    const run: PageRun = { slug, stats, byId: new Map(stats.fragments.map((f) => [f.id, f])), code };
    runs.set(slug, run);
    const article = doc.getElementById(slug)!;
    for (const host of article.querySelectorAll('[data-grid]')) {
      parts.activateGrid(page, run, host, parts.grids[host.dataset.grid!]!, query);
    }
    for (const [id, script] of Object.entries(parts.scripts)) {
      const host = doc.getElementById(`${slug}/${id}`);
      if (host) script.run(page, run, host, script.lib);
    }
    return run;
  }

  function show(slug: string, query: string): PageRun {
    const run = open(slug, query);
    for (const a of articles) a.hidden = a.id !== slug;
    if (select) select.value = slug;
    for (const a of doc.querySelectorAll('nav a[data-section]'))
      a.setAttribute('href', `#${slug}/${a.dataset.section}`);
    return run;
  }

  /** Goes where the address says; the first run where it says nothing. */
  function follow(): void {
    const [path = '', query = ''] = win.location.hash.slice(1).split('?', 2);
    const [first = '', second = ''] = path.split('/', 2);
    const slug = articles.some((a) => a.id === first) ? first : null;
    const run = show(slug ?? articles.find((a) => !a.hidden)!.id, query);
    const trace = /^T(\d+)$/.exec(second);
    const fragment = slug && trace ? run.byId.get(Number(trace[1])) : undefined;
    if (fragment) traceHooks.get(run.slug)?.(fragment, query);
    const target: Elem | null = doc.getElementById(fragment ? `${run.slug}/code` : path);
    target?.scrollIntoView?.({ block: 'start' });
  }

  parts.activateSort(doc);
  for (const a of articles.slice(1)) a.hidden = true;
  select?.addEventListener('change', () => {
    show(select.value, '');
    page.setAddress(select.value);
  });
  win.addEventListener('hashchange', follow);
  doc.documentElement.classList.add('script');
  follow();
}
