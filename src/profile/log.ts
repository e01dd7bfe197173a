/**
 * The event log: one line for each thing that the machine decides. Events are objects; only an observer makes text.
 *
 *     [T12 root $crc32+0x41 loop, 64 recorded, 41 left, 512 bytes, 0.31 ms]
 *     [T13 side of T12#4 $crc32+0x6a, ...]
 *     [T-- $f+0x9 -- interpreter-only, again in 120]
 */
import { appendFileSync, writeFileSync, writeSync } from 'node:fs';
import type { Fragment } from '../cache/fragment.ts';
import { UserError } from '../errors.ts';

export interface EventLog {
  fragment(f: Fragment): void;
  abort(place: string, reason: string, blacklisted: boolean): void;
  flush(fragments: number, bytes: number): void;
  evict(fragments: number, bytes: number): void;
}

/** A log that writes to the file `target`, or to standard error for `-`. Throws a UserError where it cannot. */
export function openLog(target: string): EventLog {
  if (target !== '-') {
    try {
      writeFileSync(target, '');
    } catch (error) {
      throw new UserError(`cannot write the log ${target}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
    }
  }
  const line = (text: string) => {
    if (target === '-') writeSync(2, `${text}\n`);
    else appendFileSync(target, `${text}\n`);
  };
  return {
    fragment(f) {
      const from = f.parent && f.parentFragment ? ` of T${f.parentFragment.id}#${f.parent.id}` : '';
      const size = `${f.pcs.length} recorded, ${f.irAfter} left, ${f.bytes} bytes, ${f.compileMs.toFixed(2)} ms`;
      line(`[T${f.id} ${f.kind}${from} $${f.name}${f.loops ? ' loop' : ''}, ${size}]`);
    },
    abort(place, reason, blacklisted) {
      line(`[T-- ${place} -- ${reason}${blacklisted ? ', blacklisted' : ''}]`);
    },
    flush(fragments, bytes) {
      line(`[flush of ${fragments} fragments, ${bytes} bytes]`);
    },
    evict(fragments, bytes) {
      line(`[${fragments} fragments given up, ${bytes} bytes]`);
    },
  };
}
