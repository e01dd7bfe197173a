/**
 * `npm run build`: what the published package contains, in `dist`.
 *
 * `dist/**.js` are the sources without their types, with declarations: the library (Node strips no types under
 * node_modules). `dist/command/` is the command line once more as a bundle, because to find and link two hundred modules
 * takes several times as long as to run a small guest. Files that are not TypeScript are copied beside their readers.
 */
import { fileURLToPath } from 'node:url';
import { build } from './build/build.ts';

process.exitCode = await build(fileURLToPath(new URL('..', import.meta.url)));
