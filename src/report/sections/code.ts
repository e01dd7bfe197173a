/**
 * One trace in all its forms side by side: guest code, recorded trace, IR after each pass, emitted Wasm. Pointing at a
 * line marks the lines of all panes that have the same guest location; clicking keeps the mark and scrolls the other
 * panes there. The code is inflated and drawn when a trace is chosen.
 */
import type { FragmentStats } from '../../profile/schema.ts';
import type { Elem } from '../browser/dom.ts';
import { fmt } from '../format.ts';
import { html } from '../html.ts';
import type { Page, PageRun, RunSection } from '../section.ts';

export const code: RunSection = {
  id: 'code',
  title: 'Code of a trace',
  render: ({ stats }) => {
    if (stats.fragments.length === 0)
      return html`<p class="none">No fragment was compiled in this run, so there is no code to show.</p>`;
    const kept = stats.fragments.filter((f) => f.code).length;
    if (kept === 0)
      return html`<p class="none">The run kept no code; <code>wynamo report</code> keeps it.</p><div class="codehost"></div>`;
    return html`<p>Guest code, recorded trace, IR after each pass and emitted Wasm of one trace (the run kept the code of ${fmt.int(kept)}). Pointing at a line marks the same guest location in the other panes; a click keeps the mark.</p>
<noscript><p class="none">The code is drawn by the page's script.</p></noscript>
<div class="codehost"></div>`;
  },
  browser: codeScript,
};

