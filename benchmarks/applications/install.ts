/** Installs the applications in their own package folder, so that the project itself stays quick to install. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../src/errors.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The lock file that the folder was installed by. */
const MARK = here('node_modules/.wynamo-lock');

/** True where everything is there that the lock file names. */
export const installed = (): boolean =>
  existsSync(MARK) && readFileSync(MARK, 'utf8') === readFileSync(here('package-lock.json'), 'utf8');

/** Installs what the lock file names, once; npm runs under this Node. */
export function install(): void {
  if (installed()) return;
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
  const args = ['ci', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, {
    cwd: here('.'),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path },
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new UserError('npm ci in benchmarks/applications failed; what it said is above');
  writeFileSync(MARK, readFileSync(here('package-lock.json')));
}
