/**
 * A guest: the original module (validated by the host, with the host's own errors), its re-bodied twin brother and the
 * instance that the application sees. The instance is genuine; only its `exports` hide what the machine added.
 */
import { HostModule } from '../host.ts';
import { decodeModule } from '../wasm/decode.ts';
import type { ExternKind, GlobalDef, WasmModule } from '../wasm/module.ts';
import { type CompileOptions, providedFunctions, providedImports } from './compile-imports.ts';
import { showExports } from './exports.ts';
import { instantiateGuest } from './foreign.ts';
import { observeImports, replayImports } from './imports.ts';
import { type Helper, type Rebodied, rebody } from './rebody.ts';

export interface Guest {
  readonly module: WasmModule;
  readonly instance: WebAssembly.Instance;
  /** Host values by function index, as they were given. */
  readonly importedFunctions: readonly unknown[];
  readonly memories: readonly WebAssembly.Memory[];
  readonly tables: readonly WebAssembly.Table[];
  readonly globals: readonly WebAssembly.Global[];
  readonly tags: readonly unknown[];
  readonly helpers: readonly unknown[];
  /** Type indices of defined functions. */
  readonly entryTypes: readonly number[];
  /** Functions of the native twin by defined function; null where none was asked for. */
  readonly twins: WebAssembly.Table | null;
  /** All functions that the guest defines; null where it calls none by reference. */
  readonly functions: WebAssembly.Table | null;
  /** Byte offsets of the bodies of the entry stubs, by defined function; written again for whoever asks. */
  stubs(): number[];
  /** Directs the entry stubs of each type. */
  connect(entry: (type: number) => unknown): void;
  /** Runs the start function, if there is one. */
  runStart(): void;
  isExported(kind: ExternKind, index: number): boolean;
  /** True where somebody besides the guest and its host may hold the global. */
  foreignGlobal(global: GlobalDef): boolean;
}

export interface GuestOptions {
  readonly twin: boolean;
  /** Imports that the host provides at compile time. */
  readonly compile?: CompileOptions | null;
  /** Instructions that need a function inside the guest. */
  helpers(module: WasmModule): readonly Helper[];
}

/** Throws the host's own CompileError, LinkError, TypeError, and what segments trap with. */
export function createGuest(bytes: Uint8Array, imports: WebAssembly.Imports | undefined, options: GuestOptions): Guest {
  const module = decodeModule(bytes);
  const write = () => rebody(module, { twin: options.twin, helpers: options.helpers(module) });
  const rebodied = write();
  const { instance, functions } = instantiateWritten(module, rebodied.bytes, imports, options.compile);
  const starts = () => decodeModule(write().bytes).code.map(({ start }) => start);
  return wrap(module, rebodied, instance, functions, () => starts().slice(0, module.code.length));
}

/**
 * Instantiates a module that was written from `module`, with the guest's imports. `functions`: the imported ones as they
 * were given. `options`: imports of compile time. Throws what the host throws for the original.
 */
export function instantiateWritten(
  module: WasmModule,
  written: Uint8Array<ArrayBuffer>,
  imports: WebAssembly.Imports | undefined,
  options: CompileOptions | null = null,
): { instance: WebAssembly.Instance; functions: unknown[] } {
  const compile = options ?? undefined;
  const compiled = new HostModule(written, compile);
  const provided = compile ? providedImports(module, compiled) : module.imports.map(() => false);
  const asked = module.imports.filter((_, i) => !provided[i]);
  const values: unknown[] = [];
  try {
    const instance = instantiateGuest(
      compiled,
      observeImports(imports, (value) => values.push(value)),
    );
    const functions: unknown[] = [];
    asked.forEach(({ kind, index }, i) => {
      if (kind === 'func') functions[index] = values[i];
    });
    if (compile) for (const [index, f] of providedFunctions(module, provided, compile)) functions[index] = f;
    return { instance, functions };
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError && values.length === asked.length) leave(module, values, compile);
    throw error;
  }
}

/** From now on the instance shows the guest's own exports alone. Returns all that it has. */
export function hideAdditions(module: WasmModule, instance: WebAssembly.Instance): WebAssembly.Exports {
  const all = instance.exports;
  const visible = Object.create(null) as Record<string, unknown>;
  for (const e of module.exports) visible[e.name] = all[e.name];
  showExports(instance, Object.freeze(visible));
  return all;
}

/**
 * A segment trapped. What the segments before it wrote stays, also functions of this module in tables of others, and
 * such functions can be called; but nobody will ever direct their entry stubs, since there is no instance. The original
 * module traps at the same segment after the same writes, and its functions need no machine.
 */
function leave(module: WasmModule, values: readonly unknown[], compile: CompileOptions | undefined): void {
  instantiateGuest(new HostModule(module.bytes as BufferSource, compile), replayImports(values));
}

function wrap(
  module: WasmModule,
  rebodied: Rebodied,
  instance: WebAssembly.Instance,
  functions: unknown[],
  stubs: () => number[],
): Guest {
  const { names, entryTypes } = rebodied;
  const all = hideAdditions(module, instance);
  const exported = new Set(module.exports.map((e) => `${e.kind} ${e.index}`));
  const entries = all[names.entries] as WebAssembly.Table;
  const start = module.start === null ? null : (all[names.start] as () => void);
  const helpers: unknown[] = [];
  for (let i = 0; names.helper(i) in all; i++) helpers.push(all[names.helper(i)]);
  return {
    module,
    instance,
    importedFunctions: functions,
    memories: module.memories.map((_, i) => all[names.memory(i)] as WebAssembly.Memory),
    tables: module.tables.map((_, i) => all[names.table(i)] as WebAssembly.Table),
    globals: module.globals.map((_, i) => all[names.global(i)] as WebAssembly.Global),
    tags: module.tags.map((_, i) => all[names.tag(i)]),
    helpers,
    entryTypes,
    functions: (all[names.functions] as WebAssembly.Table | undefined) ?? null,
    twins: (all[names.twins] as WebAssembly.Table | undefined) ?? null,
    stubs,
    connect(entry) {
      entryTypes.forEach((type, slot) => {
        entries.set(slot, entry(type));
      });
    },
    runStart() {
      start?.();
    },
    isExported: (kind, index) => exported.has(`${kind} ${index}`),
    foreignGlobal: (global) => global.imported !== undefined,
  };
}
