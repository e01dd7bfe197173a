/** What a command writes: text for the standard streams, and the files that it was asked for. */
import { writeFileSync } from 'node:fs';
import { UserError } from '../errors.ts';

const REASONS: Record<string, string> = {
  ENOENT: 'its folder does not exist',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
};

/** Writes a file, or says in one sentence why not. */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new UserError(`cannot write ${path}: ${REASONS[code] ?? code}`);
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
      if (error.code !== 'EPIPE') throw error;
    });
  }
  stream.write(text);
}
