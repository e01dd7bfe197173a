/**
 * The command lines of the scripts in this checkout: options as rows, `--help` made from them, and one sentence with
 * status 2 for whatever is wrong. (The `wynamo` command has its own reading, src/cli/flag.ts: it takes the machine's
 * options, too.)
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UserError, unknownName } from '../src/errors.ts';

type OptionRow = NonNullable<ParseArgsConfig['options']>[string] & {
  /** Placeholder of the value in `--help`. */
  readonly value?: string;
  readonly doc: string;
};
type Rows = Readonly<Record<string, OptionRow>>;
type Parsed<T extends Rows> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>;

const HELP = { type: 'boolean', default: false, doc: 'prints this' } as const;

function usage(command: string, rows: Rows): string {
  const flags = Object.entries<OptionRow>({ ...rows, help: HELP }).map(([name, row]): [string, string] => [
    `--${name}${row.value ? `=${row.value}` : ''}`,
    row.doc,
  ]);
  const width = Math.max(...flags.map(([flag]) => flag.length));
  return `usage: ${command}\n\n${flags.map(([flag, doc]) => `  ${flag.padEnd(width)}  ${doc}\n`).join('')}`;
}

/**
 * The options and other arguments of a script. `command` is how it is called, as in `npm run bench -- [options]`. Prints
 * the help and ends the process where that is asked for; throws a UserError for unknown options, and for arguments without a
 * dash unless `positionals` are taken.
 */
export function readArguments<T extends Rows>(
  command: string,
  rows: T,
  { positionals = false, args = process.argv.slice(2) } = {},
): Parsed<T> {
  const help = `${command.split(' [')[0]} --help`;
  const options = { ...rows, help: HELP };
  let parsed: Parsed<T>;
  try {
    parsed = parseArgs({ args, options, allowPositionals: positionals }) as unknown as Parsed<T>;
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    throw new UserError(`${sentence} (see ${help})`);
  }
  if ((parsed.values as { help?: boolean }).help) {
    process.stdout.write(usage(command, rows));
    process.exit();
  }
  return parsed;
}

/** The whole number from 1 on that an option gives. */
export function wholeNumber(flag: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new UserError(`--${flag} takes a whole number from 1, not '${text}'`);
  return Number(text);
}

/** One of several words. */
export function oneOf<T extends string>(flag: string, words: readonly T[], text: string): T {
  if (!(words as readonly string[]).includes(text))
    throw new UserError(`--${flag} takes ${words.join(', ')}, not '${text}'`);
  return text as T;
}

/** The rows whose names a list with commas gives, all for an empty list. */
export function chosen<T extends { readonly name: string }>(rows: readonly T[], kind: string, list: string): T[] {
  if (list === '') return [...rows];
  return list.split(',').map((name) => {
    const row = rows.find((r) => r.name === name);
    if (!row)
      throw new UserError(
        unknownName(
          kind,
          name,
          rows.map((r) => r.name),
        ),
      );
    return row;
  });
}

/** Runs a script: its status is what `main` gives (0 for nothing), 2 for a user's mistake. */
export async function script(name: string, main: () => unknown): Promise<void> {
  try {
    const status = await main();
    if (typeof status === 'number') process.exitCode = status;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`${name}: ${error.message}`);
    process.exitCode = 2;
  }
}
