/**
 * One flat pass over all code: which opcodes a module uses and with which static immediates. It runs before the guest
 * does, so it allocates nothing for an instruction and reads no block structure.
 */
import type { WasmModule } from './module.ts';
import { ONE_BYTE, opByCode, opByName } from './opcodes.ts';
import { Reader } from './reader.ts';
import type { Effect, Imm, OpRow, ValType } from './row.ts';
import { readHeap, readValType } from './types.ts';

export interface Scan {
  /** Names of the opcodes in use. */
  readonly ops: ReadonlySet<string>;
  readonly globalsRead: ReadonlySet<number>;
  readonly globalsWritten: ReadonlySet<number>;
  readonly importsCalled: ReadonlySet<number>;
  /** Distinct (type, table) of indirect calls. */
  readonly indirect: readonly (readonly [number, number])[];
  /** Types of calls by reference. */
  readonly refCalls: ReadonlySet<number>;
  readonly localTypes: ReadonlySet<ValType>;
  /** Function indices of `ref.func`. */
  readonly refFuncs: ReadonlySet<number>;
  /** Distinct (opcode, first, second index) of bulk, size, grow, table and heap instructions, as `name:a:b`. */
  readonly told: ReadonlySet<string>;
  /** Byte offsets of the function indices of direct calls, in order. */
  readonly callSites: readonly number[];
  /** Heap types of `ref.null`. */
  readonly nullHeaps: ReadonlySet<string>;
}

const cache = new WeakMap<WasmModule, Scan>();

export function scan(module: WasmModule): Scan {
  let result = cache.get(module);
  if (!result) {
    result = scanCode(module);
    cache.set(module, result);
  }
  return result;
}

/** Effects whose instructions are told apart by the memories, tables and types that they name. */
const TOLD = new Set<Effect>(['bulk', 'size', 'grow', 'table.get', 'table.set', 'heap.new', 'heap.get', 'heap.set']);

/** How the loop passes an opcode of one byte: nothing follows; one number that does not matter; a memarg; by its row. */
const NOTHING = 0;
const NUMBER = 1;
const MEMARG = 2;
const ROW = 3;

const WAYS = Uint8Array.from(ONE_BYTE, (row) => {
  if (!row || row.imms.length > 1 || TOLD.has(row.effect)) return ROW;
  const [imm] = row.imms;
  if (imm === undefined) return NOTHING;
  if (imm === 'memarg') return MEMARG;
  return imm === 'local' || imm === 'label' || imm === 'i32' || imm === 'i64' ? NUMBER : ROW;
});

const [CALL, RETURN_CALL, INDIRECT, RETURN_INDIRECT, REF, RETURN_REF, GET, SET, NULL, FUNC] = [
  'call',
  'return_call',
  'call_indirect',
  'return_call_indirect',
  'call_ref',
  'return_call_ref',
  'global.get',
  'global.set',
  'ref.null',
  'ref.func',
].map((name) => opByName(name).code);

/** A place in the bytes that numbers are read at. */
export class Cursor {
  readonly bytes: Uint8Array;
  p = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  leb(): number {
    const { bytes } = this;
    let b = bytes[this.p++] as number;
    if (b < 0x80) return b;
    let n = b & 0x7f;
    let shift = 7;
    do {
      b = bytes[this.p++] as number;
      n |= (b & 0x7f) << shift;
      shift += 7;
    } while (b & 0x80);
    return n >>> 0;
  }

  skip(): void {
    const { bytes } = this;
    while ((bytes[this.p++] as number) & 0x80);
  }

  /** Reads with a decoder that allocates, for what is rare. */
  read<T>(decode: (r: Reader) => T): T {
    const r = new Reader(this.bytes, this.p);
    const value = decode(r);
    this.p = r.pos;
    return value;
  }

