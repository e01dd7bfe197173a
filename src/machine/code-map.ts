/** Finds functions, guest positions and live frame bytes by threaded-code address. */
import type { ValType } from '../wasm/row.ts';
import { META } from './code-buffer.ts';
import type { Handler } from './handlers.ts';

export interface FuncCode {
  readonly func: number;
  /** Machine addresses of the first word and behind the last. */
  readonly base: number;
  readonly end: number;
  /** Rows of META.size numbers in address order. */
  readonly meta: Int32Array;
  readonly frameBytes: number;
  readonly locals: readonly { off: number; type: ValType }[];
  readonly loops: readonly { word: number; offset: number }[];
  /** Code protected by exception handlers, outer ones first. */
  readonly handlers: readonly Handler[];
}

/** What is known about one instruction of threaded code. */
export interface CodeAt {
  readonly code: FuncCode;
  /** Row in `code.meta`. */
  readonly row: number;
  /** Guest byte offset in the module. */
  readonly offset: number;
  /** Live bytes from fp before the instruction. */
  readonly top: number;
  /** Guest instructions since the last counted place, before this one. */
  readonly pending: number;
}

export class CodeMap {
  private readonly list: FuncCode[] = [];
  private readonly byFunc = new Map<number, FuncCode>();
  /** Copies of heads that were patched: address of the copy to address of the head. */
  private readonly copies = new Map<number, number>();

  add(code: FuncCode): void {
    this.list.push(code);
    this.byFunc.set(code.func, code);
  }

  /** An out-of-line copy of the head at `original`. */
  addCopy(copy: number, original: number): void {
    this.copies.set(copy, original);
  }

  of(func: number): FuncCode | undefined {
    return this.byFunc.get(func);
  }

  all(): readonly FuncCode[] {
    return this.list;
  }

  /** The function whose entry instruction has that address. */
  entryOf(pc: number): FuncCode | undefined {
    const code = this.codeAt(pc);
    return code && code.base === pc ? code : undefined;
  }

  /** Code is allocated at rising addresses, so the list is sorted. */
  private codeAt(pc: number): FuncCode | undefined {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((this.list[mid] as FuncCode).end <= pc) low = mid + 1;
      else high = mid;
    }
    const code = this.list[low];
    return code && code.base <= pc ? code : undefined;
  }

  at(address: number): CodeAt | undefined {
    const pc = this.copies.get(address) ?? address;
    const code = this.codeAt(pc);
    if (!code) return undefined;
    const word = (pc - code.base) >> 2;
    let low = 0;
    let high = code.meta.length / META.size;
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((code.meta[mid * META.size] as number) < word) low = mid + 1;
      else high = mid;
    }
    const at = low * META.size;
    if (code.meta[at] !== word) return undefined;
    return {
      code,
      row: low,
      offset: code.meta[at + META.guest] as number,
      top: code.meta[at + META.top] as number,
      pending: code.meta[at + META.pending] as number,
    };
  }

  /** Address of the instruction before the one at `pc` in the same function. */
  before(pc: number): number | undefined {
    const here = this.at(pc);
    if (!here || here.row === 0) return undefined;
    return here.code.base + 4 * (here.code.meta[(here.row - 1) * META.size] as number);
  }
}
