/**
 * What of a guest its host can change: memories and mutable globals that it exports or imports. Tables are not followed:
 * a host that writes them in the middle of a run cannot be recorded.
 */
import { decodeModule } from '../wasm/decode.ts';
import type { ExternKind, WasmModule } from '../wasm/module.ts';
import type { ValType } from '../wasm/row.ts';
import { type Event, encode, type Value } from './events.ts';

/** Bytes compared at once. */
const BLOCK = 4096;

export interface Shared {
  readonly module: WasmModule;
  /** By index. */
  readonly memories: Map<number, WebAssembly.Memory>;
  readonly globals: Map<number, WebAssembly.Global>;
  readonly tags: Map<number, WebAssembly.Tag>;
}

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly index: number;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

export function typeOf(module: WasmModule, func: number): Pick<FunctionImport, 'params' | 'results'> {
  const type = module.types[module.functions[func] as number];
  if (type?.kind !== 'func') throw new Error(`function ${func} has no function type`);
  return type;
}

export function functionImports(module: WasmModule): FunctionImport[] {
  return module.imports.flatMap((row) =>
    row.kind === 'func' ? [{ ...typeOf(module, row.index), module: row.module, name: row.name, index: row.index }] : [],
  );
}

/** Nothing is known before there are imports. */
export function sharedOf(bytes: Uint8Array): Shared {
  return { module: decodeModule(bytes), memories: new Map(), globals: new Map(), tags: new Map() };
}

/** Adds what is visible under a name. */
export function share(shared: Shared, kind: ExternKind, index: number, value: unknown): void {
  const { module } = shared;
  if (kind === 'memory' && value instanceof WebAssembly.Memory) shared.memories.set(index, value);
  if (kind === 'global' && value instanceof WebAssembly.Global && module.globals[index]?.mutable)
    shared.globals.set(index, value);
  if (kind === 'tag' && value instanceof WebAssembly.Tag) shared.tags.set(index, value);
}

export function shareExports(shared: Shared, exports: WebAssembly.Exports): void {
  for (const { name, kind, index } of shared.module.exports) share(shared, kind, index, exports[name]);
}

/** The state at a moment, to be compared with a later one. */
export interface Before {
  readonly memories: ReadonlyMap<number, { pages: number; bytes: Uint8Array | null }>;
  readonly globals: ReadonlyMap<number, Value>;
}

const PAGE = 65536;

const numeric = (type: ValType) => /^[if](32|64)$/.test(String(type));

/** `memories`: keeps copies of their contents as well. */
export function remember({ module, memories, globals }: Shared, contents: boolean): Before {
  const values = [...globals].flatMap(([i, g]): [number, Value][] => {
    const { type } = module.globals[i]!;
    return numeric(type) ? [[i, encode(type, g.value)]] : [];
  });
  return {
    memories: new Map(
      [...memories].map(([i, m]) => [
        i,
        { pages: m.buffer.byteLength / PAGE, bytes: contents ? Uint8Array.from(new Uint8Array(m.buffer)) : null },
      ]),
    ),
    globals: new Map(values),
  };
}

/** What is different now. `pieces`: the only places of memory that can have changed; null: any. */
export function changes(
  shared: Shared,
  before: Before,
  pieces: readonly (readonly [at: number, bytes: number])[] | null,
): Event[] {
  const { module, memories, globals } = shared;
  const events: Event[] = [];
  for (const [index, memory] of memories) {
    const then = before.memories.get(index);
    const pages = memory.buffer.byteLength / PAGE;
    if (pages > (then?.pages ?? 0)) events.push(['grow', index, pages - (then?.pages ?? 0)]);
    const now = new Uint8Array(memory.buffer);
    if (pieces && index === 0) for (const [at, bytes] of pieces) events.push(write(index, now, at, at + bytes));
    else if (!pieces && then?.bytes) events.push(...compared(index, then.bytes, now));
  }
  for (const [index, global] of globals) {
    const { type } = module.globals[index]!;
    if (!numeric(type)) continue;
    const value = encode(type, global.value);
    if (value !== before.globals.get(index)) events.push(['global', index, value]);
  }
  return events;
}

const write = (index: number, memory: Uint8Array, from: number, to: number): Event => [
  'write',
  index,
  from,
  // A shared memory cannot be read by Buffer's own functions in place.
  Buffer.from(memory.slice(from, to)).toString('base64'),
];

/** The pieces that differ. Memory that was added counts as zero before. */
function compared(index: number, before: Uint8Array, now: Uint8Array): Event[] {
  const events: Event[] = [];
  const then = (i: number) => before[i] ?? 0;
  for (let at = 0; at < now.length; at += BLOCK) {
    const end = at + BLOCK;
    if (end <= before.length && Buffer.compare(now.subarray(at, end), before.subarray(at, end)) === 0) continue;
    let first = at;
    while (first < end && now[first] === then(first)) first++;
    let last = end;
    while (last > first && now[last - 1] === then(last - 1)) last--;
    if (last > first) events.push(write(index, now, first, last));
  }
  return events;
}
