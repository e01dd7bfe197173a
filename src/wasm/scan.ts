/**
 * One flat pass over all code: which opcodes a module uses and with which static immediates. It runs before the guest
 * does, so it allocates nothing for an instruction and reads no block structure.
 */
import type { WasmModule } from './module.ts';
import { ONE_BYTE, opByCode } from './opcodes.ts';
import { Reader } from './reader.ts';
import type { Imm, ValType } from './row.ts';
import { readHeap, readValType } from './types.ts';

export interface Scan {
  /** Names of the opcodes in use. */
  readonly ops: ReadonlySet<string>;
  readonly globalsRead: ReadonlySet<number>;
  readonly globalsWritten: ReadonlySet<number>;
  readonly importsCalled: ReadonlySet<number>;
  /** Distinct (type, table) of indirect calls. */
  readonly indirect: readonly (readonly [number, number])[];
  readonly localTypes: ReadonlySet<ValType>;
  /** Function indices of `ref.func`. */
  readonly refFuncs: ReadonlySet<number>;
  /** Distinct (opcode, first, second index) of bulk and table instructions, as `name:a:b`. */
  readonly bulk: ReadonlySet<string>;
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

function scanCode(module: WasmModule): Scan {
  const { bytes } = module;
  const used = new Uint8Array(256);
  const prefixed = new Set<number>();
  const globalsRead = new Set<number>();
  const globalsWritten = new Set<number>();
  const importsCalled = new Set<number>();
  const indirect = new Map<number, readonly [number, number]>();
  const localTypes = new Set<ValType>();
  const refFuncs = new Set<number>();
  const bulk = new Set<string>();
  const callSites: number[] = [];
  const nullHeaps = new Set<string>();
  let p = 0;
  const leb = (): number => {
    let b = bytes[p++] as number;
    if (b < 0x80) return b;
    let n = b & 0x7f;
    let shift = 7;
    do {
      b = bytes[p++] as number;
      n |= (b & 0x7f) << shift;
      shift += 7;
    } while (b & 0x80);
    return n >>> 0;
  };
  const skip = (): void => {
    while ((bytes[p++] as number) & 0x80);
  };
  const pass = (imm: Imm): void => {
    switch (imm) {
      case 'f32':
        p += 4;
        return;
      case 'f64':
        p += 8;
        return;
      case 'v128':
      case 'lanes16':
        p += 16;
        return;
      case 'lane':
      case 'castflags':
      case 'byte':
        p++;
        return;
      case 'block': {
        const b = bytes[p] as number;
        // A reference type with a heap type behind it.
        if (b === 0x63 || b === 0x64) p++;
        skip();
        return;
      }
      case 'labels':
        for (let n = leb() + 1; n > 0; n--) skip();
        return;
      case 'memarg':
        if (leb() & 0x40) skip();
        skip();
        return;
      case 'valtypes':
        for (let n = leb(); n > 0; n--) {
          const b = bytes[p] as number;
          if (b === 0x63 || b === 0x64) p++;
          skip();
        }
        return;
      case 'catches':
        for (let n = leb(); n > 0; n--) {
          if ((bytes[p++] as number) < 2) skip();
          skip();
        }
        return;
      default:
        skip();
    }
  };
  const imports = module.importedFunctions;
  for (const { start, end } of module.code) {
    p = start;
    for (let groups = leb(); groups > 0; groups--) {
      skip();
      const r = new Reader(bytes, p);
      localTypes.add(readValType(r));
      p = r.pos;
    }
    while (p < end) {
      const code = bytes[p++] as number;
      if (code < 0xfb) {
        used[code] = 1;
        switch (code) {
          case 0x10:
          case 0x12: {
            callSites.push(p);
            const f = leb();
            if (f < imports) importsCalled.add(f);
            continue;
          }
          case 0x11:
          case 0x13: {
            const type = leb();
            const table = leb();
            indirect.set(type * 65536 + table, [type, table]);
            continue;
          }
          case 0x23:
            globalsRead.add(leb());
            continue;
          case 0x24:
            globalsWritten.add(leb());
            continue;
          case 0xd0: {
            const r = new Reader(bytes, p);
            nullHeaps.add(readHeap(r));
            p = r.pos;
            continue;
          }
          case 0xd2:
            refFuncs.add(leb());
            continue;
        }
        const row = ONE_BYTE[code];
        if (!row) throw new RangeError(`no opcode 0x${code.toString(16)} at byte 0x${(p - 1).toString(16)}`);
        for (let i = 0; i < row.imms.length; i++) pass(row.imms[i] as Imm);
        if (row.effect.startsWith('table')) bulk.add(`${row.name}:${bytes[p - 1]}:0`);
      } else {
        const full = (code << 16) | leb();
        prefixed.add(full);
        const row = opByCode(full);
        if (!row) throw new RangeError(`no opcode 0x${full.toString(16)} at byte 0x${(p - 1).toString(16)}`);
        if (row.effect === 'bulk' || row.effect === 'grow' || row.effect === 'size') {
          const a = row.imms.length > 0 ? leb() : 0;
          const b = row.imms.length > 1 ? leb() : 0;
          bulk.add(`${row.name}:${a}:${b}`);
        } else for (let i = 0; i < row.imms.length; i++) pass(row.imms[i] as Imm);
      }
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
    localTypes,
    refFuncs,
    bulk,
    callSites,
    nullHeaps,
  };
}
