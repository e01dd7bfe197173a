/**
 * Flags of the command line and their reading. The machine's own options come from `src/options.ts`; a command adds
 * flags of its own as rows of the same kind. `node:util` splits the arguments, this file judges them, because its
 * sentences name the nearest flag and the command.
 */
import { parseArgs } from 'node:util';
import { nearest, UserError } from '../errors.ts';
import { OPTION_ROWS, type OptionRow, type Options, resolveOptions } from '../options.ts';

/** A flag that belongs to a command, not to the machine. */
export interface Flag {
  /** Long name without dashes. */
  readonly flag: string;
  readonly short?: string;
  /** Placeholder of the value; without one the flag is a switch. */
  readonly value?: string;
  /** May be given several times. */
  readonly many?: boolean;
  readonly doc: string;
}

/** What a command is called with. */
export interface Parsed {
  /** Arguments without a dash, and everything after `--`. */
  positionals: string[];
  /** Values of the command's own flags: switches are `['']` when given. */
  own: Map<string, string[]>;
  options: Options;
}

/** Spelling of a machine option's flag: `--hot-loop`, `-O`. */
export const spelling = (flag: string): string => (flag.length === 1 ? `-${flag}` : `--${flag}`);

/** The flags that give these options: those that are not at their default. */
export function flagsOf(options: Readonly<Options>): string[] {
  const rows: readonly OptionRow[] = OPTION_ROWS;
  return rows.flatMap((row) => {
    const value = options[row.name as keyof Options];
    if (value === row.default) return [];
    if (row.type === 'bool') return [spelling(row.flag)];
    return [row.flag.length === 1 ? `-${row.flag}${value}` : `--${row.flag}=${value}`];
  });
}

const SUFFIX: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Value of a machine option from its text on the command line; ranges are checked by resolveOptions. */
export function readOption(row: OptionRow, text: string): string | number | boolean {
  const flag = spelling(row.flag);
  if (row.type === 'bool') return true;
  if (row.type === 'choice' && !row.choices.includes(text)) {
    const near = nearest(text, row.choices);
    throw new UserError(
      `${flag} takes ${row.choices.join(', ')}, not '${text}'${near ? `; did you mean '${near}'?` : ''}`,
    );
  }
  if (row.type === 'integer' || row.type === 'bytes') {
    const m = /^(\d[\d_]*)\s*(?:([kmg])(?:i?b)?)?$/i.exec(text);
    const n = m ? Number(m[1]!.replaceAll('_', '')) * SUFFIX[(m[2] ?? '').toLowerCase()]! : Number.NaN;
    if (!m || (m[2] && row.type === 'integer') || !(n >= row.min && n <= row.max)) {
      throw new UserError(`${flag} takes a whole number from ${row.min} to ${row.max}, not '${text}'`);
    }
    return n;
  }
  if (row.type === 'text' && row.check) {
    try {
      row.check(text);
    } catch (error) {
      // The same sentence, about the flag instead of the library's option.
      if (error instanceof UserError) throw new UserError(error.message.replace(`option ${row.name}`, flag));
      throw error;
    }
  }
  return text;
}

/** Splits and checks the arguments of `command`; throws a UserError for anything wrong. */
export function parse(command: string, args: readonly string[], flags: readonly Flag[], options = true): Parsed {
  const rows: readonly OptionRow[] = options ? OPTION_ROWS : [];
  const machine = new Map(rows.map((row) => [row.flag.length === 1 ? row.name : row.flag, row]));
  const own = new Map(flags.map((row) => [row.flag, row]));
  const takesValue = (name: string) =>
    own.has(name) ? own.get(name)!.value !== undefined : machine.get(name)!.type !== 'bool';
  const short = new Map<string, string>();
  for (const row of rows) if (row.flag.length === 1) short.set(row.name, row.flag);
  for (const row of flags) if (row.short) short.set(row.flag, row.short);
  const known = [...own.keys(), ...machine.keys()];

  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      known.map((name) => [
        name,
        {
          type: takesValue(name) ? ('string' as const) : ('boolean' as const),
          ...(short.has(name) ? { short: short.get(name)! } : {}),
        },
      ]),
    ),
  });

  const parsed: Parsed = { positionals: [], own: new Map(), options: resolveOptions() };
  const partial: Record<string, unknown> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') parsed.positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!known.includes(name)) {
      const near = nearest(name, known);
      throw new UserError(
        `wynamo ${command} has no flag ${rawName}${near ? `; did you mean ${spelling(near)}?` : ''} ` +
          `(see wynamo ${command} --help; arguments for the guest go after --)`,
      );
    }
    // What begins with a dash is the next flag, whose meaning would be lost: `--log --check`.
    const swallowed = token.inlineValue === false && /^-./.test(value ?? '');
    const wants = valueName(own.get(name), machine.get(name));
    if (takesValue(name) && (value === undefined || swallowed || (value === '' && FILES.test(wants))))
      throw new UserError(
        `${rawName} needs a value: ${rawName}${rawName.startsWith('--') ? '=' : rawName === '-O' ? '' : ' '}${wants}`,
      );
    if (!takesValue(name) && value !== undefined) throw new UserError(`${rawName} takes no value`);
    const row = machine.get(name);
    if (!row) {
      const before = parsed.own.get(name);
      parsed.own.set(name, own.get(name)!.many && before ? [...before, value ?? ''] : [value ?? '']);
    } else {
      const read = readOption(row, value ?? '');
      // Passes add up: `-O1 -O+cse`.
      partial[row.name] = row.name === 'passes' && partial.passes !== undefined ? `${partial.passes},${read}` : read;
    }
  }
  parsed.options = resolveOptions(partial as Partial<Options>);
  return parsed;
}

/** Placeholders of values that are names of files and folders, which are never empty. */
const FILES = /^(?:FILE|DIR|OUT\b)/;

const valueName = (own: Flag | undefined, row: OptionRow | undefined): string => own?.value ?? row?.value ?? 'VALUE';

/** Value of a command's flag that is a whole number; throws a UserError for another or one below `least`. */
export function wholeNumber(flag: string, text: string, least: number): number {
  const n = Number(text);
  if (text === '' || !Number.isInteger(n) || n < least)
    throw new UserError(`${flag} takes a whole number from ${least} on`);
  return n;
}
