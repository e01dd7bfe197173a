/** What a command writes: text for the standard streams, and the files that it was asked for. */
import { accessSync, constants, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { STATUSES } from './status.ts';

const REASONS: Record<string, string> = {
  ENOENT: 'its folder does not exist',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
  ENOTDIR: 'its folder is a file',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'the disk is full',
};

const reasonOf = ({ code = '', message }: NodeJS.ErrnoException): string => REASONS[code] ?? (code || message);

/** Writes a file, or says in one sentence why not. */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
}

/** Says so now where a file cannot be written later: a guest may run for hours before. */
export function checkOutput(path: string): void {
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    const at = there ? path : dirname(path);
    const folder = (there ?? statSync(at)).isDirectory();
    if (folder !== !there) throw { code: there ? 'EISDIR' : 'ENOTDIR' };
    accessSync(at, constants.W_OK);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
}

/** Streams whose errors are looked at. */
const watched = new Set<NodeJS.WriteStream>();

/** Writes several files whose names begin with `path`. */
export function writeFiles(path: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [suffix, content] of Object.entries(files)) writeOutput(path + suffix, content);
}

/** Writes to standard output (1) or standard error (2); call it when the guest is done writing to them. */
export function print(text: string | Uint8Array, to: 1 | 2 = 1): void {
  const stream = to === 1 ? process.stdout : process.stderr;
  // A reader that leaves early (`wynamo profile x | head`) is no mistake.
  if (!watched.has(stream)) {
    watched.add(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (to === 1) writeSync(2, `wynamo: cannot write standard output: ${reasonOf(error)}\n`);
      process.exit(STATUSES.usage.code);
    });
  }
  stream.write(text);
}
