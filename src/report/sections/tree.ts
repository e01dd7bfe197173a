/**
 * The trace tree: root traces, below each its exits, below an exit the side trace that hangs on it. Rows are made as
 * they are opened, so a tree of 10,000 traces costs what is looked at. Follows the ARIA pattern of a treegrid whose
 * rows take the focus: arrows move, open and close; Enter shows the code.
 */
import type { FragmentExit, FragmentStats } from '../../profile/schema.ts';
import type { Elem } from '../browser/dom.ts';
import { fmt } from '../format.ts';
import { html } from '../html.ts';
import type { Page, PageRun, RunSection } from '../section.ts';

export const tree: RunSection = {
  id: 'tree',
  title: 'Trace tree',
  render: ({ stats }) => {
    if (stats.fragments.length === 0)
      return html`<p class="none">No fragment was compiled in this run, so there is no tree.</p>`;
    const roots = stats.fragments.filter((f) => f.parent === null).length;
    const linked = stats.fragments.reduce((n, f) => n + f.exits.filter((e) => e.link !== null).length, 0);
    return html`<p>${fmt.count(roots, 'root trace')}, ${fmt.count(stats.fragments.length - roots, 'side trace')}, ${fmt.count(linked, 'linked exit')}. Shares count a trace with everything below it.</p>
<noscript><p class="none">The tree needs the page's script; the table of fragments has all figures.</p></noscript>
<div class="treehost"></div>`;
  },
  browser: treeScript,
};

