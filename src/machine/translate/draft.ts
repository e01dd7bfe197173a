/**
 * A function while it is translated: the words written so far, the operands and labels at this place, and the ways in
 * which all instructions write words.
 */
import type { BodyReader } from '../../wasm/body.ts';
import { topType } from '../../wasm/hierarchy.ts';
import type { OpRow, ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import { type Signature, slotBytes, type TableTarget, windowBytes } from '../arms/call.ts';
import { constArm, copyArm, nullArm } from '../arms/data.ts';
import type { Target } from '../arms/memory.ts';
import { addressType } from '../arms/memory.ts';
import { constWords, type Form } from '../arms/numeric.ts';
import { CodeBuffer } from '../code-buffer.ts';
import type { Handler } from '../handlers.ts';
import { type Fixup, type Label, labelTypes } from '../labels.ts';
import { HEADER } from '../layout.ts';
import { type Operand, VirtualStack } from '../vstack.ts';
import type { TranslateEnv } from './env.ts';

/** The last instruction written, while it may still be changed. */
interface Last {
  /** Word that holds the destination slot, or -1. */
  dst: number;
  /** For comparisons: what a branch needs to execute it itself. */
  cond: { row: OpRow; form: Form } | null;
}

export class Draft {
  readonly env: TranslateEnv;
  readonly body: BodyReader;
  readonly code = new CodeBuffer();
  readonly stack: VirtualStack;
  readonly labels: Label[] = [];
  readonly locals: { off: number; type: ValType }[] = [];
  readonly sig: Signature;
  readonly window: number;
  readonly loops: { word: number; offset: number }[] = [];
  readonly handlers: Handler[] = [];
  readonly func: number;
  /** Clauses of each `try` of the function; null until they are looked up. */
  clauses: ReadonlyMap<number, readonly number[]> | null = null;
  last: Last | null = null;
  /** Guest instructions that have been translated and are not counted yet. */
  pending = 0;
  /** Control does not come here. */
  dead = false;
  /** Frame bytes live before the guest instruction in progress. */
  liveTop = 0;
  /** Byte offset of the guest instruction in progress. */
  guest = 0;

  /** Blocks that are open in unreachable code. */
  nested = 0;

  constructor(env: TranslateEnv, func: number, body: BodyReader) {
    this.env = env;
    this.func = func;
    this.body = body;
    this.sig = env.signature(func);
    this.window = windowBytes(this.sig);
    let off = 0;
    body.locals.forEach((exact, i) => {
      if (i === this.sig.params.length) off = this.window + HEADER.bytes;
      const type = this.frameType(exact);
      this.locals.push({ off, type });
      off += slotBytes(type);
    });
    if (this.locals.length === this.sig.params.length) off = this.window + HEADER.bytes;
    this.stack = new VirtualStack(off);
  }

  /** Number of the arm with that key. */
  arm(key: string, make: () => Arm): number {
    return this.env.arms.index(key, make);
  }

  /** Begins an instruction. */
  begin(arm: number): void {
    this.code.begin(this.guest, this.liveTop, this.pending);
    this.code.word(arm);
    this.last = null;
  }

  emitCopy(dst: number, src: number, type: ValType): void {
    this.begin(this.arm(`copy:${type}`, () => copyArm(type)));
    const at = this.code.word(dst);
    this.code.word(src);
    this.last = { dst: at, cond: null };
  }

  emitConst(dst: number, type: ValType, bits: bigint): void {
    this.begin(this.arm(`const:${type}`, () => constArm(type)));
    const at = this.code.word(dst);
    this.code.bits(bits, constWords(type));
    this.last = { dst: at, cond: null };
  }

  emitNull(dst: number, type: ValType): void {
    this.begin(this.arm(`null:${type}`, () => nullArm(type)));
    const at = this.code.word(dst);
    this.last = { dst: at, cond: null };
  }

  /** Word of the slot in which the operand can be read now. */
  source(item: Operand): number {
    if (item.kind === 'local') return item.local;
    if (item.kind === 'const') this.settle(item);
    return item.off;
  }

  /** Brings an operand into its own slot. */
  settle(item: Operand): void {
    if (item.kind === 'local') this.emitCopy(item.off, item.local, item.type);
    else if (item.kind === 'const') this.emitConst(item.off, item.type, item.bits);
    else return;
    item.kind = 'slot';
  }

  /** The same for all operands from that one on. */
  settleAll(from = 0): void {
    for (let i = from; i < this.stack.height; i++) this.settle(this.stack.items[i] as Operand);
  }

  /** Moves the topmost `types` to where a branch to `label` wants them. Returns false where nothing had to move. */
  moveResults(label: Label, perform: boolean): boolean {
    const n = labelTypes(label).length;
    let off = this.stack.offsetAt(label.height);
    let moved = false;
    for (let i = 0; i < n; i++) {
      const item = this.stack.items[this.stack.height - n + i] as Operand;
      if (item.kind !== 'slot' || item.off !== off) {
        moved = true;
        if (perform) {
          if (item.kind === 'const') this.emitConst(off, item.type, item.bits);
          else this.emitCopy(off, item.kind === 'local' ? item.local : item.off, item.type);
        }
      }
      off += slotBytes(item.type);
    }
    return moved;
  }

  /** Opens a label. */
  label(kind: Label['kind'], params: readonly ValType[], results: readonly ValType[], offset: number): Label {
    const label: Label = {
      kind,
      height: this.stack.height - params.length,
      params,
      results,
      fixups: [],
      elseFixup: null,
      head: -1,
      headCount: 0,
      offset,
      handler: -1,
      catches: [],
      caught: [],
      exception: -1,
    };
    this.labels.push(label);
    return label;
  }

  /** The label that many levels out. */
  at(depth: number): Label {
    return this.labels[this.labels.length - 1 - depth] as Label;
  }

  /** Writes target and count words of a branch to `label`. */
  writeTarget(label: Label): void {
    const target = this.code.word(0);
    const count = this.code.word(0);
    this.code.targets.push(target);
    const fixup: Fixup = { target, count, pending: this.pending + 1 };
    if (label.kind === 'loop') {
      this.code.words[target] = label.head;
      this.code.words[count] = fixup.pending - label.headCount;
    } else label.fixups.push(fixup);
  }

  /** Binds forward branches to this place. Control from above has `pending` uncounted instructions. */
  bind(fixups: Fixup[]): void {
    if (fixups.length === 0) return;
    if (this.dead) this.pending = 0;
    for (const f of fixups) {
      this.code.words[f.target] = this.code.length;
      this.code.words[f.count] = f.pending - this.pending;
    }
    this.dead = false;
    this.last = null;
  }

  /** Operands as they are after control arrived at the end of a label. */
  resetTo(label: Label, types: readonly ValType[]): void {
    this.stack.truncate(label.height);
    for (const type of types) this.stack.push(type);
  }

  /** Signature of the block in progress. */
  blockSignature(): Signature {
    const type = this.body.blockType;
    if (type === 'void') return { params: [], results: [] };
    if (typeof type === 'number') return this.env.typeSignature(type);
    return { params: [], results: [this.frameType(type)] };
  }

  /** The type under which frames keep values of `type`. */
  frameType(type: ValType): ValType {
    return topType(this.env.module.types, type);
  }

  /** `own`: 1 where the guest instruction in progress is not counted behind the label. */
  writeForward(label: Label, own = 1): void {
    label.fixups.push(this.forward(own));
  }

  /** The same for a place that is not a label's. */
  forward(own: number): Fixup {
    const target = this.code.word(0);
    const count = this.code.word(0);
    this.code.targets.push(target);
    return { target, count, pending: this.pending + own };
  }

  /** Frame bytes for values of those types behind that height. */
  reserve(height: number, types: readonly ValType[]): void {
    const { stack } = this;
    const top = types.reduce((off, t) => off + slotBytes(t), stack.offsetAt(height));
    if (top > stack.highest) stack.highest = top;
  }

  target(mem: number): Target {
    return { mem, addr: addressType(this.env.module.memories[mem]) };
  }

  tableTarget(table: number): TableTarget {
    return { table, addr: addressType(this.env.module.tables[table]) };
  }

  /** Instructions whose operands are popped in order and whose one result, if any, is pushed. */
  plain(key: string, make: () => Arm, pops: number, result: ValType | null): void {
    const items = this.stack.items.slice(this.stack.height - pops);
    const words = items.map((item) => this.source(item));
    this.stack.truncate(this.stack.height - pops);
    this.begin(this.arm(key, make));
    let dst = -1;
    if (result) dst = this.code.word(this.stack.top);
    for (const w of words) this.code.word(w);
    if (result) this.stack.push(result);
    this.last = { dst, cond: null };
  }
}
