/** What goes into the emitter and what comes out of it. */
import type { Ins, Region } from '../ir/ir.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { ValType } from '../wasm/row.ts';
import type { CodePlace } from './out.ts';

export interface EmitInput {
  readonly region: Region;
  /** Index in the fragment table at which the fragment will be installed. */
  readonly fragmentSlot: number;
  /** Machine address of its FRAGMENT record. */
  readonly fragRecord: number;
  /** Machine address of the EXIT record, by snapshot id. Only ids that the region still leaves by are read. */
  readonly exitRecords: readonly number[];
  /** Machine address of an i64 for each counter of the region; needed where it has some. */
  readonly counterRecords?: number;
  /** Index in the fragment table through which the exit leaves, by snapshot id. */
  readonly exitSlots: readonly number[];
  /** Guest function whose code it is from its entry on: calls of it inside need no table. Undefined for other fragments. */
  readonly enters?: number | undefined;
  /** Function name for the host's stacks and profiles: `T12 crc32+0x41`. */
  readonly name: string;
}

export interface EmitOptions {
  /** Keep CTL.icount (and CTL.fragIcount) up to date: at exits and before host calls. */
  readonly fuel: boolean;
  /** Guards also fail by the schedule in CTL.forceState and CTL.forceBelow. */
  readonly force: boolean;
  /** Keep FRAGMENT.iterations. */
  readonly countIterations: boolean;
  /** Keep CTL.state for the sampler. */
  readonly sample: boolean;
  /** Leave at entry when CTL.stop asks for it: linked fragments may go round without the interpreter. */
  readonly poll: boolean;
  /** Calls of the host may suspend, and other activations run meanwhile. */
  readonly suspends?: boolean;
}

export interface EmitEnv {
  /** Where types, memories, tables, globals and imports are declared. */
  readonly guest: WasmModule;
  readonly options: EmitOptions;
  /** Largest size of the machine memory in pages, as it was created with. */
  readonly machinePages: number;
  /** Element types of the side tables that exist. A reference is kept in the table of exactly its type. */
  readonly sideTypes: readonly ValType[];
  /** Slot and record through which fragments call a guest function. Only asked for functions that have code. */
  callee?(func: number): { readonly slot: number; readonly record: number };
  /** Machine address of {base i32, length i32} of a guest table's mirror; null: that table has none. */
  mirror(table: number): number | null;
  /** Functions of the guest's module for instructions on segments, by number. */
  readonly helpers?: readonly { readonly params: readonly ValType[]; readonly results: readonly ValType[] }[];
}

/**
 * One import of the emitted module. `index` counts in the guest's index space of its kind. Module and field names are
 * those that the interpreter module uses too, so one import object serves both:
 * `machine.memory`, `machine.fragments`, `memory.0`, `table.0`, `global.3`, `import.2`, `side.funcref`, `func.7`,
 * `hook.identify`, `hook.tableChanged`, `helper.0`.
 */
export interface EmitImport {
  readonly module: 'machine' | 'hook' | 'helper' | 'memory' | 'table' | 'global' | 'import' | 'side' | 'func';
  readonly name: string;
  /** `funcref`: an immutable global that holds the guest function `index`. */
  readonly kind: 'memory' | 'table' | 'global' | 'func' | 'funcref';
  /** Guest index; -1 for what belongs to the machine. */
  readonly index: number;
}

/** One fragment of an emitted module. */
export interface EmittedFragment {
  /** Name under which the module exports it; pass it to the fragment table. */
  readonly export: string;
  /** Its function index. */
  readonly func: number;
  readonly fragmentSlot: number;
  /** Bytes of its function body. */
  readonly bytes: number;
  /** Those of them that are stubs: what exits write before they leave. */
  readonly stubBytes: number;
  /** Byte offset in the body's code and the instruction there, ascending; for instructions that the host may trap in. */
  readonly traps: readonly { offset: number; ins: Ins }[];
  /** Which guest instructions its code stands for, by byte offset in the body's code. */
  readonly places: readonly CodePlace[];
}

export interface EmittedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly imports: readonly EmitImport[];
  readonly fragments: readonly EmittedFragment[];
}
