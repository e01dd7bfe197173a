/**
 * A cursor over one function body. `next()` steps to the next instruction and fills the fields below; nothing is
 * allocated for an instruction except what it consists of (labels, lanes, big constants).
 */
import type { CatchClause } from './code.ts';
import type { WasmModule } from './module.ts';
import { ONE_BYTE, opByCode } from './opcodes.ts';
import { Reader } from './reader.ts';
import type { OpRow, ValType } from './row.ts';
import { readHeap, readValType, valTypeOf } from './types.ts';

const NO_NUMBERS: readonly number[] = [];

export class BodyReader {
  /** Params and declared locals. */
  readonly locals: ValType[];
  /** Byte offset in the module of the first instruction. */
  readonly start: number;
  /** Byte offset of the current instruction, and behind it. */
  offset = 0;
  op: OpRow = ONE_BYTE[0] as OpRow;
  /** Index immediates in order; a lane is `a`. */
  a = 0;
  b = 0;
  /** Memory index and static offset of a memarg. */
  mem = 0;
  off: number | bigint = 0;
  /** Raw bits of a constant. */
  big = 0n;
  /** br_table: all labels, the default last. */
  labels: readonly number[] = NO_NUMBERS;
  lanes: Uint8Array = new Uint8Array();
  blockType: 'void' | ValType | number = 'void';
  /** Heap type immediates, select_t's types. */
  heap = '';
  heap2 = '';
  types: readonly ValType[] = [];
  /** Clauses of try_table. */
  catches: CatchClause[] = [];
  private readonly r: Reader;
  private readonly end: number;

  constructor(module: WasmModule, func: number) {
    const range = module.code[func - module.importedFunctions];
    if (!range) throw new RangeError(`function ${func} has no body`);
    const type = module.types[module.functions[func] as number];
    if (type?.kind !== 'func') throw new RangeError(`function ${func} has no function type`);
    this.r = new Reader(module.bytes, range.start);
    this.end = range.end;
    this.locals = [...type.params];
    for (let groups = this.r.u32(); groups > 0; groups--) {
      const count = this.r.u32();
      const t = readValType(this.r);
      for (let i = 0; i < count; i++) this.locals.push(t);
    }
    this.start = this.r.pos;
  }

  /** Behind the current instruction. */
  get pos(): number {
    return this.r.pos;
  }

  next(): boolean {
    const { r } = this;
    if (r.pos >= this.end) return false;
    this.offset = r.pos;
    const code = r.u8();
    const row = code >= 0xfb ? opByCode((code << 16) | r.u32()) : ONE_BYTE[code];
    if (!row) throw new RangeError(`no opcode 0x${code.toString(16)} at byte 0x${this.offset.toString(16)}`);
    this.op = row;
    if (row.imms.length > 0) this.immediates(row);
    return true;
  }

  private immediates(row: OpRow): void {
    const { r } = this;
    let second = false;
    let secondHeap = false;
    const index = (n: number) => {
      if (second) this.b = n;
      else this.a = n;
      second = true;
    };
    for (const imm of row.imms) {
      switch (imm) {
        case 'i32':
          this.big = BigInt(r.s32() >>> 0);
          break;
        case 'i64':
          this.big = BigInt.asUintN(64, r.s64());
          break;
        case 'f32':
          this.big = BigInt(r.f32());
          break;
        case 'f64':
          this.big = r.f64();
          break;
        case 'v128': {
          const low = r.f64();
          this.big = low | (r.f64() << 64n);
          break;
        }
        case 'block': {
          const byte = r.u8();
          if (byte === 0x40) this.blockType = 'void';
          else if (byte & 0x40 && byte < 0x80) this.blockType = valTypeOf(byte, r);
          else {
            r.pos--;
            this.blockType = r.s33();
          }
          break;
        }
        case 'labels': {
          const labels: number[] = [];
          for (let n = r.u32() + 1; n > 0; n--) labels.push(r.u32());
          this.labels = labels;
          break;
        }
        case 'memarg': {
          const align = r.u32();
          this.mem = align & 0x40 ? r.u32() : 0;
          const off = r.u64();
          this.off = off <= 0xffffffffn ? Number(off) : off;
          break;
        }
        case 'heap':
          if (secondHeap) this.heap2 = readHeap(r);
          else this.heap = readHeap(r);
          secondHeap = true;
          break;
        case 'valtypes': {
          const types: ValType[] = [];
          for (let n = r.u32(); n > 0; n--) types.push(readValType(r));
          this.types = types;
          break;
        }
        case 'catches': {
          this.catches = [];
          for (let n = r.u32(); n > 0; n--) {
            const kind = r.u8();
            const tag = kind < 2 ? r.u32() : 0;
            this.catches.push({ kind, tag, label: r.u32() });
          }
          break;
        }
        case 'lane':
        case 'castflags':
        case 'byte':
          index(r.u8());
          break;
        case 'lanes16':
          this.lanes = r.slice(16);
          break;
        default:
          index(r.u32());
      }
    }
  }
}
