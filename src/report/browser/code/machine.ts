/** Runs in the page (embedded as text): what the machine code of a trace shows, beside that of the same loops natively. */
import type { AsmLoop, FragmentAsm } from '../../../profile/schema.ts';
import type { Page } from '../../section.ts';
import type { Elem } from '../dom.ts';

/** Self-contained. */
export function machineFacts(page: Page, id: number, asm: FragmentAsm): Elem[] {
  const { h, fmt: f } = page;
  type Figure = { head: string; help: string; of(l: AsmLoop): number | null };
  const figures: Figure[] = [
    {
      head: 'unrolled',
      help: 'trips of the guest in one of this loop, as far as its accesses show',
      of: (l) => l.unrolled,
    },
    { head: 'instructions', help: 'machine instructions of the loop', of: (l) => l.instructions },
    {
      head: 'a trip',
      help: 'machine instructions for a trip of the guest; – in loops of vectors, which make several at once',
      of: (l) => (isVector(l) ? null : l.instructions / l.unrolled),
    },
    { head: 'loads', help: 'of memory', of: (l) => l.loads },
    { head: 'stores', help: 'to memory', of: (l) => l.stores },
    { head: 'branches', help: 'jumps, conditional or not', of: (l) => l.branches },
    { head: 'calls', help: 'calls', of: (l) => l.calls },
    { head: 'spills', help: 'loads and stores of the stack frame: values without a register', of: (l) => l.spills },
    { head: 'vectors', help: 'instructions on vectors', of: (l) => l.vectors },
    { head: 'polls', help: 'looks whether the engine wants to interrupt the loop', of: (l) => l.polls },
  ];
  const isVector = (l: AsmLoop) => l.vectors > l.instructions / 4;
  const text = (n: number | null) => (n === null ? '–' : Number.isInteger(n) ? f.int(n) : n.toFixed(1));
  const row = ({ l, kind }: { l: AsmLoop; kind: string }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row', text: l.offset === null ? 'not known' : f.loc(l.name ?? '?', l.offset) }),
      h('td', { text: isVector(l) ? `${kind}, vectors` : kind }),
      ...figures.map((g) => h('td', { class: 'n', text: text(g.of(l)) })),
    );
  if (asm.loops.length === 0)
    return [h('p', { class: 'hint', text: `The machine code of T${id}, ${f.bytes(asm.bytes)}, has no loop.` })];
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col', text: 'innermost loop' }),
    h('th', { scope: 'col', text: 'code' }),
    ...figures.map((g) => h('th', { scope: 'col', class: 'n', text: g.head, title: g.help })),
  );
  const caption = `What the machine code of T${id} shows (${f.bytes(asm.bytes)}), beside the same loops compiled natively`;
  const all = [...asm.loops.map((l) => ({ l, kind: `T${id}` })), ...asm.native.map((l) => ({ l, kind: 'native' }))];
  const rows = all.sort((a, b) => (a.l.offset ?? 0) - (b.l.offset ?? 0)).map(row);
  const table = h('table', {}, h('caption', { text: caption }), h('thead', {}, head), h('tbody', {}, ...rows));
  const sentences = asm.native.flatMap((n) => {
    const own = asm.loops.filter((l) => l.offset === n.offset);
    const loop = own.find((l) => !isVector(l));
    if (n.offset === null || !loop || own.length === 0) return [];
    const [here, there] = [loop.instructions / loop.unrolled, n.instructions / n.unrolled];
    const vectors = own.some(isVector) ? `; before it, T${id} runs a loop of vectors` : '';
    const times = ` (${(here / there).toFixed(2)} times as many)`;
    return [
      `The loop ${f.loc(n.name ?? '?', n.offset)} takes ${text(here)} machine instructions a trip here and ${text(there)} natively${times}${vectors}.`,
    ];
  });
  return [...sentences.map((text) => h('p', { text })), h('div', { class: 'scroll' }, table)];
}
