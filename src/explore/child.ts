/**
 * The process of one run: runs the guest as `wynamo report` does, and writes its figures to descriptor 3, a JSON line each,
 * while it runs and when it is done.
 *
 *     node child.js --hot-loop=20 program.wasm -- its arguments
 */
import { writeSync } from 'node:fs';
import { parse } from '../cli/flag.ts';
import { GUEST_FLAGS, runGuest } from '../cli/guest.ts';
import { UserError } from '../errors.ts';
import { instantiate } from '../index.ts';
import { toShowFragments } from '../options.ts';
import type { Stats } from '../profile/schema.ts';
import { addGuestText } from '../report/guest-text.ts';
import { addSource } from '../source/annotate.ts';
import type { Message } from './runs.ts';

/** Milliseconds between two looks at the guest. */
const EVERY = 500;
const PIPE = 3;

function send(message: Message): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(PIPE, bytes, at);
    } catch (error) {
      // The reader is not as fast as a report with all code is large.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

/** Code comes at the end: it is most of the figures' size, and the guest waits meanwhile. */
function withoutCode(stats: Stats): Stats {
  return { ...stats, fragments: stats.fragments.map(({ code: _, ...rest }) => rest) };
}

try {
  const parsed = parse('explore', process.argv.slice(2), GUEST_FLAGS);
  Object.assign(parsed.options, { keepCode: true, sample: !parsed.options.deterministic });
  toShowFragments(parsed.options);
  const path = parsed.positionals[0]!;
  const run = await runGuest(parsed, 1, async (bytes, imports) => {
    const started = await instantiate(bytes, imports, parsed.options);
    started.machine.watch(EVERY, (stats) => {
      stats.module.path = path;
      send({ kind: 'look', stats: withoutCode(stats) });
    });
    return started;
  });
  const stats = run.machine?.stats() ?? null;
  if (stats) {
    stats.module.path = path;
    addGuestText(stats, run.bytes);
    addSource(stats, run.bytes);
  }
  send({ kind: 'end', stats, status: run.outcome.status, message: run.outcome.message ?? null });
  run.machine?.dispose();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  send({ kind: 'end', stats: null, status: 2, message: error.message });
}
