/** The words of the report, one meaning each. The reasons of exits come from their own table. */
import { EXIT_REASONS } from '../../ir/ir.ts';
import { ABORT_REASONS } from '../../record/aborts.ts';
import { type Html, html } from '../html.ts';
import type { ReportSection } from '../section.ts';

export const TERMS: Record<string, string> = {
  guest: 'The WebAssembly program that is being executed.',
  'guest instruction':
    'One WebAssembly instruction of the guest. Counted when it completes, in whichever way it was executed.',
  location:
    'Function and byte offset in the module: $crc32+0x41 is the instruction that starts at byte 0x41 of the file and lies in function crc32.',
  interpreter: 'Generated Wasm that executes the guest one instruction at a time and counts.',
  trace: 'A path through the guest as it was recorded: straight through calls and branches. T12 is the twelfth.',
  fragment: 'A trace after optimization, emitted as Wasm, compiled by the engine and kept in the cache.',
  'root trace': 'A trace that starts at a hot loop head (or, as an entry trace, at a function entry).',
  'side trace': 'A trace that starts where a hot exit of another fragment leaves it.',
  guard: 'A check in a fragment that what was true while recording still holds.',
  exit: 'A place where a fragment can be left: a failed guard, or the end of the trace.',
  snapshot: 'What an exit needs to rebuild the exact state of the interpreter: locals, operands, frames, globals.',
  link: 'An exit that jumps straight into another fragment, without the interpreter.',
  strip: 'The number of iterations that a loop in a fragment runs before it returns to the machine for a moment.',
  coverage: 'Share of all guest instructions that complete in fragments.',
  '90 % cover set': 'The smallest number of fragments that together execute 90 % of all guest instructions.',
  abort: 'A recording that was given up.',
  blacklisted: 'A location at which no recording starts any more, because too many were given up.',
  flush: 'Emptying the fragment cache.',
  IR: 'The intermediate representation: the trace in single-assignment form, on which passes work.',
  pass: 'One step of optimization. Its rules are counted each time they change something.',
};

export const glossary: ReportSection = {
  id: 'glossary',
  title: 'Glossary',
  render: () => html`${list(TERMS)}
<h3>Reasons of exits</h3>
${list(EXIT_REASONS)}
<h3>Reasons of aborts</h3>
${list(ABORT_REASONS)}`,
};

function list(terms: Record<string, string>): Html {
  const sentence = (t: string) => t[0]!.toUpperCase() + t.slice(1) + (t.endsWith('.') ? '' : '.');
  const term = ([name, meaning]: [string, string]) =>
    html`<div><dt><dfn>${name}</dfn></dt><dd>${sentence(meaning)}</dd></div>
`;
  return html`<dl class="terms">${Object.entries(terms).map(term)}</dl>`;
}