/** Self-contained: its text is embedded into the page. */
function treeScript(page: Page, run: PageRun, section: Elem): void {
  const { h, fmt: f } = page;
  const host = section.querySelector('.treehost');
  if (!host) return;
  type Item =
    | { kind: 'fragment'; fragment: FragmentStats }
    | { kind: 'exit'; exit: FragmentExit; of: FragmentStats }
    | { kind: 'rest'; count: number }
    | { kind: 'more'; from: number };
  type Row = { item: Item; level: number; open: boolean; el: Elem };
  /** Root traces shown at first, and with each press of the row that shows more. */
  const FIRST = 15;
  const NEXT = 100;
  const total = run.stats.instructions.total || 1;
  const below = new Map<string, FragmentStats[]>();
  const roots: FragmentStats[] = [];
  for (const g of run.stats.fragments) {
    if (g.parent === null || !run.byId.has(g.parent.fragment)) roots.push(g);
    else {
      const key = `${g.parent.fragment}.${g.parent.exit}`;
      below.set(key, [...(below.get(key) ?? []), g]);
    }
  }
  const weights = new Map<FragmentStats, number>();
  /** Instructions of a trace and everything below it. Parents are older than their side traces, so children come first from the end. */
  for (const g of run.stats.fragments.toSorted((a, b) => b.id - a.id)) {
    let sum = g.instructions;
    for (const e of g.exits)
      for (const side of below.get(`${g.id}.${e.id}`) ?? []) sum += weights.get(side) ?? side.instructions;
    weights.set(g, sum);
  }
  const weight = (g: FragmentStats) => weights.get(g)!;
  roots.sort((a, b) => weight(b) - weight(a));

  function childrenOf(item: Item): Item[] {
    if (item.kind === 'exit')
      return (below.get(`${item.of.id}.${item.exit.id}`) ?? []).map((fragment) => ({ kind: 'fragment', fragment }));
    if (item.kind !== 'fragment') return [];
    const of = item.fragment;
    const used = of.exits.filter((e) => e.count > 0 || below.has(`${of.id}.${e.id}`)).sort((a, b) => b.count - a.count);
    const out: Item[] = used.map((exit) => ({ kind: 'exit', exit, of }));
    if (used.length < of.exits.length) out.push({ kind: 'rest', count: of.exits.length - used.length });
    return out;
  }

  const rows: Row[] = [];
  const body = h('tbody');
  let current: Row | undefined;

  function makeRow(item: Item, level: number, position: number, of: number): Row {
    const el = h('tr', {
      role: 'row',
      'aria-level': level,
      'aria-posinset': position,
      'aria-setsize': of,
      tabindex: -1,
      class: item.kind,
    });
    const row: Row = { item, level, open: false, el };
    const name = h('td', { role: 'gridcell', class: 'node' });
    name.style.setProperty('--level', String(level - 1));
    if (childrenOf(item).length > 0) {
      el.setAttribute('aria-expanded', 'false');
      name.append(h('span', { class: 'twist', 'aria-hidden': 'true' }));
    }
    el.append(name, ...cells(item, name));
    el.addEventListener('click', (event) => {
      if (event.target.closest('a')) return;
      focus(row);
      toggle(row, !row.open);
    });
    return row;
  }

  function cells(item: Item, name: Elem): Elem[] {
    const td = (text: string, n = true) => h('td', { role: 'gridcell', class: n ? 'n' : null, text });
    const link = (id: number) => h('a', { href: `#${run.slug}/T${id}`, text: `T${id}`, tabindex: -1 });
    if (item.kind === 'fragment') {
      const g = item.fragment;
      name.append(link(g.id), ` ${g.kind}${g.loops ? ' loop' : ''}${g.live ? '' : ' (removed)'}`);
      const share = td(f.pct(weight(g) / total));
      const bar = h('span', { class: 'bar' });
      bar.style.setProperty('--v', `${((weight(g) / total) * 100).toFixed(1)}%`);
      share.classList.add('b');
      share.append(bar);
      return [
        td(f.loc(g.name, g.offset), false),
        td(f.int(g.entries)),
        td(f.int(g.iterations)),
        td(f.int(g.instructions)),
        share,
        td('', false),
      ];
    }
    if (item.kind === 'exit') {
      const e = item.exit;
      name.append(`exit ${e.id} `, h('span', { class: 'reason', text: e.reason }));
      const to = td('', false);
      const isBelow = (below.get(`${item.of.id}.${e.id}`) ?? []).some((g) => g.id === e.link);
      if (e.link === null) to.append('interpreter');
      else to.append(isBelow ? '↳ ' : '→ ', link(e.link), e.link === item.of.id ? ' (itself)' : '');
      return [td(f.loc(e.name, e.offset), false), td(f.int(e.count)), td(''), td(''), td(''), to];
    }
    const text =
      item.kind === 'rest'
        ? `${f.int(item.count)} ${item.count === 1 ? 'exit' : 'exits'} never taken`
        : `show more of ${f.int(roots.length)} root traces`;
    name.append(text);
    return [td('', false), td(''), td(''), td(''), td(''), td('', false)];
  }

  function focus(row: Row): void {
    current?.el.setAttribute('tabindex', '-1');
    current = row;
    row.el.setAttribute('tabindex', '0');
    row.el.focus();
  }

  function toggle(row: Row, open: boolean): void {
    if (row.item.kind === 'more') {
      rows.splice(rows.indexOf(row), 1);
      row.el.remove();
      showRoots(row.item.from);
      return;
    }
    const items = childrenOf(row.item);
    if (items.length === 0 || row.open === open) return;
    row.open = open;
    row.el.setAttribute('aria-expanded', String(open));
    const at = rows.indexOf(row) + 1;
    if (open) {
      const made = items.map((item, i) => makeRow(item, row.level + 1, i + 1, items.length));
      rows.splice(at, 0, ...made);
      row.el.after(...made.map((m) => m.el));
      // An exit with a side trace opens with its trace: the pair is one step for the reader.
      for (const m of made) if (m.item.kind === 'exit') toggle(m, true);
      return;
    }
    let end = at;
    while (end < rows.length && rows[end]!.level > row.level) end++;
    for (const gone of rows.splice(at, end - at)) gone.el.remove();
  }

  function showRoots(from: number): void {
    const end = from === 0 ? FIRST : from + NEXT;
    const made = roots
      .slice(from, end)
      .map((fragment, i) => makeRow({ kind: 'fragment', fragment }, 1, from + i + 1, roots.length));
    if (roots.length > end) made.push(makeRow({ kind: 'more', from: end }, 1, end + 1, roots.length));
    rows.push(...made);
    body.append(...made.map((m) => m.el));
    if (from > 0) focus(made[0]!);
  }

  /** Opens traces, hottest roots first, until about `most` rows show. */
  function openUpTo(most: number): void {
    for (let i = 0; i < rows.length && rows.length < most; i++) toggle(rows[i]!, rows[i]!.item.kind !== 'more');
  }

  body.addEventListener('keydown', (event) => {
    const row = rows.find((r) => r.el === event.target);
    if (!row) return;
    const at = rows.indexOf(row);
    const parent = () => rows.slice(0, at).findLast((r) => r.level < row.level);
    const expandable = row.el.getAttribute('aria-expanded') !== null;
    const moves: Record<string, () => Row | undefined> = {
      ArrowDown: () => rows[at + 1],
      ArrowUp: () => rows[at - 1],
      Home: () => rows[0],
      End: () => rows.at(-1),
      ArrowRight: () => {
        if (!expandable) return row;
        if (row.open) return rows[at + 1];
        toggle(row, true);
        return row;
      },
      ArrowLeft: () => {
        if (!row.open) return parent();
        toggle(row, false);
        return row;
      },
      Enter: () => {
        const a = row.el.querySelector('a');
        if (a) a.click();
        else toggle(row, !row.open);
        return undefined;
      },
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const to = move();
    if (to) focus(to);
  });

  const head = ['trace or exit', 'location', 'entries / taken', 'iterations', 'instructions', 'share', 'goes on in'];
  const numbers = [false, false, true, true, true, true, false];
  const table = h('table', { role: 'treegrid', 'aria-label': 'Trace tree', class: 'tree' });
  const headRow = h(
    'tr',
    { role: 'row' },
    ...head.map((text, i) => h('th', { scope: 'col', role: 'columnheader', text, class: numbers[i] ? 'n' : null })),
  );
  table.append(h('thead', {}, headRow), body);
  showRoots(0);
  openUpTo(40);
  rows[0]?.el.setAttribute('tabindex', '0');
  current = rows[0];
  const open = h('button', { type: 'button', text: 'open all' });
  const close = h('button', { type: 'button', text: 'close all' });
  open.addEventListener('click', () => openUpTo(3000));
  close.addEventListener('click', () => {
    for (const r of [...rows]) if (r.level === 1 && r.open) toggle(r, false);
  });
  const hint = h('span', { class: 'hint', text: 'arrow keys move, open and close; Enter shows the code' });
  host.append(h('div', { class: 'tools' }, open, close, hint), h('div', { class: 'scroll' }, table));
}
