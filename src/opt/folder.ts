/**
 * Constant folding without a second semantics: a generated module has one function for each foldable opcode, which
 * loads the operands' bits from a small memory, executes that very opcode, and stores the result's bits. So the folder is
 * right for every opcode of the table by construction, as long as the two cases below are left alone.
 *
 *     folder.fold('i32.add', [1n, 2n]) === 3n
 *     folder.fold('i32.div_s', [1n, 0n]) === null      // traps: the fragment must do it itself
 *     folder.fold('f64.div', [0n, 0n]) === null        // NaN: its bits depend on the host's code generator
 *
 * The module is made on first use: 10 kB, whose functions the host compiles as they are called.
 */
import { HostInstance, HostModule } from '../host.ts';
import { OPCODES } from '../wasm/opcodes.ts';
import type { OpRow, ValType } from '../wasm/row.ts';

/** How a number type is moved between bits in memory and the stack. Bytes are load and store opcodes. */
const ACCESS: Partial<Record<ValType, { load: number[]; store: number[]; bits: number }>> = {
  i32: { load: [0x28], store: [0x36], bits: 32 },
  i64: { load: [0x29], store: [0x37], bits: 64 },
  f32: { load: [0x2a], store: [0x38], bits: 32 },
  f64: { load: [0x2b], store: [0x39], bits: 64 },
  v128: { load: [0xfd, 0x00], store: [0xfd, 0x0b], bits: 128 },
};

/** Bytes between operands in the folder's memory; the result follows at `RESULT`. */
const STEP = 16;
const RESULT = 64;

/** Float operations that move or change the sign of bits and never compute, so that NaN bits are certain. */
const MOVES_BITS = /\.(abs|neg|copysign|reinterpret_\w+|splat|bitselect|not|and|andnot|or|xor|select)$/;

/** True for opcodes that depend on nothing but numeric operands. */
export function foldable(row: OpRow): boolean {
  if ((row.effect !== 'pure' && row.effect !== 'trap') || row.imms.length > 0 || !row.sig) return false;
  if (row.name.includes('relaxed')) return false; // may differ between two executions on one host
  const types = [...row.sig.params, ...row.sig.results];
  return row.sig.params.length > 0 && row.sig.results.length === 1 && types.every((t) => ACCESS[t] !== undefined);
}

function leb(n: number): number[] {
  const out: number[] = [];
  for (; n >= 0x80; n = Math.floor(n / 128)) out.push((n % 128) + 128);
  return [...out, n];
}

function section(id: number, items: number[][]): number[] {
  const body = [...leb(items.length), ...items.flat()];
  return [id, ...leb(body.length), ...body];
}

/** Bytes of an opcode: one byte, or its prefix and LEB sub-opcode. */
export function opBytes(row: OpRow): number[] {
  return row.code <= 0xff ? [row.code] : [row.code >> 16, ...leb(row.code & 0xffff)];
}

/** `() -> ()`: result bits := op(operand bits). Accesses name alignment 0, which is always right. */
function body(row: OpRow): number[] {
  const code: number[] = [0x41, 0];
  for (const [i, t] of row.sig!.params.entries()) code.push(0x41, 0, ...ACCESS[t]!.load, 0, i * STEP);
  code.push(...opBytes(row), ...ACCESS[row.sig!.results[0]!]!.store, 0, ...leb(RESULT), 0x0b);
  return [...leb(code.length + 1), 0, ...code];
}

function folderModule(rows: readonly OpRow[]): Uint8Array<ArrayBuffer> {
  const text = (s: string) => [...leb(s.length), ...new TextEncoder().encode(s)];
  const exports = rows.map((r, i) => [...text(r.name), 0x00, ...leb(i)]);
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 0, 0]]),
    ...section(
      3,
      rows.map(() => [0]),
    ),
    ...section(5, [[0, 1]]),
    ...section(7, [...exports, [...text('memory'), 0x02, 0]]),
    ...section(10, rows.map(body)),
  ]);
}

export class Folder {
  readonly #rows = new Map<string, OpRow>();
  readonly #code: Record<string, () => void>;
  readonly #memory: DataView;

  constructor() {
    const rows = OPCODES.filter(foldable);
    for (const r of rows) this.#rows.set(r.name, r);
    const { memory, ...code } = new HostInstance(new HostModule(folderModule(rows))).exports;
    this.#memory = new DataView((memory as WebAssembly.Memory).buffer);
    this.#code = code as Record<string, () => void>;
  }

  /** True when `fold` may give a result for this opcode. */
  can(op: string): boolean {
    return this.#rows.has(op);
  }

  /** Result bits of `op` on operand bits; null where it traps, gives NaN bits that are not certain, or is not known. */
  fold(op: string, operands: readonly bigint[]): bigint | null {
    const row = this.#rows.get(op);
    if (!row) return null;
    for (const [i, t] of row.sig!.params.entries()) this.#write(i * STEP, t, operands[i]!);
    try {
      this.#code[op]!();
    } catch (e) {
      if (e instanceof WebAssembly.RuntimeError) return null;
      throw e;
    }
    const type = row.sig!.results[0]!;
    return this.#hasNaN(op, type) ? null : this.#read(RESULT, type);
  }

  #hasNaN(op: string, type: ValType): boolean {
    if (MOVES_BITS.test(op)) return false;
    const m = this.#memory;
    if (type === 'f32') return Number.isNaN(m.getFloat32(RESULT, true));
    if (type === 'f64') return Number.isNaN(m.getFloat64(RESULT, true));
    if (op.startsWith('f32x4.')) return [0, 4, 8, 12].some((i) => Number.isNaN(m.getFloat32(RESULT + i, true)));
    if (op.startsWith('f64x2.')) return [0, 8].some((i) => Number.isNaN(m.getFloat64(RESULT + i, true)));
    return false;
  }

  #write(at: number, type: ValType, bits: bigint): void {
    const size = ACCESS[type]!.bits;
    if (size === 32) this.#memory.setUint32(at, Number(bits), true);
    else this.#memory.setBigUint64(at, BigInt.asUintN(64, bits), true);
    if (size === 128) this.#memory.setBigUint64(at + 8, bits >> 64n, true);
  }

  #read(at: number, type: ValType): bigint {
    const size = ACCESS[type]!.bits;
    if (size === 32) return BigInt(this.#memory.getUint32(at, true));
    const low = this.#memory.getBigUint64(at, true);
    return size === 64 ? low : low | (this.#memory.getBigUint64(at + 8, true) << 64n);
  }
}

let shared: Folder | null = null;

/** The one folder of the process: it has no state between calls. */
export function folder(): Folder {
  shared ??= new Folder();
  return shared;
}
