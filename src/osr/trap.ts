/**
 * Where in the guest an error came up, by the error's stack. Offsets there are those of the probed module, or of the rest
 * of a function, whose module has a name that says which one.
 */
import type { Place } from '../deopt/state.ts';
import { functionName } from '../wasm/names.ts';
import { continuationNumber, originalInContinuation } from './continuation.ts';
import type { ProbedGuest } from './guest.ts';
import { originalOffset } from './probed.ts';
import type { NativeTier } from './tier.ts';

const FRAME = /wasm:\/\/wasm\/([^\s:)]*):wasm-function\[(\d+)\]:0x([0-9a-f]+)/;

/** Null where the stack has no frame of the guest. */
export function placeInStack({ module, origin }: ProbedGuest, tier: NativeTier, error: unknown): Place | null {
  const frame = error instanceof Error ? FRAME.exec(error.stack ?? '') : null;
  if (!frame) return null;
  const offset = Number.parseInt(frame[3] as string, 16);
  const number = continuationNumber(frame[1] as string);
  const pieces = number === null ? undefined : tier.sites[number]?.pieces;
  const there = pieces ? originalInContinuation(pieces, offset) : originalOffset(origin, offset);
  const func = module.importedFunctions + module.code.findIndex(({ end }) => there < end);
  return { func, name: functionName(module, func) ?? `f${func}`, offset: there };
}
