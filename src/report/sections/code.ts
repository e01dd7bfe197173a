/**
 * One trace in all its forms side by side: guest source, guest code, recorded trace, IR after each pass, emitted Wasm,
 * machine code. Pointing at a
 * line marks the lines of all panes that have the same guest location; clicking keeps the mark and scrolls the other
 * panes there. The code is inflated and drawn when a trace is chosen.
 */
import type { FragmentStats } from '../../profile/schema.ts';
import { compareLines, type MarkedLine } from '../browser/code/compare.ts';
import { traceFacts } from '../browser/code/facts.ts';
import { machineFacts } from '../browser/code/machine.ts';
import { makeMarks } from '../browser/code/marks.ts';
import { makePane } from '../browser/code/pane.ts';
import { sourceLines } from '../browser/code/source.ts';
import { whyFast } from '../browser/code/why.ts';
import type { Elem } from '../browser/dom.ts';
import { fmt } from '../format.ts';
import { html } from '../html.ts';
import type { Code } from '../pack-code.ts';
import type { Page, PageRun, RunSection } from '../section.ts';

const lib = { compareLines, traceFacts, whyFast, makeMarks, makePane, sourceLines, machineFacts };

export const code: RunSection = {
  id: 'code',
  title: 'Code of a trace',
  render: ({ stats }) => {
    if (stats.fragments.length === 0) {
      return html`<p class="none">No fragment was compiled in this run, so there is no code to show.</p>`;
    }
    const kept = stats.fragments.filter((f) => f.code).length;
    const text =
      kept === 0
        ? html`<p class="none">The run kept no code; <code>wynamo report</code> keeps it.</p>`
        : html`<p>Source (where the module has debug information), guest code, recorded trace, IR after each pass, emitted Wasm and, for the hottest, machine code of one trace (the run kept the code of ${fmt.int(kept)}). Pointing at a line marks the same guest location in the other panes; a click keeps the mark.</p>
<noscript><p class="none">The code is drawn by the page's script.</p></noscript>`;
    return html`${text}<div class="codehost"></div>`;
  },
  browser: codeScript as RunSection['browser'],
  lib,
};