  /** Passes over an immediate. */
  pass(imm: Imm): void {
    switch (imm) {
      case 'f32':
        this.p += 4;
        return;
      case 'f64':
        this.p += 8;
        return;
      case 'v128':
      case 'lanes16':
        this.p += 16;
        return;
      case 'lane':
      case 'castflags':
      case 'byte':
        this.p++;
        return;
      case 'block':
        this.type();
        return;
      case 'labels':
        for (let n = this.leb() + 1; n > 0; n--) this.skip();
        return;
      case 'memarg':
        if (this.leb() & 0x40) this.skip();
        this.skip();
        return;
      case 'valtypes':
        for (let n = this.leb(); n > 0; n--) this.type();
        return;
      case 'catches':
        for (let n = this.leb(); n > 0; n--) {
          if ((this.bytes[this.p++] as number) < 2) this.skip();
          this.skip();
        }
        return;
      default:
        this.skip();
    }
  }

  /** A value type or block type; behind some reference types a heap type follows. */
  type(): void {
    const b = this.bytes[this.p] as number;
    if (b === 0x63 || b === 0x64) this.p++;
    this.skip();
  }
}

function scanCode(module: WasmModule): Scan {
  const { bytes } = module;
  const used = new Uint8Array(256);
  const prefixed = new Set<number>();
  const globalsRead = new Set<number>();
  const globalsWritten = new Set<number>();
  const importsCalled = new Set<number>();
  const indirect = new Map<string, readonly [number, number]>();
  const refCalls = new Set<number>();
  const localTypes = new Set<ValType>();
  const refFuncs = new Set<number>();
  const told = new Set<string>();
  const callSites: number[] = [];
  const nullHeaps = new Set<string>();
  const c = new Cursor(bytes);
  const imports = module.importedFunctions;

  const byRow = (row: OpRow): void => {
    if (TOLD.has(row.effect)) {
      const a = row.imms.length > 0 ? c.leb() : 0;
      const b = row.imms.length > 1 ? c.leb() : 0;
      told.add(`${row.name}:${a}:${b}`);
    } else for (let i = 0; i < row.imms.length; i++) c.pass(row.imms[i] as Imm);
  };
  const unknown = (code: number, at: number): never => {
    throw new RangeError(`no opcode 0x${code.toString(16)} at byte 0x${at.toString(16)}`);
  };
  /** Opcodes of one byte with immediates that are kept. */
  const kept = (code: number): void => {
    switch (code) {
      case CALL:
      case RETURN_CALL: {
        callSites.push(c.p);
        const f = c.leb();
        if (f < imports) importsCalled.add(f);
        return;
      }
      case INDIRECT:
      case RETURN_INDIRECT: {
        const type = c.leb();
        const table = c.leb();
        indirect.set(`${type}:${table}`, [type, table]);
        return;
      }
      case REF:
      case RETURN_REF:
        refCalls.add(c.leb());
        return;
      case GET:
        globalsRead.add(c.leb());
        return;
      case SET:
        globalsWritten.add(c.leb());
        return;
      case NULL:
        nullHeaps.add(c.read(readHeap));
        return;
      case FUNC:
        refFuncs.add(c.leb());
        return;
      default:
        byRow(ONE_BYTE[code] ?? unknown(code, c.p - 1));
    }
  };

  for (const { start, end } of module.code) {
    c.p = start;
    for (let groups = c.leb(); groups > 0; groups--) {
      c.skip();
      localTypes.add(c.read(readValType));
    }
    while (c.p < end) {
      const code = bytes[c.p++] as number;
      if (code >= 0xfb) {
        const full = (code << 16) | c.leb();
        prefixed.add(full);
        byRow(opByCode(full) ?? unknown(full, c.p));
        continue;
      }
      used[code] = 1;
      const way = WAYS[code] as number;
      if (way === NOTHING) continue;
      if (way === NUMBER) c.skip();
      else if (way === MEMARG) c.pass('memarg');
      else kept(code);
    }
  }
  const ops = new Set<string>();
  for (let i = 0; i < 256; i++) if (used[i]) ops.add(ONE_BYTE[i]?.name ?? '');
  for (const code of prefixed) ops.add(opByCode(code)?.name ?? '');
  return {
    ops,
    globalsRead,
    globalsWritten,
    importsCalled,
    indirect: [...indirect.values()],
    refCalls,
    localTypes,
    refFuncs,
    told,
    callSites,
    nullHeaps,
  };
}
