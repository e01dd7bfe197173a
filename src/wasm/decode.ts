/**
 * Decodes a module except for function bodies. The host has validated the bytes before, so nothing is checked twice.
 */
import type {
  DataSegment,
  ElementSegment,
  ExportDef,
  ExternKind,
  FieldType,
  GlobalDef,
  ImportName,
  MemoryDef,
  Range,
  TableDef,
  TagDef,
  TypeDef,
  WasmModule,
} from './module.ts';
import { opByCode } from './opcodes.ts';
import { Reader } from './reader.ts';
import type { ValType } from './row.ts';
import { readHeap, readValType, valTypeOf } from './types.ts';

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

const KINDS: readonly ExternKind[] = ['func', 'table', 'memory', 'global', 'tag'];

type Draft = { -readonly [K in keyof WasmModule]: WasmModule[K] extends readonly (infer T)[] ? T[] : WasmModule[K] };

export function decodeModule(bytes: Uint8Array): WasmModule {
  const m: Draft = {
    bytes,
    sections: [],
    types: [],
    rawTypes: { bytes: new Uint8Array(), groups: 0 },
    imports: [],
    functions: [],
    importedFunctions: 0,
    tables: [],
    memories: [],
    globals: [],
    tags: [],
    exports: [],
    start: null,
    elements: [],
    data: [],
    dataCount: null,
    code: [],
  };
  const r = new Reader(bytes, 8);
  while (!r.done) {
    const id = r.u8();
    const size = r.u32();
    const start = r.pos;
    const end = start + size;
    if (id === SECTION.custom) m.sections.push({ id, name: r.name(), start: r.pos, end });
    else {
      m.sections.push({ id, start, end });
      readSection(m, id, r, end);
    }
    r.pos = end;
  }
  return m;
}

function readSection(m: Draft, id: number, r: Reader, end: number): void {
  const each = (read: () => void) => {
    for (let n = r.u32(); n > 0; n--) read();
  };
  switch (id) {
    case SECTION.type: {
      const groups = r.u32();
      m.rawTypes = { bytes: r.bytes.subarray(r.pos, end), groups };
      for (let i = 0; i < groups; i++) readGroup(m, r);
      return;
    }
    case SECTION.import:
      return each(() => readImport(m, r));
    case SECTION.function:
      return each(() => m.functions.push(r.u32()));
    case SECTION.table:
      return each(() => m.tables.push(readTable(r)));
    case SECTION.memory:
      return each(() => m.memories.push(readMemory(r)));
    case SECTION.global:
      return each(() => {
        const type = readValType(r);
        const mutable = (r.u8() & 1) === 1;
        m.globals.push({ type, mutable, init: skipExpr(r) } satisfies GlobalDef);
      });
    case SECTION.export:
      return each(() => {
        m.exports.push({ name: r.name(), kind: KINDS[r.u8()] as ExternKind, index: r.u32() } satisfies ExportDef);
      });
    case SECTION.start:
      m.start = r.u32();
      return;
    case SECTION.element:
      return each(() => m.elements.push(readElement(r)));
    case SECTION.dataCount:
      m.dataCount = r.u32();
      return;
    case SECTION.code:
      return each(() => {
        const size = r.u32();
        m.code.push({ start: r.pos, end: r.pos + size });
        r.pos += size;
      });
    case SECTION.data:
      return each(() => m.data.push(readData(r)));
    case SECTION.tag:
      return each(() => {
        r.u8();
        m.tags.push({ type: r.u32() } satisfies TagDef);
      });
  }
}

function readGroup(m: Draft, r: Reader): void {
  const first = r.u8();
  if (first === 0x4e) for (let n = r.u32(); n > 0; n--) m.types.push(readSub(r, r.u8(), false));
  else m.types.push(readSub(r, first, true));
}

/** `plain`: a final type without supertypes in a group of its own: equal structure means equal type. */
function readSub(r: Reader, first: number, alone: boolean): TypeDef {
  let form = first;
  let plain = alone;
  if (form === 0x50 || form === 0x4f) {
    const supers = r.u32();
    for (let n = supers; n > 0; n--) r.u32();
    if (form === 0x50 || supers > 0) plain = false;
    form = r.u8();
  }
  if (form === 0x60) {
    const params = list(r, () => readValType(r));
    const results = list(r, () => readValType(r));
    // Types that name other types by index are compared by index only.
    if ([...params, ...results].some((t) => /\d\)$/.test(t))) plain = false;
    return { kind: 'func', params, results, plain };
  }
  const field = (): FieldType => {
    const code = r.u8();
    const type = code === 0x78 ? 'i8' : code === 0x77 ? 'i16' : valTypeOf(code, r);
    return { type, mutable: r.u8() === 1 };
  };
  if (form === 0x5f) return { kind: 'struct', fields: list(r, field), plain: false };
  return { kind: 'array', fields: [field()], plain: false };
}

