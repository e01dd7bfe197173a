/** Compiles `src` into `dist` and bundles it there; see ../build.ts. */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bundleAll } from './bundle.ts';

/** `root`: absolute path of the checkout. Gives the compiler's exit status; its messages go to standard error. */
export async function build(root: string): Promise<number> {
  const dist = join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const tsc = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
    { stdio: ['ignore', 2, 2] },
  );
  if (tsc.status !== 0) return tsc.status ?? 1;
  cpSync(join(root, 'src'), dist, {
    recursive: true,
    filter: (path) => !path.endsWith('.ts') || statSync(path).isDirectory(),
  });
  await bundleAll(dist);
  return 0;
}
