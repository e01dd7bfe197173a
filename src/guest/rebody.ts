/**
 * The re-bodied module: the guest's own module in which every function body is an entry stub that enters the machine.
 * Types, imports, tables, memories, globals, segments and exports are the guest's bytes; what the machine adds comes at
 * the end of each index space and is exported under names that no guest export has.
 *
 * Optionally the original bodies are appended too (the native twin), with direct calls among them relocated to each
 * other, so that the guest can go on natively over the same memories, tables and globals.
 */

import { CodeWriter } from '../wasm/code.ts';
import { SECTION } from '../wasm/decode.ts';
import { isReference } from '../wasm/hierarchy.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Reader } from '../wasm/reader.ts';
import type { OpRow, ValType } from '../wasm/row.ts';
import { scan } from '../wasm/scan.ts';
import { type Append, copyNames, sectionsOf, TypeAppender } from '../wasm/sections.ts';
import { Writer } from '../wasm/writer.ts';
import { type HiddenNames, hiddenNames } from './hidden.ts';

/** An instruction that only code inside the guest module can execute, because it names a segment or a function of it. */
export interface Helper {
  readonly row: OpRow;
  readonly imms: readonly number[];
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

export interface Rebodied {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly names: HiddenNames;
  /** Type indices of defined functions; position is the slot in the table of entries. */
  readonly entryTypes: readonly number[];
}

/** True where calls can reach functions of the guest through references whose writers the machine does not know. */
function needsFunctions(module: WasmModule): boolean {
  const { ops, indirect } = scan(module);
  if (ops.has('call_ref') || ops.has('return_call_ref')) return true;
  const open = [...module.tables, ...module.globals].some((x) => x.imported && isReference(x.type));
  return indirect.length > 0 && (open || module.exports.some((e) => e.kind === 'table'));
}

/** A table of functions that the machine adds. */
interface FunctionList {
  readonly name: string;
  readonly table: number;
  readonly first: number;
  readonly count: number;
}

export function rebody(module: WasmModule, options: { twin: boolean; helpers: readonly Helper[] }): Rebodied {
  const { helpers } = options;
  const names = hiddenNames(module);
  const defined = module.functions.slice(module.importedFunctions);
  const entryTypes = [...new Set(defined)];
  const types = new TypeAppender(module);
  const enter = new Map(
    entryTypes.map((t) => {
      const def = module.types[t];
      if (def?.kind !== 'func') throw new Error(`type ${t} is not a function type`);
      return [t, types.add([...def.params, 'i32'], def.results)];
    }),
  );
  const helperTypes = helpers.map((h) => types.add(h.params, h.results));
  const entryTable = module.tables.length;
  const twinTable = entryTable + 1;
  const firstTwin = module.functions.length;
  const twins = options.twin ? defined.length : 0;
  const listed = needsFunctions(module);
  /** Tables of functions behind that of the entries: name, and index of the first function. */
  const lists: FunctionList[] = [];
  if (options.twin) lists.push({ name: names.twins, table: twinTable, first: firstTwin, count: twins });
  if (listed) {
    const table = twinTable + lists.length;
    lists.push({ name: names.functions, table, first: module.importedFunctions, count: defined.length });
  }
  const firstHelper = firstTwin + twins;

  const out = new Writer();
  out.raw(module.bytes.subarray(0, 8));
  const { copy, append } = sectionsOf(module, out);

  types.write(out);
  copy(SECTION.import);
  append(SECTION.function, twins + helpers.length, (w) => {
    if (twins > 0) for (const t of defined) w.u32(t);
    for (const t of helperTypes) w.u32(t);
  });
  append(SECTION.table, 1 + lists.length, (w) => {
    w.u8(0x70).u8(0).u32(entryTypes.length);
    for (const { count } of lists) w.u8(0x70).u8(0).u32(count);
  });
  copy(SECTION.memory);
  copy(SECTION.tag);
  copy(SECTION.global);
  writeExports(module, names, append, { entryTable, lists, firstHelper, helpers: helpers.length });
  append(SECTION.element, lists.length, (w) => {
    for (const { table, first, count } of lists) {
      w.u8(2).u32(table).u8(0x41).s32(0).u8(0x0b).u8(0).u32(count);
      for (let i = 0; i < count; i++) w.u32(first + i);
    }
  });
  copy(SECTION.dataCount);
  writeCode(out, module, { entryTypes, enter, entryTable, firstTwin, twins, helpers });
  copy(SECTION.data);
  copyNames(module, out);
  return { bytes: out.finish(), names, entryTypes };
}

function writeExports(
  module: WasmModule,
  names: HiddenNames,
  append: Append,
  added: { entryTable: number; lists: readonly FunctionList[]; firstHelper: number; helpers: number },
): void {
  const list: [string, number, number][] = [];
  module.memories.forEach((_, i) => list.push([names.memory(i), 2, i]));
  module.tables.forEach((_, i) => list.push([names.table(i), 1, i]));
  module.globals.forEach((_, i) => list.push([names.global(i), 3, i]));
  module.tags.forEach((_, i) => list.push([names.tag(i), 4, i]));
  for (let i = 0; i < added.helpers; i++) list.push([names.helper(i), 0, added.firstHelper + i]);
  list.push([names.entries, 1, added.entryTable]);
  for (const { name, table } of added.lists) list.push([name, 1, table]);
  if (module.start !== null) list.push([names.start, 0, module.start]);
  append(SECTION.export, list.length, (w) => {
    for (const [name, kind, index] of list) w.name(name).u8(kind).u32(index);
  });
}

function writeCode(
  out: Writer,
  module: WasmModule,
  o: {
    entryTypes: readonly number[];
    enter: ReadonlyMap<number, number>;
    entryTable: number;
    firstTwin: number;
    twins: number;
    helpers: readonly Helper[];
  },
): void {
  const count = module.code.length + o.twins + o.helpers.length;
  if (count === 0) return;
  const w = new Writer();
  w.u32(count);
  module.code.forEach((_, i) => {
    const func = module.importedFunctions + i;
    const type = module.functions[func] as number;
    const def = module.types[type];
    const params = def?.kind === 'func' ? def.params.length : 0;
    const stub = new CodeWriter();
    stub.u8(0);
    for (let p = 0; p < params; p++) stub.op('local.get', p);
    stub.op('i32.const', func).op('i32.const', o.entryTypes.indexOf(type));
    stub.op('call_indirect', o.enter.get(type), o.entryTable).u8(0x0b);
    w.sized(stub);
  });
  if (o.twins > 0) writeTwins(w, module, o.firstTwin);
  for (const h of o.helpers) {
    const body = new CodeWriter();
    body.u8(0);
    h.params.forEach((_, p) => body.op('local.get', p));
    body.op(h.row.name, ...h.imms).u8(0x0b);
    w.sized(body);
  }
  out.u8(SECTION.code).sized(w);
}

/** The original bodies; direct calls to defined functions go to their twins. */
function writeTwins(w: Writer, module: WasmModule, firstTwin: number): void {
  const { callSites } = scan(module);
  const imports = module.importedFunctions;
  let site = 0;
  for (const { start, end } of module.code) {
    const body = new Writer();
    let from = start;
    for (; site < callSites.length && (callSites[site] as number) < end; site++) {
      const at = callSites[site] as number;
      const r = new Reader(module.bytes, at);
      const callee = r.u32();
      if (callee < imports) continue;
      body.raw(module.bytes.subarray(from, at)).u32(firstTwin + callee - imports);
      from = r.pos;
    }
    body.raw(module.bytes.subarray(from, end));
    w.sized(body);
  }
}