/** Self-contained: its text is embedded into the page. */
function codeScript(page: Page, run: PageRun, section: Elem): void {
  const { h, fmt: f } = page;
  const host = section.querySelector('.codehost');
  if (!host) return;
  type Code = NonNullable<FragmentStats['code']>;
  type Line = { text: string; mark: '' | '+' | '-' };
  const MOST_LINES = 6000;
  const hottest = run.stats.fragments.toSorted((a, b) => b.instructions - a.instructions);
  const panes = [
    { id: 'guest', title: 'Guest' },
    { id: 'trace', title: 'Trace' },
    { id: 'ir', title: 'IR' },
    { id: 'wat', title: 'Wasm' },
  ];
  let chosen = hottest[0]!;
  let pass = -1;
  let changes = true;
  let details = false;
  /** Lines of all panes by guest offset. */
  let places = new Map<string, Elem[]>();
  let kept: string | null = null;
  let marked: Elem[] = [];

  const choice = h('input', { type: 'text', size: 8, 'aria-label': 'Trace to show', spellcheck: 'false' });
  const previous = h('button', { type: 'button', text: '‹ hotter' });
  const next = h('button', { type: 'button', text: 'cooler ›' });
  const message = h('output', { 'aria-live': 'polite', class: 'hint' });
  const facts = h('div');
  const area = h('div', { class: 'panes' });
  const toggles = panes.map((p) => {
    const box = h('input', { type: 'checkbox' });
    box.checked = true;
    box.addEventListener('change', () => {
      area.querySelector(`[data-pane=${p.id}]`)!.hidden = !box.checked;
    });
    return h('label', {}, box, ` ${p.title}`);
  });
  host.append(
    h('div', { class: 'tools' }, h('label', {}, 'trace ', choice), previous, next, ...toggles, message),
    facts,
    area,
  );

  /** Longest common subsequence of two lists of lines, as marked lines. Large differences give no marks. */
  function compare(before: string[], after: string[]): Line[] {
    let start = 0;
    while (start < before.length && start < after.length && before[start] === after[start]) start++;
    let end = 0;
    while (
      end < before.length - start &&
      end < after.length - start &&
      before[before.length - 1 - end] === after[after.length - 1 - end]
    )
      end++;
    const a = before.slice(start, before.length - end);
    const b = after.slice(start, after.length - end);
    const same = (list: string[]): Line[] => list.map((text) => ({ text, mark: '' }));
    if (a.length * b.length > 4_000_000) return same(after);
    const w = b.length + 1;
    const best = new Uint16Array((a.length + 1) * w);
    for (let i = a.length - 1; i >= 0; i--) {
      for (let k = b.length - 1; k >= 0; k--) {
        best[i * w + k] =
          a[i] === b[k] ? best[(i + 1) * w + k + 1]! + 1 : Math.max(best[(i + 1) * w + k]!, best[i * w + k + 1]!);
      }
    }
    const out = same(after.slice(0, start));
    let i = 0;
    let k = 0;
    while (i < a.length || k < b.length) {
      if (i < a.length && k < b.length && a[i] === b[k]) {
        out.push({ text: a[i++]!, mark: '' });
        k++;
      } else if (i < a.length && (k === b.length || best[(i + 1) * w + k]! >= best[i * w + k + 1]!))
        out.push({ text: a[i++]!, mark: '-' });
      else out.push({ text: b[k++]!, mark: '+' });
    }
    return [...out, ...same(after.slice(after.length - end))];
  }

  function lineElem(line: Line, id: string): Elem {
    const el = h('div', { class: 'line', id, role: 'option' });
    if (line.mark) el.classList.add(line.mark === '+' ? 'new' : 'gone');
    const offset = /\+0x([0-9a-f]+)/.exec(line.text)?.[1];
    if (offset !== undefined) {
      el.dataset.at = offset;
      places.set(offset, [...(places.get(offset) ?? []), el]);
    }
    // Locations and comments step back, reasons of exits stand out.
    for (const part of line.text.split(/(;;.*$|@?\$?[^\s@]*\+0x[0-9a-f]+:?|![a-z]+|\{[^}]*\})/)) {
      if (part === '') continue;
      const kind = part.startsWith('!') ? 'reason' : /^(;;|\{)|\+0x/.test(part) ? 'dim' : null;
      el.append(kind ? h('span', { class: kind, text: part }) : part);
    }
    if (line.text === '') el.append('\u00a0');
    return el;
  }

  function fill(box: Elem, lines: Line[], name: string): void {
    const shown = lines.slice(0, MOST_LINES);
    const out = shown.map((line, i) => lineElem(line, `${run.slug}.${name}.${i}`));
    if (lines.length > MOST_LINES)
      out.push(h('div', { class: 'hint', text: `${f.int(lines.length - MOST_LINES)} more lines` }));
    box.replaceChildren(...out);
    box.scrollTop = 0;
  }

  function pane(id: string, title: string, extra: Elem[], lines: Line[]): Elem {
    const box = h('div', { class: 'lines', tabindex: 0, role: 'listbox', 'aria-label': `${title} of T${chosen.id}` });
    fill(box, lines, id);
    const el = h(
      'div',
      { class: 'pane', 'data-pane': id },
      h('div', { class: 'panehead' }, h('strong', { text: title }), ...extra),
      box,
    );
    el.hidden = !toggles[panes.findIndex((p) => p.id === id)]!.querySelector('input')!.checked;
    return el;
  }

  /** Places in the trace's own function lose its name: lines are short enough to stand beside each other. */
  function shorten(text: string): string {
    const printed = chosen.name.replace(/[^\w.$:<>-]/g, '_');
    return text.replaceAll(`$${chosen.name}+0x`, '+0x').replaceAll(`$${printed}+0x`, '+0x');
  }

  const plain = (text: string): Line[] =>
    shorten(text)
      .replace(/\n$/, '')
      .split('\n')
      .map((t) => ({ text: t, mark: '' }));

  /** Lines of one step; without morehots and declarations they are short enough to read beside each other. */
  function irText(text: string): string[] {
    const all = shorten(text);
    const shown = details
      ? all
      : all.replace(/^(?:gone|global|memory|func) .*\n/gm, '').replace(/ \{[^}\n]*\}| (?:pc|fp|ic)=-?\d+/g, '');
    return shown.replace(/\n$/, '').split('\n');
  }

  function irLines(ir: Code['ir']): Line[] {
    const now = ir[pass];
    if (!now) return [];
    const before = ir[pass - 1];
    if (changes && before) return compare(irText(before.text), irText(now.text));
    return irText(now.text).map((text) => ({ text, mark: '' }));
  }

  function irPane(ir: Code['ir']): Elem {
    const select = h('select', { 'aria-label': 'IR after pass' });
    ir.forEach((step, i) => {
      const option = h('option', {
        value: i,
        text: i === 0 ? step.pass : `after ${step.pass}${step.removed ? ` (−${step.removed})` : ''}`,
      });
      if (i === pass) option.setAttribute('selected', '');
      select.append(option);
    });
    const box = h('input', { type: 'checkbox' });
    box.checked = changes;
    const more = h('input', { type: 'checkbox' });
    more.checked = details;
    const fires = h('div', { class: 'fires' });
    const el = pane(
      'ir',
      'IR',
      [select, h('label', {}, box, ' changes'), h('label', {}, more, ' details')],
      irLines(ir),
    );
    const lines = el.querySelector('.lines')!;
    const describe = () => {
      const rules = Object.entries(ir[pass]?.rules ?? {}).sort((a, b) => b[1] - a[1]);
      fires.textContent = rules.map(([name, n]) => `${name} ×${n}`).join(', ');
      fires.hidden = rules.length === 0;
    };
    const redraw = () => {
      pass = Number(select.value);
      changes = box.checked;
      details = more.checked;
      for (const [at, list] of places)
        places.set(
          at,
          list.filter((l) => l.closest('[data-pane=ir]') === null),
        );
      fill(lines, irLines(ir), 'ir');
      describe();
      mark(kept);
      address();
    };
    select.addEventListener('change', redraw);
    box.addEventListener('change', redraw);
    more.addEventListener('change', redraw);
    describe();
    lines.before(fires);
    return el;
  }

  function mark(at: string | null): void {
    for (const el of marked) {
      el.classList.remove('hit');
      el.removeAttribute('aria-selected');
    }
    marked = at === null ? [] : [...(places.get(at) ?? [])];
    for (const el of marked) {
      el.classList.add('hit');
      el.setAttribute('aria-selected', 'true');
    }
  }

  /** First line of a pane at a place, or behind it: fused and removed instructions have no line of their own. */
  function nearest(box: Elem, at: string): Elem | undefined {
    const wanted = Number.parseInt(at, 16);
    let best = Number.POSITIVE_INFINITY;
    let found: Elem | undefined;
    for (const line of box.querySelectorAll('[data-at]')) {
      const distance = Number.parseInt(line.dataset.at!, 16) - wanted;
      if (distance < 0 || distance >= best) continue;
      best = distance;
      found = line;
    }
    found?.classList.add('near');
    return found;
  }

  /** Scrolls every pane but one to its first marked line, or to where one would be. */
  function align(but: Elem | null): void {
    for (const el of area.querySelectorAll('.near')) el.classList.remove('near');
    if (kept === null) return;
    for (const box of area.querySelectorAll('.lines')) {
      const first = marked.find((el) => el.parentElement === box) ?? nearest(box, kept);
      if (first && box !== but) box.scrollTop = first.offsetTop - box.clientHeight / 3;
    }
  }

  function keep(line: Elem): void {
    const at = line.dataset.at;
    if (at === undefined) return;
    kept = at;
    mark(at);
    align(line.parentElement);
    address();
  }

  function address(): void {
    const parts = [...(kept === null ? [] : [`at=${kept}`]), ...(pass < 0 ? [] : [`ir=${pass}`])];
    page.setAddress(`${run.slug}/T${chosen.id}${parts.length > 0 ? `?${parts.join('&')}` : ''}`);
  }

  area.addEventListener('mouseover', (event) => {
    const at = event.target.closest('.line')?.dataset.at;
    if (at !== undefined) mark(at);
  });
  area.addEventListener('mouseleave', () => mark(kept));
  area.addEventListener('click', (event) => {
    const line = event.target.closest('.line');
    if (!line) return;
    line.parentElement!.setAttribute('aria-activedescendant', line.id);
    keep(line);
  });
  area.addEventListener('keydown', (event) => {
    const box = event.target;
    if (!box.classList.contains('lines') || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    event.preventDefault();
    const now = page.doc.getElementById(box.getAttribute('aria-activedescendant') ?? '');
    const to = !now ? box.children[0] : event.key === 'ArrowDown' ? now.nextElementSibling : now.previousElementSibling;
    if (!to) return;
    now?.classList.remove('active');
    to.classList.add('active');
    box.setAttribute('aria-activedescendant', to.id);
    to.scrollIntoView?.({ block: 'nearest' });
    keep(to);
  });

  function factRows(g: FragmentStats): Elem {
    const parent =
      g.parent &&
      h('a', { href: `#${run.slug}/T${g.parent.fragment}`, text: `T${g.parent.fragment} exit ${g.parent.exit}` });
    const list: [string, string | Elem][] = [
      ['trace', `T${g.id}`],
      ['location', f.loc(g.name, g.offset)],
      ['kind', `${g.kind}${g.loops ? ', closes a loop' : ''}${g.live ? '' : ', removed from the cache'}`],
      ...(parent ? [['hangs on', parent] as [string, Elem]] : []),
      ['instructions', `${f.int(g.instructions)} (${f.pct(g.instructions / (run.stats.instructions.total || 1))})`],
      ['entries', f.int(g.entries)],
      ['iterations', f.int(g.iterations)],
      ['recorded', `${f.int(g.recorded)} instructions`],
      ['IR', `${f.int(g.irBefore)} → ${f.int(g.irAfter)}`],
      ['emitted', `${f.bytes(g.bytes)}, ${f.bytes(g.metadataBytes)} metadata`],
      ['compiled in', f.ms(g.compile_ms)],
    ];
    return h(
      'dl',
      { class: 'facts tight' },
      ...list.map(([k, v]) => h('div', {}, h('dt', { text: k }), h('dd', {}, v))),
    );
  }

  function exitTable(g: FragmentStats): Elem {
    const total = g.exits.reduce((n, e) => n + e.count, 0) || 1;
    const body = h('tbody');
    const order = g.exits.toSorted((a, b) => b.count - a.count);
    for (const e of order.slice(0, 200)) {
      const to = e.link === null ? 'interpreter' : h('a', { href: `#${run.slug}/T${e.link}`, text: `T${e.link}` });
      const cell = (text: string) => h('td', { class: 'n', text });
      body.append(
        h(
          'tr',
          {},
          h('th', { scope: 'row', class: 'n', text: String(e.id) }),
          h('td', { text: e.reason }),
          h('td', { text: f.loc(e.name, e.offset) }),
          cell(f.int(e.count)),
          cell(f.pct(e.count / total)),
          h('td', {}, to),
        ),
      );
    }
    const heads: [string, boolean][] = [
      ['exit', true],
      ['reason', false],
      ['goes on at', false],
      ['taken', true],
      ['share', true],
      ['linked to', false],
    ];
    const head = h('tr', {}, ...heads.map(([text, n]) => h('th', { scope: 'col', text, class: n ? 'n' : null })));
    const more = order.length > 200 ? ` (first 200 of ${f.int(order.length)})` : '';
    return h(
      'details',
      {},
      h('summary', { text: `Exits of T${g.id} (${f.int(order.length)}), ${f.int(total)} times taken${more}` }),
      h('div', { class: 'scroll' }, h('table', {}, h('thead', {}, head), body)),
    );
  }

  function show(g: FragmentStats, query: string): void {
    const wish = new Map(query.split('&').map((p) => p.split('=') as [string, string]));
    chosen = g;
    kept = wish.get('at') ?? null;
    choice.value = `T${g.id}`;
    const rank = hottest.indexOf(g);
    previous.toggleAttribute('disabled', rank === 0);
    next.toggleAttribute('disabled', rank === hottest.length - 1);
    facts.replaceChildren(factRows(g), exitTable(g));
    const code = run.code(g.id);
    if (!code) {
      area.replaceChildren();
      const out = run.stats.codeLeftOut;
      message.textContent =
        out > 0
          ? `The code of T${g.id} is not in this report: it has that of the hottest traces, without ${f.int(out)} others.`
          : `The run kept no code of T${g.id}.`;
      return;
    }
    message.textContent = '';
    code
      .then((all) => draw(g, all, wish))
      .catch((error) => {
        message.textContent = String(error.message ?? error);
      });
  }

  function draw(g: FragmentStats, all: Code, wish: Map<string, string>): void {
    if (g !== chosen) return;
    places = new Map();
    marked = [];
    const asked = Number(wish.get('ir') ?? all.ir.length - 1);
    pass = asked >= 0 && asked < all.ir.length ? asked : all.ir.length - 1;
    area.replaceChildren(
      pane('guest', 'Guest', [], plain(all.guest || 'The run kept no text of the guest.')),
      pane('trace', 'Trace', [], plain(all.trace)),
      irPane(all.ir),
      pane('wat', 'Wasm', [], plain(all.wat)),
    );
    mark(kept);
    align(null);
  }

  const step = (by: number) => () => {
    const g = hottest[hottest.indexOf(chosen) + by];
    if (!g) return;
    show(g, '');
    kept = null;
    page.setAddress(`${run.slug}/T${g.id}`);
  };
  previous.addEventListener('click', step(-1));
  next.addEventListener('click', step(1));
  choice.addEventListener('change', () => {
    const g = run.byId.get(Number(choice.value.replace(/^\s*T/i, '')));
    if (!g) {
      message.textContent = `There is no trace ${choice.value} in this run.`;
      return;
    }
    show(g, '');
    page.setAddress(`${run.slug}/T${g.id}`);
  });
  page.onTrace(run, show);
  show(hottest.find((g) => run.code(g.id) !== null) ?? chosen, '');
}
