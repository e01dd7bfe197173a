/**
 * Runs in the page (embedded as text): takes over the static tables and gives them sorting by any column, a search
 * box, and all rows in pages. Only the rows in view are in the document, so 10,000 rows stay quick.
 */
import type { GridSpec, Page, PageRun } from '../section.ts';
import type { Elem } from './dom.ts';

/** Self-contained. `host` is the element with `data-grid`. */
export function activateGrid(page: Page, run: PageRun, host: Elem, spec: GridSpec, query: string): void {
  const FEW = 25;
  const MANY = 500;
  const { h, fmt } = page;
  const columns = spec.columns(fmt, run.stats);
  const rows = spec.rows(run.stats);
  const table = host.querySelector('table')!;
  const body = host.querySelector('tbody')!;
  const heads = [...host.querySelectorAll('thead th')];
  const wish = new Map(query.split('&').map((p) => p.split('=').map(decodeURIComponent) as [string, string]));
  const show = (row: unknown, i: number) => {
    const c = columns[i]!;
    const value = c.value(row);
    return c.text ? c.text(row) : typeof value === 'number' ? fmt.int(value) : String(value ?? '');
  };
  let haystack: string[] | null = null;
  const state = { sort: spec.sorted, down: true, find: '', start: 0, size: FEW };
  let list = rows;

  function choose(): void {
    const i = columns.findIndex((c) => c.key === state.sort);
    const needle = state.find.toLowerCase();
    if (needle)
      haystack ??= rows.map((r) =>
        columns
          .map((_, k) => show(r, k))
          .join(' ')
          .toLowerCase(),
      );
    const kept = needle ? rows.filter((_, k) => haystack![k]!.includes(needle)) : [...rows];
    const key = columns[Math.max(0, i)]!;
    const order = (a: number | string | boolean | null, b: number | string | boolean | null) => {
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      return typeof a === 'string' ? a.localeCompare(String(b), 'en', { numeric: true }) : Number(a) - Number(b);
    };
    list = kept.sort((a, b) => (state.down ? order(key.value(b), key.value(a)) : order(key.value(a), key.value(b))));
    draw();
  }

  function draw(): void {
    const out = list.slice(state.start, state.start + state.size).map((row) => {
      const tr = h('tr');
      columns.forEach((c, i) => {
        const number = !c.label && typeof c.value(row) === 'number';
        const n = [number && 'n', number && c.bar && 'b', c.minor && 'minor'].filter(Boolean).join(' ') || null;
        const el = i === 0 ? h('th', { scope: 'row', class: n }) : h('td', { class: n });
        if (c.bar) {
          const bar = h('span', { class: 'bar' });
          bar.style.setProperty('--v', `${(Math.max(0, c.bar(row)) * 100).toFixed(1)}%`);
          el.append(bar);
        }
        const to = c.link ? c.link(row) : null;
        el.append(to === null ? show(row, i) : h('a', { href: `#${run.slug}/${to}`, text: show(row, i) }));
        tr.append(el);
      });
      return tr;
    });
    body.replaceChildren(...out);
    heads.forEach((th, i) => {
      const on = columns[i]!.key === state.sort;
      if (on) th.setAttribute('aria-sort', state.down ? 'descending' : 'ascending');
      else th.removeAttribute('aria-sort');
    });
    const end = Math.min(list.length, state.start + state.size);
    const range = list.length > state.size ? `${fmt.int(state.start + 1)}–${fmt.int(end)} of ` : '';
    status.textContent = `${range}${fmt.int(list.length)}${state.find ? ` of ${fmt.int(rows.length)}` : ''} rows`;
    back.hidden = next.hidden = list.length <= state.size;
    size.hidden = list.length <= FEW;
    size.textContent = state.size === FEW ? 'longer pages' : 'shorter pages';
    back.toggleAttribute('disabled', state.start === 0);
    next.toggleAttribute('disabled', end === list.length);
  }

  function address(): void {
    const parts = [`sort=${encodeURIComponent(state.sort)}`];
    if (!state.down) parts.push('up=1');
    if (state.find) parts.push(`find=${encodeURIComponent(state.find)}`);
    page.setAddress(`${run.slug}/${host.closest('section')!.id.split('/')[1]}?grid=${spec.name}&${parts.join('&')}`);
  }

  heads.forEach((th, i) => {
    const button = h('button', { type: 'button', title: columns[i]!.help, text: columns[i]!.head });
    button.addEventListener('click', () => {
      const key = columns[i]!.key;
      const text = rows.length > 0 && typeof columns[i]!.value(rows[0]) === 'string';
      state.down = state.sort === key ? !state.down : !text;
      state.sort = key;
      state.start = 0;
      choose();
      address();
    });
    th.replaceChildren(button);
    th.removeAttribute('title');
  });
  const find = h('input', { type: 'search', 'aria-label': `Search in ${spec.caption}`, placeholder: 'search' });
  const status = h('output', { 'aria-live': 'polite' });
  const back = h('button', { type: 'button', text: '‹ previous', 'aria-label': 'Previous rows' });
  const next = h('button', { type: 'button', text: 'next ›', 'aria-label': 'Next rows' });
  const size = h('button', { type: 'button' });
  size.addEventListener('click', () => {
    state.size = state.size === FEW ? MANY : FEW;
    state.start -= state.start % state.size;
    draw();
  });
  const turn = (by: number) => () => {
    state.start = Math.max(0, Math.min(list.length - 1, state.start + by * state.size));
    draw();
  };
  back.addEventListener('click', turn(-1));
  next.addEventListener('click', turn(1));
  find.addEventListener('input', () => {
    state.find = find.value;
    state.start = 0;
    choose();
    address();
  });
  if (rows.length > 12) host.prepend(h('div', { class: 'tools' }, find, status, back, next, size));
  host.querySelector('.more')?.remove();
  if (wish.get('grid') === spec.name) {
    state.sort = wish.get('sort') ?? state.sort;
    state.down = wish.get('up') !== '1';
    state.find = find.value = wish.get('find') ?? '';
  }
  table.classList.add('live');
  choose();
}
