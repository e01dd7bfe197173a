/**
 * `npm run build`: compiles `src` to JavaScript and declarations in `dist`, which is what the published package contains
 * (Node strips no types under node_modules). Files that are not TypeScript are copied beside it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
const tsc = spawnSync(
  process.execPath,
  [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`],
  {
    stdio: 'inherit',
  },
);
if (tsc.status === 0) {
  cpSync(`${root}src`, `${root}dist`, {
    recursive: true,
    filter: (path) => !path.endsWith('.ts') || statSync(path).isDirectory(),
  });
}
process.exitCode = tsc.status ?? 1;
