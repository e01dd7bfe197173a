/** Whose code calls the API: the first file on the stack that is none of the machine's. */
import { fileURLToPath } from 'node:url';
import { rawFrames } from '../deopt/raw-frames.ts';

const OWN = new URL('..', import.meta.url).href;

/** Path or specifier of the calling file: `/app/main.js`, `node:internal/deps/undici/undici`; empty where there is none. */
export function callerFile(): string {
  const files = rawFrames(16).map((frame) => frame.getFileName() ?? '');
  const file = files.find((name) => name !== '' && !name.startsWith(OWN)) ?? '';
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

/** True for Node itself, whose own modules stay native. */
export const isNode = (file: string) => file.startsWith('node:');
