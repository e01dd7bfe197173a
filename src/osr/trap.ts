/**
 * Where in the guest an error came up, by the error's stack. Offsets there are those of the probed module, or of the rest
 * of a function, whose module has a name that says which one.
 */
import { hostTrapPlace } from '../deopt/host-trap.ts';
import { type Place, placeOf } from '../deopt/state.ts';
import { functionAt } from '../wasm/function-at.ts';
import { shownName } from '../wasm/names.ts';
import { continuationOf, originalInContinuation } from './continuation.ts';
import type { ProbedGuest } from './guest.ts';
import { originalOffset } from './probed.ts';
import { type NativeTier, piecesOf } from './tier.ts';

const FRAME = /wasm:\/\/wasm\/([^\s:)]*):wasm-function\[(\d+)\]:0x([0-9a-f]+)/;

/** Innermost frames of a machine's own code: the dispatch loops, and fragments. */
const IN_MACHINE = /^\s*at (?:wynamo\.(?:run|record)|(?:\S*\.)?T\d+ \S+) /;

/** Null where the stack has no frame of the guest. */
export function placeInStack(guest: ProbedGuest, tier: NativeTier, error: unknown): Place | null {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => FRAME.test(line)) : [];
  const frame = FRAME.exec(frames[0] ?? '');
  if (!frame) return null;
  const offset = Number.parseInt(frame[3] as string, 16);
  // Below a machine's frames is the stub through which it was entered.
  const entered = frames.map((line) => continuationOf(FRAME.exec(line)?.[1] ?? '')).find((c) => c !== null);
  const record = entered && tier.sites[entered.site];
  if (record?.machine && IN_MACHINE.test(frames[0] as string)) {
    const at = hostTrapPlace(record.machine, error) ?? placeOf(record.machine);
    return at && placeAt(guest, originalInContinuation(record.pieces, at.offset));
  }
  const rest = continuationOf(frame[1] as string);
  const site = rest && tier.sites[rest.site];
  const pieces = site && piecesOf(site, rest.code);
  return placeAt(guest, pieces ? originalInContinuation(pieces, offset) : originalOffset(guest.origin, offset));
}

/** The place at a byte offset of the guest; null outside of functions. */
export function placeAt({ module }: ProbedGuest, offset: number): Place | null {
  const func = functionAt(module, offset);
  return func === null ? null : { func, name: shownName(module, func), offset };
}
