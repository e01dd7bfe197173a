/**
 * Wynamo as a library: instantiates a module under the machine.
 *
 *     import { instantiate } from 'wynamo';
 *     const { instance, machine } = await instantiate(bytes, imports, { hotLoop: 50 });
 *     instance.exports.run(1000);
 *     machine.stats().instructions.coverage;   // share of guest instructions executed in fragments, 0..1
 */

import { type CompileOptions, readCompileOptions } from './guest/compile-imports.ts';
import { type GuestMachine, openMachine } from './machine/open.ts';
import { type Options, resolveOptions } from './options.ts';

export { UserError } from './errors.ts';
export type { CompileOptions } from './guest/compile-imports.ts';
export { FuelError, TimeoutError } from './machine/errors.ts';
export type { GuestMachine } from './machine/open.ts';
export type { Options } from './options.ts';
export type { Stats } from './profile/schema.ts';

export interface Instantiated {
  /** A genuine instance; its exports are the guest's. */
  instance: WebAssembly.Instance;
  module: WebAssembly.Module;
  machine: GuestMachine;
}

/** Bytes of a source, copied where the host could change them later. */
function bytesOf(source: BufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source).slice();
}

/**
 * Instantiates under the machine. Throws the host's own CompileError and LinkError for broken and unlinkable modules,
 * what the start function throws, and UserError for wrong options. `builtins` and `importedStringConstants` are the
 * host's own compile options.
 */
export function instantiateSync(
  source: BufferSource,
  imports?: WebAssembly.Imports,
  options: Partial<Options> & CompileOptions = {},
): Instantiated {
  const { builtins, importedStringConstants, ...own } = options;
  const compile = readCompileOptions({ builtins, importedStringConstants });
  return openMachine(bytesOf(source), imports, resolveOptions(own), undefined, compile);
}

/** The same as a promise, in the shape of `WebAssembly.instantiate` with the machine beside it. */
export async function instantiate(
  source: BufferSource,
  imports?: WebAssembly.Imports,
  options: Partial<Options> & CompileOptions = {},
): Promise<Instantiated> {
  return instantiateSync(source, imports, options);
}
