/**
 * `--cpu-prof` under the drop-in form. The host writes the profile of a thread after all JavaScript of it is over, so a
 * process of its own waits for the file and writes it again with the guests' functions (deopt/guest-profile.ts).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';
import { guestCodes } from '../deopt/guest-codes.ts';
import { keepKnown } from '../deopt/stacks.ts';

const child = fileURLToPath(new URL(`cpu-prof-child${extname(import.meta.url)}`, import.meta.url));

/** File of the child's folder with code of the guests. */
export const CODES = 'codes.json';

/** Where the host will write the profile of this thread: the folder, and a pattern of the file's name. */
export interface ProfileFile {
  readonly folder: string;
  readonly name: string;
}

/** Null where no profile is asked for. `args`: flags of the host; `options`: text of NODE_OPTIONS. */
export function profileFile(args: readonly string[], options: string, thread: number): ProfileFile | null {
  const words = (options.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []).map((word) => word.replaceAll('"', ''));
  // The command line is said last.
  const all = [...words, ...args];
  if (!all.includes('--cpu-prof')) return null;
  const value = (flag: string) => {
    const at = all.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
    const word = all[at];
    return word === flag ? all[at + 1] : word?.slice(flag.length + 1);
  };
  const given = value('--cpu-prof-name')?.replaceAll(/\$\{pid\}/g, String(process.pid));
  const quoted = given?.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const name = quoted ?? `CPU\\.\\d+\\.\\d+\\.${process.pid}\\.${thread}\\.\\d+\\.cpuprofile`;
  return { folder: resolve(value('--cpu-prof-dir') ?? ''), name: `^${name}$` };
}

/** Profiles that the host is asked for show the guests' functions, soon after the thread has ended. */
export function showGuestsInProfile(): void {
  const file = profileFile(process.execArgv, process.env.NODE_OPTIONS ?? '', threadId);
  if (!file) return;
  keepKnown();
  process.on('exit', () => {
    const codes = guestCodes();
    if (codes.length === 0) return;
    const folder = mkdtempSync(join(tmpdir(), 'wynamo-'));
    writeFileSync(join(folder, CODES), JSON.stringify(codes));
    // The pipe ends when this process or thread has: that is when the child begins.
    spawn(process.execPath, [child, folder, file.folder, file.name], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    }).unref();
  });
}
