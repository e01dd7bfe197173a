/** Writing the files that a command was asked for. */
import { writeFileSync } from 'node:fs';
import { UserError } from '../errors.ts';

const REASONS: Record<string, string> = {
  ENOENT: 'its folder does not exist',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
};

/** Writes `text`, or says in one sentence why not. */
export function writeOutput(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new UserError(`cannot write ${path}: ${REASONS[code] ?? code}`);
  }
}
