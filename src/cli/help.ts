/** Help texts, made from the rows of commands and options. */
import { OPTION_ROWS, type OptionRow } from '../options.ts';
import type { Command, CommandRow } from './command.ts';
import { type Flag, spelling } from './flag.ts';

const WIDTH = 78;

/** Breaks `text` into lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Two columns: names on the left, wrapped texts on the right. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const left = Math.min(26, Math.max(...rows.map(([name]) => name.length)) + 4);
  return rows
    .map(([name, doc]) => {
      const lines = wrap(doc, WIDTH - left);
      const first = name.length + 4 <= left ? `  ${name}`.padEnd(left) + (lines.shift() ?? '') : `  ${name}`;
      return [first, ...lines.map((line) => ' '.repeat(left) + line)].join('\n');
    })
    .join('\n');
}

/** Left column of a command's own flag. */
export function flagUsage(flag: Flag): string {
  return `${flag.short ? `-${flag.short}, ` : ''}--${flag.flag}${flag.value ? `=${flag.value}` : ''}`;
}

/** Left column of a machine option. */
export function optionUsage(row: OptionRow): string {
  const value = row.type === 'bool' ? '' : row.flag.length === 1 ? `${row.value}` : `=${row.value}`;
  return spelling(row.flag) + value;
}

/** Default of an option as help shows it; empty when there is nothing to say. */
export function defaultText(row: OptionRow): string {
  if (row.type === 'bool' || row.default === '') return '';
  if (row.type === 'bytes') return `${row.default / 1024 ** 2}M`;
  return String(row.default);
}

/** `wynamo --help`. */
export function mainHelp(commands: readonly CommandRow[]): string {
  return [
    'wynamo: a dynamic optimizer for WebAssembly',
    '',
    'usage: wynamo COMMAND [options] FILE [-- guest arguments]',
    '',
    columns(commands.map((row) => [row.name, row.doc])),
    '',
    columns([
      ['COMMAND --help', 'the options of a command'],
      ['--version', 'version of wynamo and of the engine below it'],
    ]),
    '',
  ].join('\n');
}

/** `wynamo COMMAND --help`. */
export function commandHelp(row: CommandRow, command: Command): string {
  const machine = (OPTION_ROWS as readonly OptionRow[]).map(
    (option) => [optionUsage(option), option.doc + (defaultText(option) ? ` (${defaultText(option)})` : '')] as const,
  );
  return [
    `usage: wynamo ${row.name} ${command.usage}`,
    '',
    ...wrap(command.about, WIDTH),
    '',
    columns([...command.flags.map((flag) => [flagUsage(flag), flag.doc] as const), ['--help', 'this text']]),
    '',
    ...(command.machine === false ? [] : ['options of the machine:', columns(machine), '']),
  ].join('\n');
}
