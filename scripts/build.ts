/**
 * `npm run build`: what the published package contains, in `dist`.
 *
 * `dist/**.js` are the sources without their types, with declarations (Node strips no types under node_modules), and files
 * that are not TypeScript beside their readers. `dist/command/` and `dist/library/` are bundles of them; see
 * build/bundle.ts.
 */
import { fileURLToPath } from 'node:url';
import { build } from './build/build.ts';

process.exitCode = await build(fileURLToPath(new URL('..', import.meta.url)));
