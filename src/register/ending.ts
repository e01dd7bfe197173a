/** Writes what was asked for when the thread ends. */
import { isMainThread } from 'node:worker_threads';
import type { Guests } from './guests.ts';
import { ROOT, writeFiguresNow } from './write.ts';

export function writeAtEnd(guests: Guests): void {
  process.env[ROOT] ??= String(process.pid);
  const { stats, report } = guests.settings;
  if (!stats && !report) return;
  process.on('exit', () => {
    // A thread or child that ran no guest has nothing to tell, and must not overwrite what others wrote.
    if (guests.isEmpty && (!isMainThread || process.env[ROOT] !== String(process.pid))) return;
    writeFiguresNow(guests, { stats, report });
  });
}
