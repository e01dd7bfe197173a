/**
 * Runs emitted fragments without the rest of the machine: a guest from text, a machine memory, a fragment table whose
 * exit slots hold a function that answers with the exit's pc as the interpreter's own does.
 *
 * Layout: fragment record at 2048, exit records from 4096 (64 of them), frames from 16384.
 */
import wabt from 'wabt';
import { compileModule } from '../../src/emit/compile.ts';
import { emitFragments } from '../../src/emit/emit.ts';
import type { EmitEnv, EmitOptions, EmittedModule } from '../../src/emit/types.ts';
import type { Region } from '../../src/ir/ir.ts';
import { parse } from '../../src/ir/parse.ts';
import { verify } from '../../src/ir/verify.ts';
import { EXIT, FRAGMENT } from '../../src/machine/layout.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import type { ValType } from '../../src/wasm/row.ts';

export const FEATURES = {
  threads: true,
  multi_memory: true,
  tail_call: true,
  memory64: true,
  reference_types: true,
  multi_value: true,
  simd: true,
  bulk_memory: true,
  sign_extension: true,
  mutable_globals: true,
} as const;

const PAGES = 64;
const FRAG = 2048;
const EXITS = 4096;
export const FP = 16384;
/** Address of the words {base, length} of the mirror of table 0, and its content. */
export const MIRROR = 3072;
const COUNTERS = 3584;

const tools = await wabt();

/** Binary of a module in the text format. */
export function wat(text: string): Uint8Array<ArrayBuffer> {
  const parsed = tools.parseWat('guest.wat', text, FEATURES);
  try {
    return Uint8Array.from(parsed.toBinary({}).buffer);
  } finally {
    parsed.destroy();
  }
}

/** Text of a binary. */
export function text(bytes: Uint8Array): string {
  const module = tools.readWasm(Uint8Array.from(bytes), { ...FEATURES, readDebugNames: true });
  try {
    return module.toText({ foldExprs: false, inlineExport: false });
  } finally {
    module.destroy();
  }
}

export const PLAIN: EmitOptions = { fuel: false, force: false, countIterations: true, sample: false, poll: false };

export interface RigInput {
  /** Guest in the text format; exports `mem0`, `global0`, `table0`, ... by index. */
  guest?: string | Uint8Array<ArrayBuffer>;
  /** Host functions by function index. */
  host?: unknown[];
  /** As text or made already. */
  region: string | Region;
  options?: Partial<EmitOptions>;
  sideTypes?: readonly ValType[];
}

/** One for all rigs, since each memory reserves much address space; a new rig clears it. */
const MACHINE = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });

export class Rig {
  readonly emitted: EmittedModule;
  readonly memory = MACHINE;
  readonly view = new DataView(this.memory.buffer);
  readonly guest: WebAssembly.Exports;
  readonly sides = new Map<ValType, WebAssembly.Table>();
  private readonly run: (fp: number, exit: number) => [number, number];

  constructor(input: RigInput) {
    new Uint8Array(this.memory.buffer, 0, 2 * FP).fill(0);
    const bytes = typeof input.guest === 'object' ? input.guest : wat(input.guest ?? '(module)');
    const guest = decodeModule(bytes);
    const host = input.host ?? [];
    const own: WebAssembly.Imports = {};
    for (const i of guest.imports) (own[i.module] ??= {})[i.name] = host[i.index];
    this.guest = new WebAssembly.Instance(new WebAssembly.Module(bytes), own).exports;
    const region = typeof input.region === 'string' ? parse(input.region) : input.region;
    verify(region);
    const sideTypes = input.sideTypes ?? [];
    const env: EmitEnv = {
      guest,
      options: { ...PLAIN, ...input.options },
      machinePages: PAGES,
      sideTypes,
      mirror: () => MIRROR,
    };
    const exitRecords = region.exits.map((_, i) => EXITS + EXIT.bytes * i);
    const exitSlots = region.exits.map((_, i) => 1 + i);
    const name = `T${region.id} ${region.name}`;
    const fragment = { region, fragmentSlot: 0, fragRecord: FRAG, exitRecords, exitSlots, name };
    this.emitted = emitFragments([{ ...fragment, ...(region.counters ? { counterRecords: COUNTERS } : {}) }], env);
    const fragments = new WebAssembly.Table({ element: 'anyfunc', initial: 1 + region.exits.length });
    const exit = exitFunction(this.memory);
    for (const s of region.exits) {
      if (!s) continue;
      this.view.setInt32(EXITS + EXIT.bytes * s.id + EXIT.pc, s.pc, true);
      fragments.set(1 + s.id, exit);
    }
    this.strip = 1 << 16;
    const list = (kind: string) =>
      Object.fromEntries(
        Object.entries(this.guest).flatMap(([n, v]) => (n.startsWith(kind) ? [[n.slice(kind.length), v]] : [])),
      );
    for (const type of sideTypes) {
      this.sides.set(type, new WebAssembly.Table({ element: type === 'funcref' ? 'anyfunc' : type, initial: 4096 }));
    }
    const exports = compileModule(this.emitted, {
      machine: { memory: this.memory, fragments },
      memory: list('mem'),
      table: list('table'),
      global: list('global'),
      func: list('func'),
      side: Object.fromEntries(this.sides),
      import: Object.fromEntries(host.map((f, i) => [String(i), f])),
    });
    this.run = exports[this.emitted.fragments[0]!.export] as Rig['run'];
  }

  get strip(): number {
    return this.view.getInt32(FRAG + FRAGMENT.strip, true);
  }

  set strip(n: number) {
    this.view.setInt32(FRAG + FRAGMENT.strip, n, true);
  }

  /** Enters the fragment; returns where the guest goes on. */
  enter(fp = FP): { pc: number; fp: number } {
    const [pc, to] = this.run(fp, 0);
    return { pc, fp: to };
  }

  exits(id: number): number {
    return Number(this.view.getBigInt64(EXITS + EXIT.bytes * id + EXIT.count, true));
  }

  get entries(): number {
    return Number(this.view.getBigInt64(FRAG + FRAGMENT.entries, true));
  }

  get iterations(): number {
    return Number(this.view.getBigInt64(FRAG + FRAGMENT.iterations, true));
  }

  /** Counter of a region that has some. */
  counter(index: number): number {
    return Number(this.view.getBigInt64(COUNTERS + 8 * index, true));
  }

  i32(off: number): number {
    return this.view.getInt32(FP + off, true);
  }

  setI32(off: number, value: number): void {
    this.view.setInt32(FP + off, value, true);
  }

  i64(off: number): bigint {
    return this.view.getBigInt64(FP + off, true);
  }

  setI64(off: number, value: bigint): void {
    this.view.setBigInt64(FP + off, value, true);
  }

  ctl(address: number): number {
    return this.view.getInt32(address, true);
  }

  ctl64(address: number): number {
    return Number(this.view.getBigInt64(address, true));
  }

  /** The memory `index` of the guest. */
  mem(index = 0): DataView {
    return new DataView((this.guest[`mem${index}`] as WebAssembly.Memory).buffer);
  }
}

const EXIT_MODULE = new WebAssembly.Module(
  wat(`(module (import "m" "m" (memory 1 ${PAGES} shared))
    (func (export "exit") (param i32 i32) (result i32 i32)
      (i32.load offset=${EXIT.pc} (local.get 1)) (local.get 0)))`),
);

/** What unlinked exits call: (fp, exit record) -> (pc, fp). */
function exitFunction(memory: WebAssembly.Memory): unknown {
  return new WebAssembly.Instance(EXIT_MODULE, { m: { m: memory } }).exports.exit;
}
