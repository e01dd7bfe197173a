/** Writes what was asked for when the thread ends. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, threadId } from 'node:worker_threads';
import { addGuestText } from '../report/guest-text.ts';
import type { Guests } from './guests.ts';

/** The first process of a tree of processes; further ones write files of their own. */
const ROOT = 'WYNAMO_ROOT_PID';

const renderer = fileURLToPath(new URL(`render${extname(import.meta.url)}`, import.meta.url));

export function writeAtEnd(guests: Guests): void {
  const { stats, report } = guests.settings;
  if (!stats && !report) return;
  process.env[ROOT] ??= String(process.pid);
  process.on('exit', () => {
    const all = guests.collect();
    // A thread or child that ran no guest has nothing to tell, and must not overwrite what others wrote.
    if (all.length === 0 && (!isMainThread || process.env[ROOT] !== String(process.pid))) return;
    if (report) for (const guest of all) addGuestText(guest.stats, guest.bytes);
    const runs = all.map((guest) => guest.stats);
    const text = JSON.stringify({ schema: 1, unknownModules: guests.unknown, runs });
    try {
      if (stats) writeFileSync(own(stats), text);
    } catch (error) {
      process.stderr.write(`wynamo: cannot write ${own(stats)}: ${(error as Error).message}\n`);
    }
    if (!report || runs.length === 0) return;
    // Drawing is asynchronous, and nothing asynchronous happens any more.
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { status, stderr } = spawnSync(process.execPath, [renderer, own(report)], {
      input: text,
      env,
      encoding: 'utf8',
    });
    if (status !== 0) process.stderr.write(stderr || `wynamo: the report ${own(report)} could not be written\n`);
  });
}

/** The file with the thread's and process's number before its extension, but for the first of them. */
function own(path: string): string {
  const process_ = process.env[ROOT] === String(process.pid) ? '' : `.${process.pid}`;
  const thread = isMainThread ? '' : `.${threadId}`;
  const ext = extname(path);
  return `${path.slice(0, path.length - ext.length)}${process_}${thread}${ext}`;
}
