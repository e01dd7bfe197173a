/** A guest whose module is the probed one: what the tier needs of it. */
import type { CompileOptions } from '../guest/compile-imports.ts';
import { hideAdditions, instantiateWritten } from '../guest/instance.ts';
import { HostInstance, HostModule } from '../host.ts';
import { ModuleBuilder } from '../wasm/builder.ts';
import { CodeWriter } from '../wasm/code.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { Site, Sited } from './loops.ts';
import { ASK, type Origins, SLOT, writeProbed } from './probed.ts';

export interface ProbedGuest {
  readonly module: WasmModule;
  readonly instance: WebAssembly.Instance;
  readonly sited: readonly Sited[];
  readonly sites: readonly Site[];
  readonly origin: Origins;
  /** Host values by function index, as they were given. */
  readonly importedFunctions: readonly unknown[];
  /** All functions that the guest defines. */
  readonly functions: WebAssembly.Table;
  readonly memories: readonly WebAssembly.Memory[];
  readonly tables: readonly WebAssembly.Table[];
  readonly globals: readonly WebAssembly.Global[];
  readonly tags: readonly unknown[];
  readonly probes: WebAssembly.Table;
  /** Sets the budget of those who come to a site next, in units of 2. */
  setBudget(site: number, budget: number): void;
  /** Directs the probes. */
  connect(ask: (site: number, left: number) => number): void;
  /** Runs the start function, if there is one. */
  runStart(): void;
}

/** Throws the host's own CompileError, LinkError, TypeError, and what segments trap with. */
export function createProbed(
  module: WasmModule,
  imports: WebAssembly.Imports | undefined,
  sited: readonly Sited[],
  firstBudget: number,
  compile: CompileOptions | null = null,
): ProbedGuest {
  const probed = writeProbed(module, sited, firstBudget);
  const { instance, functions } = instantiateWritten(module, probed.bytes, imports, compile);
  const all = hideAdditions(module, instance);
  const { names } = probed;
  const probes = all[names.probes] as WebAssembly.Table;
  return {
    module,
    instance,
    sited,
    sites: probed.sites,
    origin: probed.origin,
    importedFunctions: functions,
    functions: all[names.functions] as WebAssembly.Table,
    memories: module.memories.map((_, i) => all[names.memory(i)] as WebAssembly.Memory),
    tables: module.tables.map((_, i) => all[names.table(i)] as WebAssembly.Table),
    globals: module.globals.map((_, i) => all[names.global(i)] as WebAssembly.Global),
    tags: module.tags.map((_, i) => all[names.tag(i)]),
    probes,
    setBudget: all[names.setBudget] as (site: number, budget: number) => void,
    connect(ask) {
      probes.set(SLOT.ask, askFunction(ask));
    },
    runStart() {
      if (module.start !== null) (all[names.start] as () => void)();
    },
  };
}

let asking: WebAssembly.Module | undefined;

/** A function of JavaScript as one that can stand in a table. */
function askFunction(ask: (site: number, left: number) => number): unknown {
  asking ??= new HostModule(askModule());
  return new HostInstance(asking, { machine: { ask } }).exports.ask;
}

function askModule(): Uint8Array<ArrayBuffer> {
  const b = new ModuleBuilder();
  const type = b.type(ASK.params, ASK.results);
  const ask = b.importFunc('machine', 'ask', type);
  const f = b.declare(type, 'wynamo.ask');
  b.define(f, [], new CodeWriter().op('local.get', 0).op('local.get', 1).op('call', ask));
  b.export('ask', 'func', f);
  return b.finish();
}
