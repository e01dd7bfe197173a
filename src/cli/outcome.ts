/**
 * What became of a guest: a status for the shell and, unless it ended by itself, one line for standard error.
 *
 *     wynamo: trap: divide by zero at $div+0x2a
 *
 * The number is the byte offset of the instruction in the module, as in the host's own stack traces. File and line follow where
 * the module has debug information.
 */
import type { GuestMachine } from '../index.ts';
import { FuelError, MemoryLimitError, TimeoutError } from '../machine/errors.ts';
import { guestSource } from '../source/source.ts';
import { decodeModule } from '../wasm/decode.ts';
import { STATUSES } from './status.ts';

export interface Outcome {
  status: number;
  /** Line for standard error, without the program's name. */
  message?: string;
}

/** Function and byte offset of the innermost Wasm frame in an error's stack: `$name+0x2a`. */
function placeInStack(error: Error): string | undefined {
  const frame = /at (?:(.+?) \()?wasm:\/\/[^\s)]*?wasm-function\[(\d+)\]:(0x[0-9a-f]+)/.exec(error.stack ?? '');
  if (!frame) return undefined;
  // The host writes `module.function` where the module has a name.
  const name = frame[1]?.replace(/^.*\./, '') ?? `f${frame[2]}`;
  return `$${name}+${frame[3]}`;
}

/** The same from the machine, which knows the guest's own function and offset; undefined natively. */
export function placeInMachine(machine: GuestMachine | undefined, error: unknown): string | undefined {
  const at = machine?.place(error);
  return at ? placeText(at) : undefined;
}

/** The place that is known, else that of the error's stack. (The host's exceptions of Wasm are no Errors and carry none.) */
export function placeOrStack(known: string | undefined, error: unknown): string | undefined {
  return known ?? (error instanceof Error ? placeInStack(error) : undefined);
}

/** `$name+0x2a`. */
export const placeText = (at: { name: string; offset: number }): string => `$${at.name}+0x${at.offset.toString(16)}`;

/** A place with file and line behind it, where the module has debug information: `$div+0x2a (div.c:7)`. */
export function withSource(at: string, bytes: Uint8Array, path: string): string {
  const offset = /\+0x([0-9a-f]+)$/.exec(at)?.[1];
  const source = offset === undefined ? null : guestSource(decodeModule(bytes), path);
  const place = source?.near(Number.parseInt(offset!, 16));
  return place ? `${at} (${place.file}:${place.line})` : at;
}

/** First sentence of the host's message without its `WebAssembly.x(): ` in front. */
export const hostMessage = (error: Error): string => error.message.replace(/^WebAssembly\.\w+(?:\(\))?:\s*/, '');

/** True where the host converted a value for a guest and could not: no JavaScript stands above the Wasm frame. */
const thrownByWasm = (error: Error): boolean =>
  /^\s+at .*wasm:\/\//.test(/\n(\s+at .*)/.exec(error.stack ?? '')?.[1] ?? '');

/**
 * The outcome that `error`, thrown through the guest, stands for; undefined when it is none of the guest's business, that
 * is, a bug. `place` says where the guest was.
 */
export function outcomeOf(error: unknown, place?: string): Outcome | undefined {
  const where = place === undefined ? '' : ` at ${place}`;
  if (error instanceof MemoryLimitError) return { status: STATUSES.memory.code, message: error.message + where };
  if (error instanceof FuelError) return { status: STATUSES.fuel.code, message: error.message + where };
  if (error instanceof TimeoutError) return { status: STATUSES.timeout.code, message: error.message + where };
  if (error instanceof WebAssembly.RuntimeError)
    return { status: STATUSES.trap.code, message: `trap: ${hostMessage(error)}${where}` };
  if (error instanceof WebAssembly.Exception) {
    return { status: STATUSES.trap.code, message: `the guest threw an exception that nobody caught${where}` };
  }
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return { status: STATUSES.trap.code, message: `trap: call stack exhausted${where}` };
  }
  if ((error instanceof TypeError || error instanceof SyntaxError) && thrownByWasm(error))
    return {
      status: STATUSES.trap.code,
      message: `a value from the host is none for the guest: ${error.message}${where}`,
    };
  return undefined;
}
