/** Name and version of the package, read from its manifest (one folder up, from the sources and from `dist` alike). */
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** Version of the package, such as `0.1.0`. */
export const VERSION: string = manifest.version;
