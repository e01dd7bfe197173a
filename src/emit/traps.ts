/**
 * Where in an emitted module the host may trap, for the pass that leaves traps to it: its error's stack line reads
 * `wasm-function[3]:0x1a7`, and the byte offset names the instruction.
 */
import type { Ins } from '../ir/ir.ts';
import { decodeModule } from '../wasm/decode.ts';
import type { EmittedModule } from './types.ts';

/** Instructions that may trap by their byte offset in the module. */
export function trapSites(emitted: EmittedModule): Map<number, Ins> {
  const module = decodeModule(emitted.bytes);
  const sites = new Map<number, Ins>();
  for (const fragment of emitted.fragments) {
    const func = module.exports.find((e) => e.name === fragment.export)!.index;
    // The body is the locals, the code that was written, and `end`.
    const begin = module.code[func - module.importedFunctions]!.end - 1 - fragment.bytes;
    for (const { offset, ins } of fragment.traps) sites.set(begin + offset, ins);
  }
  return sites;
}

/** Byte offset of the trap in `error`, a WebAssembly.RuntimeError; null when its stack names none. */
export function trapOffset(error: Error): number | null {
  const at = /wasm-function\[\d+\]:0x([0-9a-f]+)/.exec(error.stack ?? '');
  return at ? Number.parseInt(at[1]!, 16) : null;
}
