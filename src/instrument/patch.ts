/**
 * Changes to one function body: code before and behind instructions, more locals, code at the function's end. What was
 * there stays as it is, byte for byte, except `return` where the function's end has code of its own.
 *
 *     const patch = new BodyPatch(module, func);
 *     patch.before(offset).op('i32.const', 7).op('drop');
 *     const { code, map } = patch.write(type);
 */
import { BodyReader } from '../wasm/body.ts';
import { CodeWriter } from '../wasm/code.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Reader } from '../wasm/reader.ts';
import type { ValType } from '../wasm/row.ts';
import { writeValType } from '../wasm/types.ts';
import type { Writer } from '../wasm/writer.ts';

/** Leads from offsets in the new body (0: its locals) to those in the module. */
export class OffsetMap {
  private readonly at: number[] = [];
  private readonly from: number[] = [];

  /** From `at` on, bytes are those of the module from `from` on. */
  add(at: number, from: number): void {
    this.at.push(at);
    this.from.push(from);
  }

  /** Offset in the module of the instruction at `offset` of the new body; of the next one where that is new code. */
  original(offset: number): number {
    let [low, high] = [0, this.at.length];
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((this.at[mid] as number) <= offset) low = mid + 1;
      else high = mid;
    }
    const i = low - 1;
    if (i < 0) return this.from[0] ?? 0;
    const next = this.from[i + 1];
    const copied = (this.from[i] as number) + offset - (this.at[i] as number);
    return next !== undefined && copied > next ? next : copied;
  }
}

export class BodyPatch {
  readonly module: WasmModule;
  readonly func: number;
  /** Code at the very beginning of the function, then more; and behind its results wherever it ends but by an exception. */
  readonly opening = new CodeWriter();
  readonly prologue = new CodeWriter();
  readonly epilogue = new CodeWriter();
  private readonly locals: ValType[] = [];
  private readonly scratches = new Map<string, number>();
  private readonly firstLocal: number;
  private readonly start: number;
  private readonly befores = new Map<number, CodeWriter>();
  private readonly behinds = new Map<number, CodeWriter>();
  /** Offsets of `return` with the number of blocks around each. */
  private readonly returns = new Map<number, number>();

  constructor(module: WasmModule, func: number) {
    this.module = module;
    this.func = func;
    const body = new BodyReader(module, func);
    this.firstLocal = body.locals.length;
    this.start = body.start;
  }

  /** Index of a new local. */
  local(type: ValType): number {
    this.locals.push(type);
    return this.firstLocal + this.locals.length - 1;
  }

  /** A local for values that live across one instruction only: the same one for equal `type` and `number`. */
  scratch(type: ValType, number: number): number {
    const key = `${type} ${number}`;
    let index = this.scratches.get(key);
    if (index === undefined) {
      index = this.local(type);
      this.scratches.set(key, index);
    }
    return index;
  }

  /** Code before the instruction at that offset, behind what was put there before. */
  before(offset: number): CodeWriter {
    return writerAt(this.befores, offset);
  }

  /** Code behind an instruction; `pos` is where the next one begins. */
  behind(pos: number): CodeWriter {
    return writerAt(this.behinds, pos);
  }

  /** Tells of a `return`, which has to go to the epilogue. */
  returnAt(offset: number, depth: number): void {
    this.returns.set(offset, depth);
  }

  /**
   * The new body. `block` is the block type of the function's results where there is an epilogue: 'void', a value type or
   * a type index.
   */
  write(block: 'void' | ValType | number): { code: Writer; map: OffsetMap } {
    const { module, start } = this;
    const range = module.code[this.func - module.importedFunctions] as { start: number; end: number };
    const code = new CodeWriter();
    const map = new OffsetMap();
    const groups = new Reader(module.bytes, range.start);
    code.u32(groups.u32() + this.locals.length).raw(module.bytes.subarray(groups.pos, start));
    for (const type of this.locals) writeValType(code.u32(1), type);
    code.raw(this.opening.view()).raw(this.prologue.view());
    const wrapped = this.epilogue.length > 0;
    if (wrapped) code.op('block', block);
    const places = new Set([...this.befores.keys(), ...this.behinds.keys()]);
    if (wrapped) for (const offset of this.returns.keys()) places.add(offset);
    let from = start;
    const upTo = (to: number) => {
      map.add(code.length, from);
      code.raw(module.bytes.subarray(from, to));
      from = to;
    };
    for (const at of [...places].sort((a, b) => a - b)) {
      if (at > from) upTo(at);
      const behind = this.behinds.get(at);
      if (behind) code.raw(behind.view());
      const before = this.befores.get(at);
      if (before) code.raw(before.view());
      const depth = this.returns.get(at);
      if (wrapped && depth !== undefined) {
        map.add(code.length, at);
        code.op('br', depth);
        from = at + 1;
      }
    }
    upTo(range.end);
    if (wrapped) code.raw(this.epilogue.view()).u8(0x0b);
    return { code, map };
  }
}

function writerAt(map: Map<number, CodeWriter>, at: number): CodeWriter {
  let writer = map.get(at);
  if (!writer) {
    writer = new CodeWriter();
    map.set(at, writer);
  }
  return writer;
}
