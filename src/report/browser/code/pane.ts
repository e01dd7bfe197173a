/** Runs in the page (embedded as text): one pane of code. */
import type { Page } from '../../section.ts';
import type { Elem } from '../dom.ts';
import type { MarkedLine } from './compare.ts';
import type { Marks } from './marks.ts';

export interface Pane {
  el: Elem;
  /** Element between head and lines, for notes. */
  note: Elem;
  fill(lines: MarkedLine[]): void;
}

/** Self-contained. `id` is unique in the page; `controls` stand in the head. */
export function makePane(page: Page, marks: Marks, id: string, title: string, label: string, controls: Elem[]): Pane {
  const MOST_LINES = 6000;
  const { h, fmt } = page;
  const box = h('div', { class: 'lines', tabindex: 0, role: 'listbox', 'aria-label': label });
  const head = h('div', { class: 'panehead' }, h('strong', { text: title }), ...controls);
  const note = h('div', { class: 'fires' });
  note.hidden = true;
  const name = id.split('.').at(-1)!;

  function line(l: MarkedLine, index: number): Elem {
    const el = h('div', { class: 'line', id: `${id}.${index}`, role: 'option' });
    if (l.mark) el.classList.add(l.mark === '+' ? 'new' : 'gone');
    marks.add(el, l.text, l.at);
    // Places and comments step back, reasons of exits stand out. (`[rdi+0x10]` of machine code is no place.)
    for (const part of l.text.split(/(;;.*$|@?\$?[^\s@]*\+0x[0-9a-f]+(?![0-9a-f\]]):?|![a-z]+|\{[^}]*\})/)) {
      if (part === '') continue;
      const kind = part.startsWith('!') ? 'reason' : /^(;;|\{)|\+0x[0-9a-f]+:?$/.test(part) ? 'dim' : null;
      el.append(kind ? h('span', { class: kind, text: part }) : part);
    }
    if (l.text === '') el.append('\u00a0');
    return el;
  }

  return {
    el: h('div', { class: 'pane', 'data-pane': name }, head, note, box),
    note,
    fill(lines) {
      marks.drop(box);
      const out = lines.slice(0, MOST_LINES).map(line);
      const rest = lines.length - MOST_LINES;
      if (rest > 0) out.push(h('div', { class: 'hint', text: `${fmt.count(rest, 'more line')}` }));
      box.replaceChildren(...out);
      box.scrollTop = 0;
    },
  };
}