/** Self-contained: its text is embedded into the page. */
function codeScript(
  page: Page,
  run: PageRun,
  section: Elem,
  { compareLines, traceFacts, whyFast, makeMarks, makePane, sourceLines, machineFacts }: typeof lib,
): void {
  const { h, fmt: f } = page;
  const host = section.querySelector('.codehost');
  if (!host) return;
  const hottest = run.stats.fragments.toSorted((a, b) => b.instructions - a.instructions);
  let chosen = hottest[0]!;
  /** Place whose mark stays, hexadecimal. */
  let kept: string | null = null;
  /** Step of the IR that is shown; changes against the step before; snapshots and declarations too. */
  const ir = { step: -1, changes: true, details: false };

  const choice = h('input', { type: 'text', size: 8, 'aria-label': 'Trace to show', spellcheck: 'false' });
  const hotter = h('button', { type: 'button', text: '‹ hotter' });
  const cooler = h('button', { type: 'button', text: 'cooler ›' });
  const message = h('output', { 'aria-live': 'polite', class: 'hint' });
  const facts = h('div');
  const machine = h('div');
  const area = h('div', { class: 'panes' });
  const marks = makeMarks(area);
  const checkbox = (text: string, checked: boolean, change: (on: boolean) => void) => {
    const box = h('input', { type: 'checkbox' });
    box.checked = checked;
    box.addEventListener('change', () => change(box.checked));
    return h('label', {}, box, ` ${text}`);
  };
  const titles: Record<string, string> = {
    source: 'Source',
    guest: 'Guest',
    trace: 'Trace',
    ir: 'IR',
    wat: 'Wasm',
    asm: 'Machine code',
    native: 'Native loop',
  };
  // Modules without debug information have no source to show.
  if (!run.stats.functions.some((g) => g.line)) delete titles.source;
  const hidden = new Set<string>();
  const toggles = Object.entries(titles).map(([id, title]) =>
    checkbox(title, true, (on) => {
      if (on) hidden.delete(id);
      else hidden.add(id);
      for (const el of area.children) el.hidden = hidden.has(el.dataset.pane!);
    }),
  );
  const tools = h('div', { class: 'tools' }, h('label', {}, 'trace ', choice), hotter, cooler, ...toggles, message);
  host.append(tools, facts, machine, area);

  const pane = (id: string, controls: Elem[]) => {
    const made = makePane(page, marks, `${run.slug}.${id}`, titles[id]!, `${titles[id]} of T${chosen.id}`, controls);
    made.el.hidden = hidden.has(id);
    return made;
  };

  /** Lines; places in the trace's own function lose its name, so that lines fit beside each other. */
  function lines(text: string): string[] {
    const printed = chosen.name.replace(/[^\w.$:<>-]/g, '_');
    const short = text.replaceAll(`$${chosen.name}+0x`, '+0x').replaceAll(`$${printed}+0x`, '+0x');
    return short.replace(/\n$/, '').split('\n');
  }

  function plainPane(id: string, text: string): Elem {
    const made = pane(id, []);
    made.fill(lines(text).map((t) => ({ text: t, mark: '' })));
    return made.el;
  }

  /** Machine code: places stand only in comments. */
  function asmPane(id: string, text: string): Elem {
    const made = pane(id, []);
    made.fill(
      text.split('\n').map((line) => {
        const at = /;; \+0x([0-9a-f]+)$/.exec(line)?.[1];
        return { text: line, mark: '', at: at === undefined ? [] : [Number.parseInt(at, 16)] };
      }),
    );
    return made.el;
  }

  /** The guest's source; nothing where the module says nothing about this trace. */
  function sourcePane(source: Code['source']): Elem[] {
    if (!titles.source) return [];
    const made = pane('source', []);
    const none = [{ text: "The module's debug information has no line for this trace.", mark: '' as const }];
    made.fill(source && source.length > 0 ? sourceLines(source) : none);
    return [made.el];
  }

  /** Lines of one step of the IR, without snapshots and declarations unless they are asked for. */
  function irText(text: string): string[] {
    if (ir.details) return lines(text);
    const declarations = /^(?:gone|global|memory|func) .*\n/gm;
    return lines(text.replace(declarations, '').replace(/ \{[^}\n]*\}| (?:pc|fp|ic)=-?\d+/g, ''));
  }

  function irLines(steps: Code['ir']): MarkedLine[] {
    const now = steps[ir.step];
    if (!now) return [];
    const before = steps[ir.step - 1];
    if (ir.changes && before) return compareLines(irText(before.text), irText(now.text));
    return irText(now.text).map((text) => ({ text, mark: '' }));
  }

  function irPane(steps: Code['ir']): Elem {
    const options = steps.map((s, i) => {
      const text = i === 0 ? s.pass : `after ${s.pass}${s.removed ? ` (−${s.removed})` : ''}`;
      return h('option', { value: i, text, selected: i === ir.step ? '' : null });
    });
    const select = h('select', { 'aria-label': 'IR after pass' }, ...options);
    const changes = checkbox('changes', ir.changes, (on) => {
      ir.changes = on;
      redraw();
    });
    const details = checkbox('details', ir.details, (on) => {
      ir.details = on;
      redraw();
    });
    const made = pane('ir', [select, changes, details]);
    const fill = () => {
      made.fill(irLines(steps));
      const rules = Object.entries(steps[ir.step]?.rules ?? {}).sort((a, b) => b[1] - a[1]);
      made.note.textContent = rules.map(([name, n]) => `${name} ×${n}`).join(', ');
      made.note.hidden = rules.length === 0;
    };
    const redraw = () => {
      fill();
      marks.mark(kept);
      address();
    };
    select.addEventListener('change', () => {
      ir.step = Number(select.value);
      redraw();
    });
    fill();
    return made.el;
  }

  function address(): void {
    const parts = [...(kept === null ? [] : [`at=${kept.split(',')[0]}`]), ...(ir.step < 0 ? [] : [`ir=${ir.step}`])];
    page.setAddress(`${run.slug}/T${chosen.id}${parts.length > 0 ? `?${parts.join('&')}` : ''}`);
  }

  function keep(line: Elem): void {
    if (line.dataset.at === undefined) return;
    kept = line.dataset.at;
    marks.mark(kept);
    marks.align(kept, line.parentElement);
    address();
  }

  function show(g: FragmentStats, query: string): void {
    const wish = new Map(query.split('&').map((p) => p.split('=') as [string, string]));
    chosen = g;
    kept = wish.get('at') ?? null;
    ir.step = -1;
    choice.value = `T${g.id}`;
    const rank = hottest.indexOf(g);
    hotter.toggleAttribute('disabled', rank === 0);
    cooler.toggleAttribute('disabled', rank === hottest.length - 1);
    facts.replaceChildren(h('p', { text: whyFast(f, run.stats, g) }), ...traceFacts(page, run, g));
    marks.clear();
    machine.replaceChildren();
    area.replaceChildren();
    const left = f.count(run.stats.codeLeftOut, 'other');
    const none = `The code of T${g.id} is not in this report: it has that of the hottest traces, without ${left}.`;
    const code = run.code(g.id);
    message.textContent = code ? '' : run.stats.codeLeftOut > 0 ? none : `The run kept no code of T${g.id}.`;
    code
      ?.then((all) => {
        if (g === chosen) draw(all, Number(wish.get('ir') ?? -1));
      })
      .catch((error) => {
        message.textContent = String(error.message ?? error);
      });
  }

  function draw(all: Code, step: number): void {
    ir.step = step >= 0 && step < all.ir.length ? step : all.ir.length - 1;
    area.replaceChildren(
      ...sourcePane(all.source),
      plainPane('guest', all.guest || 'The run kept no text of the guest.'),
      plainPane('trace', all.trace),
      irPane(all.ir),
      plainPane('wat', all.wat),
      ...(all.asm ? [asmPane('asm', all.asm.text)] : []),
      ...(all.asm?.nativeText ? [asmPane('native', all.asm.nativeText)] : []),
    );
    if (all.asm) machine.replaceChildren(...machineFacts(page, chosen.id, all.asm));
    marks.mark(kept);
    if (kept !== null) marks.align(kept, null);
  }

  area.addEventListener('mouseover', (event) => {
    const at = event.target.closest('.line')?.dataset.at;
    if (at !== undefined) marks.mark(at);
  });
  area.addEventListener('mouseleave', () => marks.mark(kept));
  /** Makes a line the active one of its pane, for click and keys alike. */
  function activate(line: Elem): void {
    const box = line.parentElement!;
    page.doc.getElementById(box.getAttribute('aria-activedescendant') ?? '')?.classList.remove('active');
    line.classList.add('active');
    box.setAttribute('aria-activedescendant', line.id);
    keep(line);
  }
  area.addEventListener('click', (event) => {
    const line = event.target.closest('.line');
    if (line) activate(line);
  });
  area.addEventListener('keydown', (event) => {
    const box = event.target;
    if (!box.classList.contains('lines') || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    event.preventDefault();
    const now = page.doc.getElementById(box.getAttribute('aria-activedescendant') ?? '');
    const to = !now ? box.children[0] : event.key === 'ArrowDown' ? now.nextElementSibling : now.previousElementSibling;
    if (!to?.id) return;
    activate(to);
    to.scrollIntoView?.({ block: 'nearest' });
  });
  const go = (g: FragmentStats | undefined) => {
    if (!g) return;
    show(g, '');
    page.setAddress(`${run.slug}/T${g.id}`);
  };
  hotter.addEventListener('click', () => go(hottest[hottest.indexOf(chosen) - 1]));
  cooler.addEventListener('click', () => go(hottest[hottest.indexOf(chosen) + 1]));
  choice.addEventListener('change', () => {
    const g = run.byId.get(Number(choice.value.replace(/^\s*T/i, '')));
    if (!g) message.textContent = `There is no trace ${choice.value} in this run.`;
    go(g);
  });
  page.onTrace(run, show);
  show(hottest.find((g) => run.stats.packedCode[g.id] !== undefined) ?? chosen, '');
}
