/** Records the host calls of a guest once, in the interpreter, for the runs of a bisection. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Parsed } from '../cli/flag.ts';
import { UserError } from '../errors.ts';

const COMMAND = fileURLToPath(new URL('../../bin/wynamo.mjs', import.meta.url));

/** Flags of a guest that decide what it does; the recording has them afterwards. */
const GUEST = ['invoke', 'dir', 'env', 'imports'];

/** Writes the recording to `file` and gives its path. Standard input is the guest's. */
export function record(parsed: Parsed, file: string): string {
  const own = GUEST.flatMap((flag) => (parsed.own.get(flag) ?? []).map((value) => `--${flag}=${value}`));
  const [path, ...rest] = parsed.positionals;
  const args = [...process.execArgv, COMMAND, 'run', '--mode=interp', `--record=${file}`, ...own, path!, '--', ...rest];
  const { status, stderr, error } = spawnSync(process.execPath, args, {
    stdio: ['inherit', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const message =
    stderr
      ?.trim()
      .split('\n')
      .at(-1)
      ?.replace(/^wynamo: /, '') ?? String(error);
  // A wrong flag or a module that cannot be recorded; whatever the guest itself does is its own business.
  if (status === null || (status === 2 && stderr.startsWith('wynamo: '))) throw new UserError(message);
  return file;
}
