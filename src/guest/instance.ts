/**
 * A guest: the original module (validated by the host, with the host's own errors), its re-bodied twin brother and the
 * instance that the application sees. The instance is genuine; only its `exports` hide what the machine added.
 */
import { decodeModule } from '../wasm/decode.ts';
import type { ExternKind, GlobalDef, WasmModule } from '../wasm/module.ts';
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
  /** Instructions that need a function inside the guest. */
  helpers(module: WasmModule): readonly Helper[];
}

/** Throws the host's own CompileError, LinkError, TypeError, and what segments trap with. */
export function createGuest(bytes: Uint8Array, imports: WebAssembly.Imports | undefined, options: GuestOptions): Guest {
  const module = decodeModule(bytes);
  const rebodied = rebody(module, { twin: options.twin, helpers: options.helpers(module) });
  const values = readImports(module, imports);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(rebodied.bytes), values.object);
  return wrap(module, rebodied, instance, values.functions);
}

/** Reads each import exactly once, in order, as the host would. */
function readImports(
  module: WasmModule,
  imports: WebAssembly.Imports | undefined,
): { object: WebAssembly.Imports | undefined; functions: unknown[] } {
  const functions: unknown[] = [];
  // Without an object the host reports what is wrong.
  if (module.imports.length === 0 || imports === undefined || imports === null) return { object: imports, functions };
  if (typeof imports !== 'object' && typeof imports !== 'function') return { object: imports, functions };
  const object: Record<string, Record<string, unknown>> = {};
  for (const { module: from, name, kind } of module.imports) {
    const source = imports[from];
    if (source === undefined || source === null || (typeof source !== 'object' && typeof source !== 'function')) {
      object[from] = source as unknown as Record<string, unknown>;
      break;
    }
    const value = source[name];
    if (!Object.hasOwn(object, from)) object[from] = {};
    // A module may import one name twice, and the second reading may give something else; the host would see both.
    (object[from] as Record<string, unknown>)[name] = value;
    if (kind === 'func') functions.push(value);
  }
  return { object, functions };
}

function wrap(module: WasmModule, rebodied: Rebodied, instance: WebAssembly.Instance, functions: unknown[]): Guest {
  const { names, entryTypes } = rebodied;
  const all = instance.exports;
  const visible = Object.create(null) as Record<string, unknown>;
  for (const e of module.exports) visible[e.name] = all[e.name];
  Object.defineProperty(instance, 'exports', { value: Object.freeze(visible), enumerable: true, configurable: true });
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
    twins: (all[names.twins] as WebAssembly.Table | undefined) ?? null,
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
