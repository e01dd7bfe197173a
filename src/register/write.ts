/** Writes the figures of a process's guests: JSON, and the report, which another process draws. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, threadId } from 'node:worker_threads';
import { UserError } from '../errors.ts';
import { addGuestText } from '../report/guest-text.ts';
import { addSource } from '../source/annotate.ts';
import type { Guests } from './guests.ts';

export interface Files {
  /** Empty where nothing is to be written. */
  stats: string;
  report: string;
}

/** The first process of a tree of processes; further ones write files of their own. */
export const ROOT = 'WYNAMO_ROOT_PID';

const renderer = fileURLToPath(new URL(`render${extname(import.meta.url)}`, import.meta.url));

/** Figures as JSON, written where that is asked for; null where there is nothing for a report. */
function figures(guests: Guests, { stats, report }: Files): string | null {
  const all = guests.collect();
  for (const guest of all) {
    if (report) addGuestText(guest.stats, guest.bytes);
    addSource(guest.stats, guest.bytes);
  }
  const text = JSON.stringify({ schema: 1, unknownModules: guests.unknown, runs: all.map((guest) => guest.stats) });
  try {
    if (stats) writeFileSync(own(stats), text);
  } catch (error) {
    throw new UserError(`cannot write ${own(stats)}: ${(error as Error).message}`);
  }
  return report && all.length > 0 ? text : null;
}

const environment = () => ({ ...process.env, NODE_OPTIONS: '' });

/** Writes while the process goes on. */
export async function writeFigures(guests: Guests, files: Files): Promise<void> {
  const input = figures(guests, files);
  if (input === null) return;
  const target = own(files.report);
  const child = spawn(process.execPath, [renderer, target], { env: environment(), stdio: ['pipe', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin.end(input);
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new UserError(errors.trim().replace(/^wynamo: /, '') || `cannot write ${target}`);
}

/** Writes at the end of the process, where nothing asynchronous happens any more. */
export function writeFiguresNow(guests: Guests, files: Files): void {
  try {
    const input = figures(guests, files);
    if (input === null) return;
    const target = own(files.report);
    const { status, stderr } = spawnSync(process.execPath, [renderer, target], {
      input,
      env: environment(),
      encoding: 'utf8',
    });
    if (status !== 0) process.stderr.write(stderr || `wynamo: the report ${target} could not be written\n`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`wynamo: ${error.message}\n`);
  }
}

/** The file with the thread's and process's number before its extension, but for the first of them. */
function own(path: string): string {
  const process_ = process.env[ROOT] === String(process.pid) ? '' : `.${process.pid}`;
  const thread = isMainThread ? '' : `.${threadId}`;
  const ext = extname(path);
  return `${path.slice(0, path.length - ext.length)}${process_}${thread}${ext}`;
}
