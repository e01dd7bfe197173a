/**
 * Where the guest was when the host trapped inside a fragment, which happens only with the pass `host-traps`. The frames in
 * machine memory are as old as the fragment's entry then; the error's own stack names the instruction.
 */
import type { Machine } from '../machine/machine.ts';
import type { Place } from './state.ts';

/** Function name and byte offset of the innermost frame, when it is a fragment's: `at T12 crc32+0x41 (wasm://…:0x1a7)`. */
const FRAGMENT = /^\s*at (?:\S*\.)?T(\d+) .*wasm-function\[\d+\]:0x([0-9a-f]+)/;

/** Null for an error that does not come out of a fragment's own instruction. */
export function hostTrapPlace(machine: Machine, error: unknown): Place | null {
  if (!(error instanceof WebAssembly.RuntimeError)) return null;
  const innermost = error.stack?.split('\n').find((line) => line.includes('wasm-function['));
  const at = FRAGMENT.exec(innermost ?? '');
  const loc = at && machine.cache.all.find((f) => f.id === Number(at[1]))?.traps.get(Number.parseInt(at[2]!, 16));
  return loc ? { func: loc.func, name: machine.functionName(loc.func), offset: loc.offset } : null;
}
