/**
 * Constant folding without a second semantics: for each foldable opcode there is a generated module with one function, which
 * loads the operands' bits from a small memory, executes that very opcode, and stores the result's bits. So the folder is
 * right for every opcode of the table by construction, as long as the two cases below are left alone.
 *
 *     folder.fold('i32.add', [1n, 2n]) === 3n
 *     folder.fold('i32.div_s', [1n, 0n]) === null      // traps: the fragment must do it itself
 *     folder.fold('f64.div', [0n, 0n]) === null        // NaN: its bits depend on the host's code generator
 *
 * A module is made when its opcode is first folded: a program comes to some dozens of them, and one module for all
 * opcodes of the table takes ten times as long.
 */
import { HostInstance, HostModule } from '../host.ts';
import { findOpcode } from '../wasm/opcodes.ts';
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

/** A module with that function, exported as `f`, over the memory `m.m`. */
function moduleOf(row: OpRow): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(2, [1, 1, 0x6d, 1, 0x6d, 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, ...body(row)]),
  ]);
}

export class Folder {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #bits = new DataView(this.#memory.buffer);
  /** By opcode; null for those that cannot be folded. */
  readonly #code = new Map<string, { readonly row: OpRow; readonly run: () => void } | null>();

  #find(op: string): { readonly row: OpRow; readonly run: () => void } | null {
    let found = this.#code.get(op);
    if (found !== undefined) return found;
    const row = findOpcode(op);
    found = null;
    if (row && foldable(row)) {
      const { f } = new HostInstance(new HostModule(moduleOf(row)), { m: { m: this.#memory } }).exports;
      found = { row, run: f as () => void };
    }
    this.#code.set(op, found);
    return found;
  }

  /** Result bits of `op` on operand bits; null where it traps, gives NaN bits that are not certain, or is not known. */
  fold(op: string, operands: readonly bigint[]): bigint | null {
    const found = this.#find(op);
    if (!found) return null;
    const { row, run } = found;
    for (const [i, t] of row.sig!.params.entries()) this.#write(i * STEP, t, operands[i]!);
    try {
      run();
    } catch (e) {
      if (e instanceof WebAssembly.RuntimeError) return null;
      throw e;
    }
    const type = row.sig!.results[0]!;
    return this.#hasNaN(op, type) ? null : this.#read(RESULT, type);
  }

  #hasNaN(op: string, type: ValType): boolean {
    if (MOVES_BITS.test(op)) return false;
    const m = this.#bits;
    if (type === 'f32') return Number.isNaN(m.getFloat32(RESULT, true));
    if (type === 'f64') return Number.isNaN(m.getFloat64(RESULT, true));
    if (op.startsWith('f32x4.')) return [0, 4, 8, 12].some((i) => Number.isNaN(m.getFloat32(RESULT + i, true)));
    if (op.startsWith('f64x2.')) return [0, 8].some((i) => Number.isNaN(m.getFloat64(RESULT + i, true)));
    return false;
  }

  #write(at: number, type: ValType, bits: bigint): void {
    const size = ACCESS[type]!.bits;
    if (size === 32) this.#bits.setUint32(at, Number(bits), true);
    else this.#bits.setBigUint64(at, BigInt.asUintN(64, bits), true);
    if (size === 128) this.#bits.setBigUint64(at + 8, bits >> 64n, true);
  }

  #read(at: number, type: ValType): bigint {
    const size = ACCESS[type]!.bits;
    if (size === 32) return BigInt(this.#bits.getUint32(at, true));
    const low = this.#bits.getBigUint64(at, true);
    return size === 64 ? low : low | (this.#bits.getBigUint64(at + 8, true) << 64n);
  }
}

let shared: Folder | null = null;

/** The one folder of the process: it has no state between calls. */
export function folder(): Folder {
  shared ??= new Folder();
  return shared;
}
