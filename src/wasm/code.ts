/**
 * Writes instructions by name.
 *
 *     new CodeWriter().op('local.get', 0).op('i32.load', 0, 16).op('i32.const', 1).op('i32.add')
 *
 * Immediates come in the order of the binary format. A memarg is two numbers, memory index and offset; alignment is
 * natural. A block type is 'void', a value type or a type index. Float constants are given as raw bits. br_table takes
 * its labels and the default, try_table a list of {@link CatchClause}. Opcode 0x1c, select with types, is `select_t`.
 */
import { opByName } from './opcodes.ts';
import type { OpRow, ValType } from './row.ts';
import { writeHeap, writeValType } from './types.ts';
import { Writer } from './writer.ts';

/** A clause of try_table. Kinds: 0 catch, 1 catch_ref, 2 catch_all, 3 catch_all_ref; only the first two name a tag. */
export interface CatchClause {
  kind: number;
  tag: number;
  label: number;
}

/** A branch hint: byte offset of the branch in the code (without the locals) and whether it is likely taken. */
export interface Hint {
  offset: number;
  likely: boolean;
}

export class CodeWriter extends Writer {
  readonly hints: Hint[] = [];
  private nextHint: boolean | null = null;

  /** The next `if` or `br_if` is likely, or unlikely, to be taken. */
  hint(likely: boolean): this {
    this.nextHint = likely;
    return this;
  }

  op(name: string, ...imms: unknown[]): this {
    const row = opByName(name);
    if (this.nextHint !== null && (name === 'if' || name === 'br_if')) {
      this.hints.push({ offset: this.length, likely: this.nextHint });
      this.nextHint = null;
    }
    if (row.code > 0xff) this.u8(row.code >> 16).u32(row.code & 0xffff);
    else this.u8(row.code);
    let at = 0;
    for (const imm of row.imms) at += this.imm(row, imm, imms, at);
    return this;
  }

  /** Writes one immediate from `imms[at]` on; returns how many arguments it took. */
  private imm(row: OpRow, kind: OpRow['imms'][number], imms: unknown[], at: number): number {
    const arg = imms[at];
    switch (kind) {
      case 'i32':
        this.s32(arg as number);
        return 1;
      case 'i64':
        this.s64(arg as bigint);
        return 1;
      case 'f32':
        this.f32bits(Number(arg));
        return 1;
      case 'f64':
        this.f64bits(BigInt(arg as bigint));
        return 1;
      case 'v128':
        if (arg instanceof Uint8Array) this.raw(arg);
        else for (const part of [0n, 64n]) this.f64bits(((arg as bigint) >> part) & 0xffffffffffffffffn);
        return 1;
      case 'block':
        if (arg === 'void' || arg === undefined) this.u8(0x40);
        else if (typeof arg === 'number') this.s64(arg);
        else writeValType(this, arg as ValType);
        return 1;
      case 'labels': {
        const labels = arg as readonly number[];
        this.u32(labels.length);
        for (const l of labels) this.u32(l);
        this.u32(imms[at + 1] as number);
        return 2;
      }
      case 'memarg': {
        const [mem, offset] = [Number(arg ?? 0), imms[at + 1] ?? 0];
        const align = 31 - Math.clz32(row.bytes ?? 1);
        this.u32(mem === 0 ? align : align | 0x40);
        if (mem !== 0) this.u32(mem);
        this.u64(offset as number);
        return 2;
      }
      case 'heap':
        writeHeap(this, String(arg));
        return 1;
      case 'valtypes': {
        const types = arg as readonly ValType[];
        this.u32(types.length);
        for (const t of types) writeValType(this, t);
        return 1;
      }
      case 'lane':
      case 'castflags':
      case 'byte':
        this.u8(Number(arg ?? 0));
        return 1;
      case 'lanes16':
        for (const lane of arg as readonly number[]) this.u8(lane);
        return 1;
      case 'catches': {
        const clauses = arg as readonly CatchClause[];
        this.u32(clauses.length);
        for (const { kind, tag, label } of clauses) {
          this.u8(kind);
          if (kind < 2) this.u32(tag);
          this.u32(label);
        }
        return 1;
      }
      default:
        this.u32(Number(arg ?? 0));
        return 1;
    }
  }
}
