/**
 * Wynamo as a library: the host's WebAssembly API with the machine below it.
 *
 *     import { instantiate } from 'wynamo';
 *     const { instance, machine } = await instantiate(bytes, imports, { hotLoop: 50 });
 *     instance.exports.run(1000);
 *     machine.stats().instructions.coverage;   // share of guest instructions executed in fragments, 0..1
 */
export { UserError } from './errors.ts';
export type { CompileOptions } from './guest/compile-imports.ts';
export {
  compile,
  compileStreaming,
  Instance,
  type Instantiated,
  instantiate,
  instantiateStreaming,
  instantiateSync,
  Module,
  machineOf,
  validate,
} from './library.ts';
export { FuelError, MemoryLimitError, TimeoutError } from './machine/errors.ts';
export type { GuestMachine } from './machine/open.ts';
export type { Options } from './options.ts';
export type { Stats } from './profile/schema.ts';
