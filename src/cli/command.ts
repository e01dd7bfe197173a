/** What a command is. Each is one file in `commands/` and one line in `catalogue.ts`. */
import type { Flag, Parsed } from './flag.ts';

export interface Command {
  /** What follows the command's name: `[options] FILE`. */
  readonly usage: string;
  /** A paragraph for the help text. */
  readonly about: string;
  readonly flags: readonly Flag[];
  /** False for commands that run no guest themselves: they take none of the machine's options. */
  readonly machine?: false;
  /** Does the work; the result is the exit status. */
  run(parsed: Parsed): Promise<number>;
}

/** Line of the catalogue: loads the command only when it is called. */
export interface CommandRow {
  readonly name: string;
  readonly doc: string;
  load(): Promise<{ command: Command }>;
}
