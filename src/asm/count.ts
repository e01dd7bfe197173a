/** What kinds of work machine instructions do, by their text, for the two processors that Node has most. */
import type { MachineCounts } from '../profile/schema.ts';
import type { MachineInstruction } from './listing.ts';

export const NO_COUNTS: MachineCounts = {
  instructions: 0,
  loads: 0,
  stores: 0,
  branches: 0,
  calls: 0,
  spills: 0,
  vectors: 0,
  polls: 0,
};

const STACK = /^\[(?:rbp|rsp|fp|sp|x29)\b/;
/** The engine's own data hang on r13 (x64) and x26 (arm64). */
const ROOT = /^\[(?:r13|x26)\b/;
/** x64: instructions that only read what they name first. */
const READS = /^v?(?:cmp|test|ucomis|comis|ptest|bt[lqw]?$|push|jmp|call)/;
const MOVES = /^(?:v?mov|v?lddqu|set|v?pextr|v?extract)/;
/** Packed operations: `addps`, `vpaddd`, `pmulld`; scalar ones end with `s` and a letter for one element. */
const VECTOR_X64 =
  /^v?(?:p(?!ush|op)[a-z]{3,}|(?:add|sub|mul|div|min|max|sqrt|and|andn|or|xor|cmp\w*|shuf|unpck[hl]|mov[au]|blendv?|round|broadcast\w*|insertf?\w*|extractf?\w*|hadd|fn?m(?:add|sub)\d+)p[sd]|movdq[au]|lddqu|cvt\w*(?:ps|pd|dq|dq2p[sd]))$/;
const ADDRESS = /^(?:lea|nop|prefetch|int3)/;

/** Adds an instruction to counts. */
export function count(c: MachineCounts, i: MachineInstruction, arch: string): void {
  const { text } = i;
  if (/^nop/.test(text)) return;
  c.instructions++;
  if (isPoll(i, arch)) c.polls++;
  const [name, operands] = split(text);
  if (arch === 'arm64') countArm(c, name, operands);
  else countX64(c, name, operands);
}

/** True for the load or comparison of the engine's word that asks a loop to stop. */
export function isPoll({ text }: MachineInstruction, arch: string): boolean {
  const [name, operands] = split(text);
  const memory = operands.slice(Math.max(0, operands.indexOf('[')));
  return ROOT.test(memory) && (arch === 'arm64' ? /^ldrb/ : /^cmpb/).test(name);
}

function split(text: string): [string, string] {
  const blank = text.indexOf(' ');
  return blank < 0 ? [text, ''] : [text.slice(0, blank), text.slice(blank + 1).trim()];
}

function countX64(c: MachineCounts, name: string, operands: string): void {
  if (/^j/.test(name)) c.branches++;
  if (/^call/.test(name)) c.calls++;
  if (VECTOR_X64.test(name) && /\b[xy]mm\d/.test(operands)) c.vectors++;
  const place = operands.indexOf('[');
  if (place < 0 || ADDRESS.test(name)) return;
  const memory = operands.slice(place);
  if (ROOT.test(memory)) return;
  const written = place === 0 && !READS.test(name);
  // What is changed in memory is read and written.
  const read = !written || !MOVES.test(name);
  if (STACK.test(memory)) c.spills++;
  else {
    if (read) c.loads++;
    if (written) c.stores++;
  }
}

function countArm(c: MachineCounts, name: string, operands: string): void {
  if (/^(?:b|b\.\w+|cbn?z|tbn?z|br)$/.test(name)) c.branches++;
  if (/^(?:bl|blr)$/.test(name)) c.calls++;
  if (/\bv\d+\.(?:\d+[bhsd])/.test(operands)) c.vectors++;
  const memory = operands.slice(operands.indexOf('['));
  const pair = /^(?:ldp|stp)/.test(name) ? 2 : 1;
  const [load, store] = [/^ld/.test(name), /^st/.test(name)];
  if (!(load || store)) return;
  if (ROOT.test(memory)) return;
  if (STACK.test(memory)) c.spills += pair;
  else if (load) c.loads += pair;
  else c.stores += pair;
}
