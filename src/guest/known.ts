/**
 * The bytes behind `WebAssembly.Module` objects. The host does not give them back, so they are remembered when a module
 * is compiled. A module that goes to another thread is a new object there; it carries its bytes in a custom section.
 */

import { HostModule } from '../host.ts';
import { Writer } from '../wasm/writer.ts';
import type { CompileOptions } from './compile-imports.ts';

/** Name of the custom section in modules that travel, and of another one with their compile options. */
const SECTION = 'wynamo.module';
const OPTIONS = 'wynamo.compile';

export interface Known {
  /** The module's own bytes; nobody else writes them. */
  readonly bytes: Uint8Array;
  /** The file whose code compiled it, or empty. */
  readonly origin: string;
  /** Imports that the host provides itself. */
  readonly compile: CompileOptions | null;
}

/** A copy of the bytes that the host would compile, which nobody changes later; null for what it would not take. */
export function copyOf(source: unknown): Uint8Array<ArrayBuffer> | null {
  if (ArrayBuffer.isView(source))
    return Uint8Array.from(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  if (source instanceof ArrayBuffer || source instanceof SharedArrayBuffer)
    return Uint8Array.from(new Uint8Array(source));
  return null;
}

const known = new WeakMap<WebAssembly.Module, Known>();
const carriers = new WeakMap<WebAssembly.Module, WebAssembly.Module>();

/** Gives the module. */
export function remember(module: WebAssembly.Module, what: Known): WebAssembly.Module {
  known.set(module, what);
  return module;
}

/** Null for modules that were compiled where nobody looked, and for what is no module at all. */
export function lookUp(module: WebAssembly.Module): Known | null {
  const before = known.get(module);
  if (before) return before;
  let section: ArrayBuffer | undefined;
  try {
    section = HostModule.customSections(module, SECTION)[0];
  } catch {
    return null;
  }
  if (!section) return null;
  const [options] = HostModule.customSections(module, OPTIONS);
  const compile = options ? (JSON.parse(Buffer.from(options).toString()) as CompileOptions) : null;
  const what = { bytes: new Uint8Array(section), origin: '', compile };
  known.set(module, what);
  return what;
}

/** The module as it goes to another thread: itself where its bytes are not known. */
export function carrier(module: WebAssembly.Module): WebAssembly.Module {
  const what = known.get(module);
  if (!what || HostModule.customSections(module, SECTION).length > 0) return module;
  let twin = carriers.get(module);
  if (!twin) {
    const section = new Writer().name(SECTION).raw(what.bytes);
    const w = new Writer().raw(what.bytes).u8(0).sized(section);
    if (what.compile) w.u8(0).sized(new Writer().name(OPTIONS).raw(Buffer.from(JSON.stringify(what.compile))));
    twin = new HostModule(w.finish(), what.compile ?? undefined);
    carriers.set(module, twin);
    known.set(twin, what);
  }
  return twin;
}
