/** A run whose statistics are the point: the guest's output goes to standard error, the command's own to standard output. */
import { UserError } from '../errors.ts';
import { toShowFragments } from '../options.ts';
import type { Stats } from '../profile/schema.ts';
import type { Flag, Parsed } from './flag.ts';
import { GUEST_FLAGS, runGuest, statsOf } from './guest.ts';
import { print } from './output.ts';

export const TOOL_FLAGS: readonly Flag[] = GUEST_FLAGS;

export interface Collected {
  stats: Stats;
  /** The status to end with: the guest's own. */
  status: number;
  /** The module that ran, and what was emitted for a fragment of it. */
  bytes: Uint8Array;
  emitted(id: number): Uint8Array | null;
}

export async function runAndCollect(parsed: Parsed): Promise<Collected> {
  // The share of time that each component took comes from the sampler, which does not slow the guest down.
  parsed.options.sample = !parsed.options.deterministic;
  toShowFragments(parsed.options);
  const run = await runGuest(parsed, 2);
  const stats = statsOf(run);
  run.machine?.dispose();
  if (stats && parsed.options.keepCode) {
    const { addGuestText } = await import('../report/guest-text.ts');
    addGuestText(stats, run.bytes);
  }
  if (run.outcome.message) print(`wynamo: ${run.outcome.message}\n`, 2);
  if (!stats) throw new UserError(`${run.path} ended before it was instantiated, so there is nothing to tell`);
  return { stats, status: run.outcome.status, bytes: run.bytes, emitted: (id) => run.machine?.emitted?.(id) ?? null };
}
