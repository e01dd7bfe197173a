/** Runs in the page (embedded as text): the figures of one trace and the table of its exits. */
import type { FragmentStats } from '../../../profile/schema.ts';
import type { Page, PageRun } from '../../section.ts';
import type { Elem } from '../dom.ts';

/** Self-contained. */
export function traceFacts(page: Page, run: PageRun, g: FragmentStats): Elem[] {
  const MOST_EXITS = 200;
  const { h, fmt: f } = page;
  const link = (id: number, text = `T${id}`) => h('a', { href: `#${run.slug}/T${id}`, text });
  const share = g.instructions / (run.stats.instructions.total || 1);
  const list: [string, string | Elem][] = [
    ['trace', `T${g.id}`],
    ['location', f.loc(g.name, g.offset)],
    ['kind', `${g.kind}${g.loops ? ', closes a loop' : ''}${g.live ? '' : ', removed from the cache'}`],
    ['instructions', `${f.int(g.instructions)} (${f.pct(share)})`],
    ['entries', f.int(g.entries)],
    ['iterations', f.int(g.iterations)],
    ['recorded', f.count(g.recorded, 'instruction')],
    ['IR', `${f.int(g.irBefore)} → ${f.int(g.irAfter)}`],
    ['emitted', `${f.bytes(g.bytes)}, ${f.bytes(g.metadataBytes)} metadata`],
    ['compiled in', f.ms(g.compile_ms)],
  ];
  if (g.assumed)
    list.push([
      'assumes',
      g.assumed.map((a) => `${a.name ? `$${a.name}` : `local ${a.local}`} = ${a.value}`).join(', '),
    ]);
  if (g.line) list.splice(2, 0, ['source', `${g.file}:${g.line}`]);
  if (g.parent)
    list.splice(g.line ? 4 : 3, 0, [
      'hangs on',
      link(g.parent.fragment, `T${g.parent.fragment} exit ${g.parent.exit}`),
    ]);
  const facts = list.map(([k, v]) => h('div', {}, h('dt', { text: k }), h('dd', {}, v)));

  const taken = g.exits.reduce((n, e) => n + e.count, 0);
  const order = g.exits.toSorted((a, b) => b.count - a.count);
  const rows = order.slice(0, MOST_EXITS).map((e) => {
    const number = (text: string) => h('td', { class: 'n', text });
    return h(
      'tr',
      {},
      h('th', { scope: 'row', class: 'n', text: String(e.id) }),
      h('td', { text: e.reason }),
      h('td', { text: f.loc(e.name, e.offset), title: e.line ? `${e.file}:${e.line}` : null }),
      number(f.int(e.count)),
      number(f.pct(e.count / (taken || 1))),
      h('td', {}, e.link === null ? 'interpreter' : link(e.link)),
    );
  });
  const heads = ['exit', 'reason', 'goes on at', 'taken', 'share', 'linked to'];
  const numeric = [true, false, false, true, true, false];
  const head = heads.map((text, i) => h('th', { scope: 'col', text, class: numeric[i] ? 'n' : null }));
  const more = order.length > MOST_EXITS ? ` (the first ${MOST_EXITS})` : '';
  const summary = `Exits of T${g.id}: ${f.int(order.length)}, taken ${f.count(taken, 'time')}${more}`;
  const table = h('table', { 'aria-label': summary }, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...rows));
  return [
    h('dl', { class: 'facts tight' }, ...facts),
    h('details', {}, h('summary', { text: summary }), h('div', { class: 'scroll' }, table)),
  ];
}
