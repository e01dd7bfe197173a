/** Whose code calls the API: the first file on the stack that is none of the machine's. */
import { fileURLToPath } from 'node:url';

const OWN = new URL('..', import.meta.url).href;

/** Path or specifier of the calling file: `/app/main.js`, `node:internal/deps/undici/undici`; empty where there is none. */
export function callerFile(): string {
  const { prepareStackTrace, stackTraceLimit } = Error;
  let file = '';
  Error.stackTraceLimit = 16;
  Error.prepareStackTrace = (_, sites) => {
    for (const site of sites) {
      const name = site.getFileName() ?? '';
      if (name === '' || name.startsWith(OWN)) continue;
      file = name;
      break;
    }
    return '';
  };
  // The text is made when it is read.
  void new Error().stack;
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

/** True for Node itself, whose own modules stay native. */
export const isNode = (file: string) => file.startsWith('node:');
