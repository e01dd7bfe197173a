/**
 * Compiles and instantiates emitted modules. Compiling is much dearer than instantiating (60 us and more against 5 us),
 * and the same program makes the same bytes again: after a flush, in a second instance, in a repeated run in one
 * process. So modules are kept by their bytes, as text with a character for each: the host hashes and compares that
 * faster than a digest is made, and `node:crypto` alone takes 8 ms to load.
 */

import { HostInstance, HostModule } from '../host.ts';
import type { EmittedModule } from './types.ts';

/** Modules by content, the least recently used dropped first. */
export class ModuleCache {
  private readonly modules = new Map<string, { module: WebAssembly.Module; bytes: number }>();
  private readonly budget: number;
  private bytes = 0;

  /** `budget`: bytes of Wasm to keep. */
  constructor(budget = 1 << 24) {
    this.budget = budget;
  }

  /** Number of modules kept. */
  get size(): number {
    return this.modules.size;
  }

  /** The module with these bytes, compiled now or earlier. Throws what the host throws for an invalid module. */
  get(bytes: Uint8Array<ArrayBuffer>): { module: WebAssembly.Module; reused: boolean } {
    const known = this.find(bytes);
    if (known) return { module: known, reused: true };
    const module = new HostModule(bytes);
    this.add(bytes, module);
    return { module, reused: false };
  }

  /** The module with these bytes, if it was compiled earlier. */
  find(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | null {
    const key = keyOf(bytes);
    const known = this.modules.get(key);
    if (!known) return null;
    this.modules.delete(key);
    this.modules.set(key, known);
    return known.module;
  }

  /** Keeps a module that was compiled elsewhere. */
  add(bytes: Uint8Array<ArrayBuffer>, module: WebAssembly.Module): void {
    const key = keyOf(bytes);
    if (this.modules.has(key)) return;
    this.modules.set(key, { module, bytes: bytes.length });
    this.bytes += bytes.length;
    for (const [old, { bytes: n }] of this.modules) {
      if (this.bytes <= this.budget || old === key) break;
      this.modules.delete(old);
      this.bytes -= n;
    }
  }
}

const keyOf = (bytes: Uint8Array<ArrayBuffer>) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** Modules of this process. */
export const sharedModules = new ModuleCache();

/**
 * Compiles the module, or finds it, and instantiates it; returns its exports. `imports` needs an entry for each of
 * `emitted.imports` and may have more. Throws the host's CompileError or LinkError: the emitter was wrong.
 */
export function compileModule(
  emitted: EmittedModule,
  imports: WebAssembly.Imports,
  cache = sharedModules,
): WebAssembly.Exports {
  return new HostInstance(cache.get(emitted.bytes).module, imports).exports;
}