function list<T>(r: Reader, read: () => T): T[] {
  const out: T[] = [];
  for (let n = r.u32(); n > 0; n--) out.push(read());
  return out;
}

function readLimits(r: Reader): { min: number; max?: number; shared: boolean; i64: boolean } {
  const flags = r.u8();
  const min = Number(r.u64());
  const max = flags & 1 ? { max: Number(r.u64()) } : {};
  return { min, ...max, shared: (flags & 2) !== 0, i64: (flags & 4) !== 0 };
}

function readMemory(r: Reader): MemoryDef {
  return readLimits(r);
}

function readTable(r: Reader): TableDef {
  let first = r.u8();
  const withInit = first === 0x40;
  if (withInit) {
    r.u8();
    first = r.u8();
  }
  const type = valTypeOf(first, r);
  const { min, i64, ...rest } = readLimits(r);
  if (withInit) skipExpr(r);
  return { type, min, i64, ...(rest.max === undefined ? {} : { max: rest.max }) };
}

function readImport(m: Draft, r: Reader): void {
  const imported: ImportName = { module: r.name(), name: r.name() };
  const kind = KINDS[r.u8()] as ExternKind;
  let index = 0;
  switch (kind) {
    case 'func':
      index = m.functions.push(r.u32()) - 1;
      m.importedFunctions = m.functions.length;
      break;
    case 'table':
      index = m.tables.push({ ...readTable(r), imported }) - 1;
      break;
    case 'memory':
      index = m.memories.push({ ...readMemory(r), imported }) - 1;
      break;
    case 'global': {
      const type = readValType(r);
      index = m.globals.push({ type, mutable: (r.u8() & 1) === 1, imported }) - 1;
      break;
    }
    case 'tag':
      r.u8();
      index = m.tags.push({ type: r.u32(), imported }) - 1;
      break;
  }
  m.imports.push({ ...imported, kind, index });
}

function readElement(r: Reader): ElementSegment {
  const flags = r.u32();
  const passive = (flags & 1) !== 0;
  const mode = passive ? (flags & 2 ? 'declarative' : 'passive') : 'active';
  const table = !passive && flags & 2 ? r.u32() : 0;
  const offset = passive ? {} : { offset: skipExpr(r) };
  const exprs = (flags & 4) !== 0;
  let type: ValType = 'funcref';
  if (flags & 3) {
    const code = r.u8();
    if (exprs) type = valTypeOf(code, r);
  }
  const count = r.u32();
  let funcs: number[] | null = [];
  for (let i = 0; i < count; i++) {
    if (exprs) {
      skipExpr(r);
      funcs = null;
    } else funcs?.push(r.u32());
  }
  return { mode, table, ...offset, type, funcs, count };
}

function readData(r: Reader): DataSegment {
  const flags = r.u32();
  const memory = flags === 2 ? r.u32() : 0;
  const offset = flags === 1 ? {} : { offset: skipExpr(r) };
  const size = r.u32();
  const bytes = { start: r.pos, end: r.pos + size };
  r.pos += size;
  return { mode: flags === 1 ? 'passive' : 'active', memory, ...offset, bytes };
}

/** Passes over a constant expression; the range excludes its `end`. */
function skipExpr(r: Reader): Range {
  const start = r.pos;
  for (;;) {
    const at = r.pos;
    let code = r.u8();
    if (code === 0x0b) return { start, end: at };
    if (code >= 0xfb) code = (code << 16) | r.u32();
    for (const imm of opByCode(code)?.imms ?? []) {
      if (imm === 'i32') r.s32();
      else if (imm === 'i64') r.s64();
      else if (imm === 'f32') r.pos += 4;
      else if (imm === 'f64') r.pos += 8;
      else if (imm === 'v128') r.pos += 16;
      else if (imm === 'heap') readHeap(r);
      else r.u32();
    }
  }
}
