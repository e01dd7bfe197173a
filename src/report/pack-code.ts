/**
 * The code of one fragment, made small before it is deflated: the IR texts share one table of lines (a pass changes few
 * of them), and addresses at the start of lines become differences from the line before. Half the size of deflated plain
 * text, so twice as many traces fit into a report.
 *
 *     +0x5e  loop            ~2m  loop           (+0x5e is 2m in base 36)
 *     +0x60    local.get 2   ~2    local.get 2   (2 bytes on)
 */
import type { FragmentAsm, FragmentStats, SourceExcerpt } from '../profile/schema.ts';

export type Code = NonNullable<FragmentStats['code']>;

export interface PackedCode {
  guest: string;
  trace: string;
  wat: string;
  /** Distinct lines of all IR texts. */
  lines: string[];
  /** `runs`: first line and length of each run of lines that are neighbours in the table. */
  ir: { pass: string; removed: number; rules: Record<string, number>; runs: number[] }[];
  source?: SourceExcerpt[];
  asm?: FragmentAsm;
}

export function packCode(code: Code): PackedCode {
  const table = new Map<string, number>();
  const ir = code.ir.map(({ pass, removed, rules, text }) => ({ pass, removed, rules, runs: lineRuns(text, table) }));
  return {
    guest: nearAddresses(code.guest),
    trace: nearAddresses(code.trace),
    wat: nearAddresses(code.wat),
    lines: [...table.keys()],
    ir,
    ...(code.source ? { source: code.source } : {}),
    ...(code.asm ? { asm: code.asm } : {}),
  };
}

function lineRuns(text: string, table: Map<string, number>): number[] {
  const runs: number[] = [];
  for (const line of text.split('\n')) {
    let index = table.get(line);
    if (index === undefined) {
      index = table.size;
      table.set(line, index);
    }
    const end = runs.length > 0 ? runs.at(-2)! + runs.at(-1)! : -1;
    if (index === end) runs[runs.length - 1]!++;
    else runs.push(index, 1);
  }
  return runs;
}

/** `~` stands before a difference of `+0x…`, `=` before one of six hexadecimal digits, `!` before any other `~=!`. */
function nearAddresses(text: string): string {
  let last = 0;
  const difference = (mark: string, digits: string) => {
    const at = Number.parseInt(digits, 16);
    const out = mark + (at - last).toString(36);
    last = at;
    return out;
  };
  return text
    .split('\n')
    .map((line) => {
      const place = /^(?:\+0x([1-9a-f][0-9a-f]{0,9})|([0-9a-f]{6}))(?= )/.exec(line);
      if (place) return difference(place[1] ? '~' : '=', (place[1] ?? place[2])!) + line.slice(place[0].length);
      return /^[~=!]/.test(line) ? `!${line}` : line;
    })
    .join('\n');
}

/** Self-contained: its text is embedded into the page. */
export function unpackCode(packed: PackedCode): Code {
  const addresses = (text: string) => {
    let last = 0;
    const lines = text.split('\n').map((line) => {
      if (line.startsWith('!')) return line.slice(1);
      const near = /^([~=])(-?[0-9a-z]+)/.exec(line);
      if (!near) return line;
      last += Number.parseInt(near[2]!, 36);
      const digits = last.toString(16);
      return (near[1] === '~' ? `+0x${digits}` : digits.padStart(6, '0')) + line.slice(near[0].length);
    });
    return lines.join('\n');
  };
  const ir = packed.ir.map(({ pass, removed, rules, runs }) => {
    const parts: string[] = [];
    for (let i = 0; i < runs.length; i += 2)
      parts.push(packed.lines.slice(runs[i], runs[i]! + runs[i + 1]!).join('\n'));
    return { pass, removed, rules, text: parts.join('\n') };
  });
  const { source, asm } = packed;
  const texts = { guest: addresses(packed.guest), trace: addresses(packed.trace), ir, wat: addresses(packed.wat) };
  return { ...texts, ...(source ? { source } : {}), ...(asm ? { asm } : {}) };
}
