/**
 * Translates one guest function from stack code into threaded register code.
 *
 * Locals and constants are used in place, results go straight into the local that a following `local.set` names, and a
 * comparison merges with the branch behind it; so one threaded instruction stands for two to three guest instructions.
 */
import { paramsOf } from '../guest/helpers.ts';
import type { BodyReader } from '../wasm/body.ts';
import { type ExactSignature, heapSignature } from '../wasm/exact.ts';
import { isReference, topOfHeap, topType } from '../wasm/hierarchy.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opByName } from '../wasm/opcodes.ts';
import type { OpRow, ValType } from '../wasm/row.ts';
import type { Arm, ArmSet } from './arm.ts';
import { atomicArm, fenceArm } from './arms/atomic.ts';
import {
  callArm,
  callRefArm,
  importArm,
  importKey,
  indirectArm,
  returnArm,
  returnValueArm,
  type Signature,
  slotBytes,
  type TableTarget,
  windowBytes,
} from './arms/call.ts';
import {
  branchArm,
  branchKey,
  type Condition,
  enterArm,
  headArm,
  jumpArm,
  tableArm,
  unreachableArm,
} from './arms/control.ts';
import { constArm, copyArm, nullArm, selectArm } from './arms/data.ts';
import { type PadClause, padArm, padKey, throwArm, throwRefArm } from './arms/exception.ts';
import { globalGetArm, globalSetArm } from './arms/global.ts';
import { castArm, heapArm, heapKey, testArm } from './arms/heap.ts';
import {
  type AddressType,
  addressType,
  bulkArm,
  limitedGrowArm,
  loadArm,
  memoryGrowArm,
  memorySizeArm,
  offsetForm,
  storeArm,
  type Target,
} from './arms/memory.ts';
import { constWords, type Form, numericArm, type StaticImm } from './arms/numeric.ts';
import {
  asNonNullArm,
  refFuncArm,
  refIsNullArm,
  segmentArm,
  tableCopyArm,
  tableFillArm,
  tableGetArm,
  tableGrowArm,
  tableSetArm,
  tableSizeArm,
} from './arms/table.ts';
import { tailArm, tailIndirectArm, tailRefArm } from './arms/tail.ts';
import { CodeBuffer } from './code-buffer.ts';
import type { Handler } from './handlers.ts';
import { type Fixup, type Label, labelTypes } from './labels.ts';
import { HEADER } from './layout.ts';
import { legacyClauses } from './legacy.ts';
import { type Operand, VirtualStack } from './vstack.ts';

/** What the translator asks about the module. */
export interface TranslateEnv {
  module: WasmModule;
  arms: ArmSet;
  /** Types as frames keep them: references by the top of their hierarchy. */
  signature(func: number): Signature;
  typeSignature(type: number): Signature;
  /** Types as they are declared. */
  exactSignature(type: number): Signature;
  /** Equal numbers for structurally equal function types. */
  canonical(type: number): number;
  /** First trigger of loop heads and function entries. */
  headTrigger: number;
  enterTrigger: number;
  /** Growing a memory needs permission. */
  memoryLimited: boolean;
}

export interface Translation {
  code: CodeBuffer;
  /** Frame bytes of the function. */
  frameBytes: number;
  /** Byte offset and type of each local. */
  locals: { off: number; type: ValType }[];
  /** Loop heads: word index and guest offset. */
  loops: { word: number; offset: number }[];
  /** Code protected by exception handlers. */
  handlers: Handler[];
}

/** The last instruction written, while it may still be changed. */
interface Last {
  /** Word that holds the destination slot, or -1. */
  dst: number;
  /** For comparisons: what a branch needs to execute it itself. */
  cond: { row: OpRow; form: Form } | null;
}

export class Translator {
  private readonly env: TranslateEnv;
  private readonly body: BodyReader;
  private readonly code = new CodeBuffer();
  private readonly stack: VirtualStack;
  private readonly labels: Label[] = [];
  private readonly locals: { off: number; type: ValType }[] = [];
  private readonly sig: Signature;
  private readonly window: number;
  private readonly loops: { word: number; offset: number }[] = [];
  private readonly handlers: Handler[] = [];
  private readonly func: number;
  private clauses: ReadonlyMap<number, readonly number[]> | null = null;
  private last: Last | null = null;
  private pending = 0;
  private dead = false;
  /** Frame bytes live before the guest instruction in progress. */
  private liveTop = 0;
  private guest = 0;
  private readonly observe: ((t: Translator) => void) | null;

  /** `observe` is called before each guest instruction: how state dumps learn where operands are. */
  constructor(env: TranslateEnv, func: number, body: BodyReader, observe: ((t: Translator) => void) | null = null) {
    this.env = env;
    this.func = func;
    this.body = body;
    this.observe = observe;
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

  /** Operands at this point; for observers. */
  get operands(): readonly Operand[] {
    return this.stack.items;
  }

  get guestOffset(): number {
    return this.guest;
  }

  get wordIndex(): number {
    return this.code.length;
  }

  translate(): Translation {
    const { body } = this;
    this.guest = body.start;
    this.liveTop = this.stack.top;
    this.emitEnter();
    this.label('func', [], this.sig.results, body.start);
    while (body.next()) {
      this.guest = body.offset;
      if (this.dead) {
        this.skip(body.op.name);
        continue;
      }
      this.liveTop = this.stack.top;
      this.observe?.(this);
      this.visit(body.op);
      this.pending++;
    }
    // The frame size is known only now.
    this.code.words[this.frameWord] = this.stack.highest;
    const { code, locals, loops, handlers } = this;
    return { code, frameBytes: this.stack.highest, locals, loops, handlers };
  }

  private frameWord = 0;

  private emitEnter(): void {
    const { window, locals, sig } = this;
    const first = window + HEADER.bytes;
    const bytes = this.stack.top - first;
    this.begin(this.arm(enterArm.key, () => enterArm));
    this.code.word(0);
    this.code.word(0);
    this.code.word(0);
    this.code.word(this.env.enterTrigger);
    this.code.word(0);
    this.frameWord = this.code.word(0);
    this.code.word(first);
    this.code.word(bytes);
    for (const local of locals.slice(sig.params.length)) {
      if (isReference(local.type)) this.emitNull(local.off, local.type);
    }
    this.last = null;
  }

  // --- writing -----------------------------------------------------------------------------------------------------

  private arm(key: string, make: () => Arm): number {
    return this.env.arms.index(key, make);
  }

  private begin(arm: number): void {
    this.code.begin(this.guest, this.liveTop, this.pending);
    this.code.word(arm);
    this.last = null;
  }

  private emitCopy(dst: number, src: number, type: ValType): void {
    this.begin(this.arm(`copy:${type}`, () => copyArm(type)));
    const at = this.code.word(dst);
    this.code.word(src);
    this.last = { dst: at, cond: null };
  }

  private emitConst(dst: number, type: ValType, bits: bigint): void {
    this.begin(this.arm(`const:${type}`, () => constArm(type)));
    const at = this.code.word(dst);
    this.code.bits(bits, constWords(type));
    this.last = { dst: at, cond: null };
  }

  private emitNull(dst: number, type: ValType): void {
    this.begin(this.arm(`null:${type}`, () => nullArm(type)));
    const at = this.code.word(dst);
    this.last = { dst: at, cond: null };
  }

  /** Word of the slot in which the operand can be read now. */
  private source(item: Operand): number {
    if (item.kind === 'local') return item.local;
    if (item.kind === 'const') this.settle(item);
    return item.off;
  }

  /** Brings an operand into its own slot. */
  private settle(item: Operand): void {
    if (item.kind === 'local') this.emitCopy(item.off, item.local, item.type);
    else if (item.kind === 'const') this.emitConst(item.off, item.type, item.bits);
    else return;
    item.kind = 'slot';
  }

  private settleAll(from = 0): void {
    for (let i = from; i < this.stack.height; i++) this.settle(this.stack.items[i] as Operand);
  }

  /** Moves the topmost `types` to where a branch to `label` wants them. Returns false where nothing had to move. */
  private moveResults(label: Label, perform: boolean): boolean {
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

  // --- labels ------------------------------------------------------------------------------------------------------

  private label(kind: Label['kind'], params: readonly ValType[], results: readonly ValType[], offset: number): Label {
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

  private at(depth: number): Label {
    return this.labels[this.labels.length - 1 - depth] as Label;
  }

  /** Writes target and count words of a branch to `label`. */
  private writeTarget(label: Label): void {
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
  private bind(fixups: Fixup[]): void {
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
  private resetTo(label: Label, types: readonly ValType[]): void {
    this.stack.truncate(label.height);
    for (const type of types) this.stack.push(type);
  }

  private blockSignature(): Signature {
    const type = this.body.blockType;
    if (type === 'void') return { params: [], results: [] };
    if (typeof type === 'number') return this.env.typeSignature(type);
    return { params: [], results: [this.frameType(type)] };
  }

  /** The type under which frames keep values of `type`. */
  private frameType(type: ValType): ValType {
    return topType(this.env.module.types, type);
  }

  private openBlock(kind: 'block' | 'loop'): void {
    this.settleAll();
    const sig = this.blockSignature();
    const label = this.label(kind, sig.params, sig.results, this.guest);
    if (kind === 'loop') {
      this.pending++;
      label.head = this.code.length;
      label.headCount = this.pending;
      this.loops.push({ word: label.head, offset: this.guest });
      this.begin(this.arm(headArm.key, () => headArm));
      this.code.word(this.pending);
      this.code.word(0);
      this.code.word(0);
      this.code.word(this.env.headTrigger);
      this.code.word(0);
      this.pending = -1;
    }
    this.last = null;
  }

  private openIf(): void {
    const sig = this.blockSignature();
    const cond = this.stack.pop();
    const fused = this.takeCondition(cond);
    const operands = fused ? fused.operands : [this.source(cond)];
    // Operands are settled before the comparison: it must not be torn from its branch.
    this.settleAll();
    this.beginBranch(fused ? fused.cond : { row: null, form: 'r' }, false);
    for (const w of operands) this.code.word(w);
    const label = this.label('if', sig.params, sig.results, this.guest);
    const target = this.code.word(0);
    const count = this.code.word(0);
    this.code.word(0);
    this.code.word(0);
    this.code.targets.push(target);
    label.elseFixup = { target, count, pending: this.pending + 1 };
    this.last = null;
  }

  private beginBranch(cond: Condition, when: boolean): void {
    this.begin(this.arm(branchKey(cond, when), () => branchArm(cond, when)));
  }

  /** If the operand is the result of the comparison just written, takes that back and returns what it compared. */
  private takeCondition(item: Operand): FusedCondition | null {
    const { last } = this;
    if (!last?.cond || item.kind !== 'slot' || this.code.words[last.dst] !== item.off) return null;
    const operands = Array.from(this.code.words.subarray(last.dst + 1, this.code.length));
    // Whoever resumes at the merged instruction needs the operands of the comparison.
    this.liveTop = this.code.lastTop;
    this.code.dropLast();
    this.last = null;
    return { cond: last.cond, operands };
  }

  private doElse(): void {
    const label = this.at(0);
    if (!this.dead) {
      this.settleAll(label.height);
      this.begin(this.arm(jumpArm.key, () => jumpArm));
      this.writeForward(label);
    }
    this.dead = true;
    const fixup = label.elseFixup;
    label.elseFixup = null;
    label.kind = 'else';
    if (fixup) {
      this.bind([fixup]);
      this.resetTo(label, label.params);
    }
  }

  /** `own`: 1 where the guest instruction in progress is not counted behind the label. */
  private writeForward(label: Label, own = 1): void {
    label.fixups.push(this.forward(own));
  }

  private forward(own: number): Fixup {
    const target = this.code.word(0);
    const count = this.code.word(0);
    this.code.targets.push(target);
    return { target, count, pending: this.pending + own };
  }

  private doEnd(): void {
    const label = this.labels.pop() as Label;
    const fixups = label.fixups;
    if (!this.dead && label.kind === 'catch') this.leaveCatch(label);
    if (!this.dead) this.settleAll(label.height);
    if (label.handler >= 0) this.endProtected(label);
    if (label.elseFixup) fixups.push(label.elseFixup);
    this.bind(fixups);
    this.resetTo(label, this.dead ? [] : label.results);
    if (this.dead) return;
    if (label.kind === 'func') {
      this.liveTop = this.stack.top;
      this.emitReturn();
    }
  }

  /** Unreachable code is not translated, only its block structure followed. */
  private nested = 0;
  private skip(name: string): void {
    if (name === 'block' || name === 'loop' || name === 'if' || name === 'try_table' || name === 'try') this.nested++;
    else if (name === 'end' || name === 'delegate') {
      if (this.nested > 0) this.nested--;
      else this.reviveAt(name);
    } else if (this.nested === 0 && (name === 'else' || name === 'catch' || name === 'catch_all')) this.reviveAt(name);
  }

  private reviveAt(what: 'end' | 'else' | 'catch' | 'catch_all' | 'delegate'): void {
    this.liveTop = this.stack.offsetAt(Math.min(this.at(0).height, this.stack.height));
    if (what === 'else') this.doElse();
    else if (what === 'end') this.doEnd();
    else if (what === 'delegate') this.doDelegate(this.body.a);
    else this.doCatch(what === 'catch' ? this.body.a : -1);
    if (!this.dead) this.pending++;
  }

  // --- exceptions --------------------------------------------------------------------------------------------------

  private openTry(): void {
    this.settleAll();
    this.last = null;
    const { body } = this;
    const sig = this.blockSignature();
    const old = body.op.name === 'try';
    const label = this.label(old ? 'try' : 'block', sig.params, sig.results, this.guest);
    if (!old) {
      label.catches = body.catches;
      if (label.catches.length === 0) return;
    }
    label.handler = this.handlers.length;
    this.handlers.push({ start: this.code.length, end: this.code.length, pad: -1, delegate: -1 });
  }

  /** At the end of the protected code of a label that is closed already. */
  private endProtected(label: Label): void {
    const handler = this.handlers[label.handler] as Handler;
    // A `try` without clauses protects nothing; who delegates to it means what is around it.
    if (label.kind === 'try') {
      handler.delegate = this.openHandler(this.labels);
      return;
    }
    handler.end = this.code.length;
    if (!this.dead) {
      this.begin(this.arm(jumpArm.key, () => jumpArm));
      this.writeForward(label, 0);
    }
    handler.pad = this.code.length;
    const clauses = label.catches.map(({ kind, tag }) => ({
      kind,
      tag,
      types: this.tagTypes(kind, tag),
      below: false,
    }));
    this.beginPad(label, clauses);
    const returns: Fixup[] = [];
    for (const [i, clause] of label.catches.entries()) {
      const to = this.at(clause.label);
      const toFunction = to.kind === 'func';
      this.code.word(this.stack.offsetAt(toFunction ? label.height : to.height));
      if (toFunction) returns.push(this.forward(1));
      else this.writeTarget(to);
      this.code.word(0);
      this.code.word(0);
      this.reserve(toFunction ? label.height : to.height, labelTypes(to));
      const types = clauses[i]?.types ?? [];
      this.reserve(label.height, types);
    }
    this.pending = 0;
    if (returns.length > 0) {
      this.dead = true;
      this.bind(returns);
      this.resetTo(label, this.sig.results);
      this.emitReturn(0);
    }
    this.dead = true;
  }

  /** Types of the values that a clause unpacks. */
  private tagTypes(kind: number, tag: number): readonly ValType[] {
    if (kind >= 2) return [];
    return this.env.typeSignature((this.env.module.tags[tag] as { type: number }).type).params;
  }

  /** Frame bytes for values of those types behind that height. */
  private reserve(height: number, types: readonly ValType[]): void {
    const { stack } = this;
    const top = types.reduce((off, t) => off + slotBytes(t), stack.offsetAt(height));
    if (top > stack.highest) stack.highest = top;
  }

  /** The landing pad of a label; its clauses follow. */
  private beginPad(label: Label, clauses: readonly PadClause[]): void {
    this.stack.truncate(label.height);
    const slot = this.stack.offsetAt(label.height);
    this.reserve(label.height, ['exnref']);
    this.liveTop = slot;
    this.pending = 0;
    this.begin(this.arm(padKey(clauses), () => padArm(clauses)));
    this.code.word(slot);
    // Clauses are no instructions of the guest: nothing is counted on the way to their targets.
    this.pending = -1;
  }

  /** `tag`: -1 for catch_all. */
  private doCatch(tag: number): void {
    const label = this.at(0);
    if (!this.dead) {
      if (label.kind === 'catch') this.leaveCatch(label);
      this.settleAll(label.height);
      this.begin(this.arm(jumpArm.key, () => jumpArm));
      this.writeForward(label);
    }
    this.dead = true;
    if (label.kind === 'try') this.beginCatches(label);
    this.stack.truncate(label.height);
    label.exception = this.stack.push('exnref').off;
    for (const type of this.tagTypes(tag < 0 ? 2 : 0, tag)) this.stack.push(type);
    this.bind([label.caught.shift() as Fixup]);
  }

  /** At the first clause of a `try`: the pad for all of them. */
  private beginCatches(label: Label): void {
    const handler = this.handlers[label.handler] as Handler;
    handler.end = this.code.length;
    handler.pad = this.code.length;
    label.kind = 'catch';
    label.handler = -1;
    this.clauses ??= legacyClauses(this.env.module, this.func);
    const tags = this.clauses.get(label.offset) ?? [];
    const clauses = tags.map((tag) => {
      const kind = tag < 0 ? 3 : 1;
      return { kind, tag: Math.max(0, tag), types: this.tagTypes(kind, tag), below: true };
    });
    this.beginPad(label, clauses);
    for (const _ of tags) {
      this.code.word(this.stack.offsetAt(label.height));
      label.caught.push(this.forward(1));
      this.code.word(0);
      this.code.word(0);
    }
    this.pending = 0;
  }

  /** Results of a catch block move to where its exception is. */
  private leaveCatch(label: Label): void {
    this.moveResults(label, true);
    this.resetTo(label, label.results);
  }

  private doDelegate(depth: number): void {
    const label = this.at(0);
    const handler = this.handlers[label.handler] as Handler;
    handler.end = this.code.length;
    handler.delegate = this.openHandler(this.labels.slice(0, this.labels.length - 1 - depth));
    label.handler = -1;
    label.kind = 'block';
    this.doEnd();
  }

  /** The innermost handler whose protected code is open at the last of these labels. */
  private openHandler(labels: readonly Label[]): number {
    return labels.findLast((l) => l.handler >= 0)?.handler ?? -1;
  }

  private doThrow(tag: number): void {
    const { type } = this.env.module.tags[tag] as { type: number };
    const { args } = this.callOperands({ params: this.env.typeSignature(type).params, results: [] });
    const exact = this.env.exactSignature(type).params;
    this.begin(this.arm(`throw:${tag}`, () => throwArm(tag, exact)));
    this.code.word(this.pending + 1);
    this.code.word(args);
    this.dead = true;
  }

  /** Throws the exception in that slot. */
  private throwFrom(slot: number): void {
    this.begin(this.arm(throwRefArm.key, () => throwRefArm));
    this.code.word(this.pending + 1);
    this.code.word(slot);
    this.dead = true;
  }

  // --- branches ----------------------------------------------------------------------------------------------------

  private doBr(depth: number): void {
    const label = this.at(depth);
    if (label.kind === 'func') {
      this.emitReturn();
    } else {
      this.moveResults(label, true);
      this.begin(this.arm(jumpArm.key, () => jumpArm));
      this.writeTarget(label);
    }
    this.dead = true;
  }

  private doBrIf(depth: number): void {
    const cond = this.stack.pop();
    const fused = this.takeCondition(cond);
    const operands = fused ? fused.operands : [this.source(cond)];
    this.branchIf(this.at(depth), fused ? fused.cond : { row: null, form: 'r' }, operands, true);
  }

  /** br_on_null and br_on_non_null: the reference stays on the stack where it is not null. */
  private doBrOnNull(depth: number, when: boolean): void {
    const { stack } = this;
    const item = stack.peek();
    const src = this.source(item);
    const cond: Condition = { row: opByName('ref.is_null'), form: 'r', ref: item.type };
    if (when) stack.pop();
    this.branchIf(this.at(depth), cond, [src], when);
    if (when) stack.items.push(item);
    else stack.pop();
  }

  /** br_on_cast and br_on_cast_fail: the reference stays on the stack. */
  private doBrOnCast(depth: number, flags: number, heap: string, when: boolean): void {
    const item = this.stack.peek();
    const src = this.source(item);
    const row = opByName(flags & 2 ? 'ref.test_null' : 'ref.test');
    this.branchIf(this.at(depth), { row, form: 'r', ref: item.type, heap }, [src], when);
  }

  /** Branches to the label when the condition has that outcome. */
  private branchIf(label: Label, condition: Condition, operands: readonly number[], when: boolean): void {
    const moves = label.kind === 'func' || this.moveResults(label, false);
    this.beginBranch(condition, moves ? !when : when);
    for (const w of operands) this.code.word(w);
    if (!moves) {
      this.writeTarget(label);
      this.code.word(0);
      this.code.word(0);
      this.last = null;
      return;
    }
    const target = this.code.word(0);
    const count = this.code.word(0);
    this.code.word(0);
    this.code.word(0);
    this.code.targets.push(target);
    const skip: Fixup = { target, count, pending: this.pending + 1 };
    const kept = this.stack.items.map((item) => ({ ...item }));
    this.pending++;
    if (label.kind === 'func') this.emitReturn(0);
    else {
      this.moveResults(label, true);
      this.begin(this.arm(jumpArm.key, () => jumpArm));
      this.pending--;
      this.writeTarget(label);
      this.pending++;
    }
    this.stack.items.length = 0;
    this.stack.items.push(...kept);
    // Behind the branch the same instructions are uncounted as before it.
    this.pending--;
    this.code.words[skip.target] = this.code.length;
    this.code.words[skip.count] = 0;
    this.last = null;
  }

  private doBrTable(): void {
    const { labels: depths } = this.body;
    const index = this.stack.pop();
    const src = this.source(index);
    // Targets with values in other places get a pad of their own behind the table.
    const pads: { fixup: Fixup; label: Label }[] = [];
    this.begin(this.arm(tableArm.key, () => tableArm));
    this.code.word(src);
    this.code.word(depths.length - 1);
    for (const depth of depths) {
      const label = this.at(depth);
      if (label.kind === 'func' || this.moveResults(label, false)) {
        const target = this.code.word(0);
        const count = this.code.word(0);
        this.code.targets.push(target);
        pads.push({ fixup: { target, count, pending: this.pending + 1 }, label });
      } else this.writeTarget(label);
      this.code.word(0);
      this.code.word(0);
    }
    this.liveTop = this.stack.top;
    this.pending++;
    const seen = new Map<Label, number>();
    const kept = this.stack.items.map((item) => ({ ...item }));
    for (const { fixup, label } of pads) {
      const known = seen.get(label);
      this.code.words[fixup.target] = known ?? this.code.length;
      this.code.words[fixup.count] = 0;
      if (known !== undefined) continue;
      seen.set(label, this.code.length);
      if (label.kind === 'func') this.emitReturn(0);
      else {
        this.moveResults(label, true);
        this.begin(this.arm(jumpArm.key, () => jumpArm));
        this.pending--;
        this.writeTarget(label);
        this.pending++;
      }
      this.stack.items.length = 0;
      this.stack.items.push(...kept.map((item) => ({ ...item })));
    }
    this.pending--;
    this.dead = true;
  }

  /** `own`: 1 where the instruction in progress still has to be counted. */
  private emitReturn(own = 1): void {
    const results = this.sig.results;
    const n = results.length;
    if (n === 1) {
      const item = this.stack.peek();
      const src = this.source(item);
      const type = item.type;
      this.begin(this.arm(`return:${type}`, () => returnValueArm(type)));
      this.code.word(this.pending + own);
      this.code.word(this.window);
      this.code.word(src);
    } else {
      if (n > 0) {
        this.settleAll(this.stack.height - n);
        let off = 0;
        for (let i = 0; i < n; i++) {
          const item = this.stack.items[this.stack.height - n + i] as Operand;
          this.emitCopy(off, item.off, item.type);
          off += slotBytes(item.type);
        }
      }
      this.begin(this.arm(returnArm.key, () => returnArm));
      this.code.word(this.pending + own);
      this.code.word(this.window);
    }
    this.last = null;
  }

  // --- calls -------------------------------------------------------------------------------------------------------

  private callOperands(sig: Signature): { args: number; top: number } {
    const n = sig.params.length;
    this.settleAll(this.stack.height - n);
    const first = this.stack.height - n;
    const args = this.stack.offsetAt(first);
    this.stack.truncate(first);
    const top = args + windowBytes(sig);
    if (top > this.stack.highest) this.stack.highest = top;
    return { args, top };
  }

  private afterCall(sig: Signature): void {
    for (const type of sig.results) this.stack.push(type);
    this.pending = -1;
    this.last = null;
  }

  private doCall(func: number, tail = false): void {
    const sig = this.env.signature(func);
    const { args, top } = this.callOperands(sig);
    if (func < this.env.module.importedFunctions) {
      this.begin(
        this.arm(importKey(func, tail), () =>
          importArm(func, sig, this.env.exactSignature(this.env.module.functions[func] as number), tail),
        ),
      );
      this.code.word(this.pending + 1);
      this.code.word(args);
      this.code.word(top);
    } else {
      this.begin(this.arm(callArm.key, () => callArm));
      this.code.word(this.pending + 1);
      this.code.word(args);
      this.code.word(args + windowBytes(sig));
      this.code.word(func);
    }
    this.afterCall(sig);
  }

  private doCallIndirect(type: number, table: number): void {
    const sig = this.env.typeSignature(type);
    const index = this.stack.pop();
    // The index is read before the window is overwritten: a constant goes to its own slot, above the operands.
    const src = this.source(index);
    const { args, top } = this.callOperands(sig);
    const beyond = Math.max(top, index.off + slotBytes(index.type));
    const exact = this.env.exactSignature(type);
    this.begin(
      this.arm(`call_indirect:${type}:${table}`, () => indirectArm(type, this.tableTarget(table), sig, exact)),
    );
    this.code.word(this.pending + 1);
    this.code.word(src);
    this.code.word(args);
    this.code.word(args + windowBytes(sig));
    this.code.word(beyond);
    this.code.word(this.env.canonical(type));
    this.afterCall(sig);
  }

  private doCallRef(type: number): void {
    const sig = this.env.typeSignature(type);
    const ref = this.stack.pop();
    const src = this.source(ref);
    const { args, top } = this.callOperands(sig);
    const exact = this.env.exactSignature(type);
    this.begin(this.arm(`call_ref:${type}`, () => callRefArm(type, sig, exact)));
    this.code.word(this.pending + 1);
    this.code.word(src);
    this.code.word(args);
    this.code.word(args + windowBytes(sig));
    this.code.word(Math.max(top, ref.off + slotBytes(ref.type)));
    this.afterCall(sig);
  }

  private doReturnCall(func: number): void {
    if (func < this.env.module.importedFunctions) {
      // A function of the host cannot take the frame over: a call and a return are the same to everybody.
      this.doCall(func, true);
      this.emitReturn();
    } else {
      const sig = this.env.signature(func);
      const { args } = this.callOperands(sig);
      this.begin(this.arm(`return_call:${sig.params.join(',')}`, () => tailArm(sig.params)));
      for (const w of [this.pending + 1, args, this.window, windowBytes(sig), func]) this.code.word(w);
    }
    this.dead = true;
  }

  /** return_call_indirect through a table, or return_call_ref where that is null. */
  private doReturnCallIndirect(type: number, table: number | null): void {
    const sig = this.env.typeSignature(type);
    const exact = this.env.exactSignature(type);
    const callee = this.stack.pop();
    const src = this.source(callee);
    const { args, top } = this.callOperands(sig);
    if (table === null) this.begin(this.arm(`return_call_ref:${type}`, () => tailRefArm(type, sig, exact)));
    else {
      const key = `return_call_indirect:${type}:${table}`;
      this.begin(this.arm(key, () => tailIndirectArm(type, this.tableTarget(table), sig, exact)));
    }
    const beyond = Math.max(top, callee.off + slotBytes(callee.type));
    const words = [this.pending + 1, src, args, this.window, windowBytes(sig), beyond, this.env.canonical(type)];
    for (const w of words) this.code.word(w);
    this.dead = true;
  }

  // --- locals ------------------------------------------------------------------------------------------------------

  private setLocal(index: number, tee: boolean): void {
    const local = this.locals[index] as { off: number; type: ValType };
    const value = this.stack.pop();
    let shared = false;
    for (const item of this.stack.items) if (item.kind === 'local' && item.local === local.off) shared = true;
    const { last, code } = this;
    if (!shared && last && last.dst >= 0 && value.kind === 'slot' && code.words[last.dst] === value.off) {
      code.words[last.dst] = local.off;
      this.last = null;
    } else if (!(value.kind === 'local' && value.local === local.off)) {
      for (const item of this.stack.items) if (item.kind === 'local' && item.local === local.off) this.settle(item);
      if (value.kind === 'const') this.emitConst(local.off, local.type, value.bits);
      else this.emitCopy(local.off, value.kind === 'local' ? value.local : value.off, local.type);
      this.last = null;
    }
    if (tee) this.stack.push(local.type, 'local', local.off);
  }

  // --- everything else ---------------------------------------------------------------------------------------------

  /** An instruction with plain operands and one result. */
  private numeric(row: OpRow, imm: StaticImm): void {
    const sig = row.sig as { params: readonly ValType[]; results: readonly ValType[] };
    const n = sig.params.length;
    const items = this.stack.items.slice(this.stack.height - n);
    if (n === 2 && row.commutes && items[0]?.kind === 'const' && items[1]?.kind !== 'const') items.reverse();
    const lastItem = items[n - 1] as Operand;
    const k = n === 2 && lastItem.kind === 'const';
    const words: number[] = [];
    items.forEach((item, i) => {
      if (!(k && i === n - 1)) words.push(this.source(item));
    });
    this.stack.truncate(this.stack.height - n);
    const form: Form = k ? 'k' : 'r';
    const result = sig.results[0] as ValType;
    this.begin(this.arm(`op:${row.name}:${form}${immSuffix(imm)}`, () => numericArm(row, form, imm)));
    const dst = this.code.word(this.stack.top);
    for (const w of words) this.code.word(w);
    if (k) this.code.bits(lastItem.bits, constWords(lastItem.type));
    this.stack.push(result);
    this.last = { dst, cond: isCondition(row) ? { row, form } : null };
  }

  private load(row: OpRow, imm: StaticImm): void {
    const { mem, off } = this.body;
    const lane = row.sig?.params.length === 2 ? this.stack.pop() : null;
    const addr = this.stack.pop();
    const words = [this.source(addr)];
    if (lane) words.push(this.source(lane));
    const form = offsetForm(off);
    this.begin(
      this.arm(`${row.name}:${form}:${mem}${immSuffix(imm)}`, () => loadArm(row, form, this.target(mem), imm)),
    );
    const result = row.sig?.results[0] as ValType;
    const dst = this.code.word(this.stack.top);
    for (const w of words) this.code.word(w);
    this.offset(form, off);
    this.stack.push(result);
    this.last = { dst, cond: null };
  }

  private store(row: OpRow, imm: StaticImm): void {
    const { mem, off } = this.body;
    const value = this.stack.pop();
    const addr = this.stack.pop();
    const k = value.kind === 'const' && value.type !== 'v128';
    const a = this.source(addr);
    const v = k ? 0 : this.source(value);
    const form = `${k ? 'k' : ''}${offsetForm(off)}` as const;
    this.begin(
      this.arm(`${row.name}:${form}:${mem}${immSuffix(imm)}`, () => storeArm(row, form, this.target(mem), imm)),
    );
    this.code.word(a);
    if (k) this.code.bits(value.bits, constWords(value.type));
    else this.code.word(v);
    this.offset(form, off);
    this.last = null;
  }

  private atomic(row: OpRow): void {
    const { mem, off } = this.body;
    const n = row.sig?.params.length ?? 0;
    const items = this.stack.items.slice(this.stack.height - n);
    const words = items.map((item) => this.source(item));
    this.stack.truncate(this.stack.height - n);
    const form = offsetForm(off);
    this.begin(this.arm(`${row.name}:${form}:${mem}`, () => atomicArm(row, form, this.target(mem))));
    const result = row.sig?.results[0];
    if (result) this.code.word(this.stack.top);
    for (const w of words) this.code.word(w);
    this.offset(form, off);
    if (result) this.stack.push(result);
    this.last = null;
  }

  private target(mem: number): Target {
    return { mem, addr: addressType(this.env.module.memories[mem]) };
  }

  private tableTarget(table: number): TableTarget {
    return { table, addr: addressType(this.env.module.tables[table]) };
  }

  /** Writes the words of a static offset. */
  private offset(form: string, off: number | bigint): void {
    if (form.endsWith('o')) this.code.word(Number(off));
    else if (form.endsWith('w')) this.code.bits(BigInt(off), 2);
  }

  /** Instructions whose operands are popped in order and whose one result, if any, is pushed. */
  private plain(key: string, make: () => Arm, pops: number, result: ValType | null): void {
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

  /** An instruction on structs, arrays or i31. */
  private heap(row: OpRow, sig: ExactSignature): void {
    const { types } = this.env.module;
    const imms = [this.body.a, this.body.b].slice(0, row.imms.length);
    const [result] = sig.results;
    this.plain(
      heapKey(row, imms),
      () => heapArm(row, imms, sig, types),
      sig.params.length,
      result ? this.frameType(result) : null,
    );
  }

  private tableType(table: number): ValType {
    return (this.env.module.tables[table] as { type: ValType }).type;
  }

  private visit(row: OpRow): void {
    const { body, stack } = this;
    switch (row.name) {
      case 'nop':
        return;
      case 'unreachable':
        this.begin(this.arm(unreachableArm.key, () => unreachableArm));
        this.dead = true;
        return;
      case 'block':
      case 'loop':
        return this.openBlock(row.name);
      case 'if':
        return this.openIf();
      case 'else':
        return this.doElse();
      case 'end':
        return this.doEnd();
      case 'br':
        return this.doBr(body.a);
      case 'br_if':
        return this.doBrIf(body.a);
      case 'br_table':
        return this.doBrTable();
      case 'return':
        this.emitReturn();
        this.dead = true;
        return;
      case 'call':
        return this.doCall(body.a);
      case 'call_indirect':
        return this.doCallIndirect(body.a, body.b);
      case 'try':
      case 'try_table':
        return this.openTry();
      case 'catch':
        return this.doCatch(body.a);
      case 'catch_all':
        return this.doCatch(-1);
      case 'delegate':
        return this.doDelegate(body.a);
      case 'throw':
        return this.doThrow(body.a);
      case 'throw_ref':
        return this.throwFrom(this.source(stack.pop()));
      case 'rethrow':
        return this.throwFrom(this.at(body.a).exception);
      case 'call_ref':
        return this.doCallRef(body.a);
      case 'return_call':
        return this.doReturnCall(body.a);
      case 'return_call_indirect':
        return this.doReturnCallIndirect(body.a, body.b);
      case 'return_call_ref':
        return this.doReturnCallIndirect(body.a, null);
      case 'br_on_null':
        return this.doBrOnNull(body.a, true);
      case 'br_on_non_null':
        return this.doBrOnNull(body.a, false);
      case 'br_on_cast':
        return this.doBrOnCast(body.b, body.a, body.heap2, true);
      case 'br_on_cast_fail':
        return this.doBrOnCast(body.b, body.a, body.heap2, false);
      case 'ref.test':
      case 'ref.test_null': {
        const { type } = stack.peek();
        const { heap } = body;
        return this.plain(`${row.name}:${heap}`, () => testArm(row, heap, type), 1, 'i32');
      }
      case 'ref.cast':
      case 'ref.cast_null': {
        const { type } = stack.peek();
        const { heap } = body;
        return this.plain(`${row.name}:${heap}`, () => castArm(row, heap, type), 1, type);
      }
      case 'drop':
        stack.pop();
        return;
      case 'select':
      case 'select_t': {
        const type = stack.peek(1).type;
        return this.plain(`select:${type}`, () => selectArm(type), 3, type);
      }
      case 'local.get': {
        const local = this.locals[body.a] as { off: number; type: ValType };
        stack.push(local.type, 'local', local.off);
        return;
      }
      case 'local.set':
        return this.setLocal(body.a, false);
      case 'local.tee':
        return this.setLocal(body.a, true);
      case 'global.get': {
        const index = body.a;
        const { type } = this.env.module.globals[index] as { type: ValType };
        const frame = this.frameType(type);
        return this.plain(`global.get:${index}`, () => globalGetArm(index, type, frame), 0, frame);
      }
      case 'global.set': {
        const index = body.a;
        const { type } = this.env.module.globals[index] as { type: ValType };
        return this.plain(`global.set:${index}`, () => globalSetArm(index, type, this.frameType(type)), 1, null);
      }
      case 'i32.const':
      case 'i64.const':
      case 'f32.const':
      case 'f64.const':
      case 'v128.const':
        stack.push(row.sig?.results[0] as ValType, 'const', 0, body.big);
        return;
      case 'memory.size': {
        const { mem, addr } = this.target(body.a);
        return this.plain(`memory.size:${mem}`, () => memorySizeArm(mem, addr), 0, addr);
      }
      case 'memory.grow': {
        const { mem, addr } = this.target(body.a);
        const arm = (this.env.memoryLimited ? limitedGrowArm : memoryGrowArm)(mem, addr);
        return this.plain(arm.key, () => arm, 1, addr);
      }
      case 'memory.copy': {
        const mems = [body.a, body.b];
        const types = copyTypes(this.target(body.a), this.target(body.b));
        return this.plain(`memory.copy:${mems}`, () => bulkArm(row, mems, types), 3, null);
      }
      case 'memory.fill': {
        const mems = [body.a];
        const { addr } = this.target(body.a);
        return this.plain(`memory.fill:${mems}`, () => bulkArm(row, mems, [addr, 'i32', addr]), 3, null);
      }
      case 'table.get': {
        const [table, type] = [body.a, this.tableType(body.a)];
        const frame = this.frameType(type);
        return this.plain(
          `table.get:${table}`,
          () => tableGetArm(table, type, frame, this.tableTarget(table).addr),
          1,
          frame,
        );
      }
      case 'table.set': {
        const [table, type] = [body.a, this.tableType(body.a)];
        const arm = () => tableSetArm(table, type, this.frameType(type), this.tableTarget(table).addr);
        return this.plain(`table.set:${table}`, arm, 2, null);
      }
      case 'table.size': {
        const { table, addr } = this.tableTarget(body.a);
        return this.plain(`table.size:${table}`, () => tableSizeArm(table, addr), 0, addr);
      }
      case 'table.grow': {
        const [table, type] = [body.a, this.tableType(body.a)];
        const { addr } = this.tableTarget(table);
        return this.plain(`table.grow:${table}`, () => tableGrowArm(table, type, this.frameType(type), addr), 2, addr);
      }
      case 'table.fill': {
        const [table, type] = [body.a, this.tableType(body.a)];
        return this.plain(
          `table.fill:${table}`,
          () => tableFillArm(table, type, this.frameType(type), this.tableTarget(table).addr),
          3,
          null,
        );
      }
      case 'table.copy': {
        const [to, from] = [body.a, body.b];
        const types = copyTypes(this.tableTarget(to), this.tableTarget(from));
        const frame = this.frameType(this.tableType(to));
        return this.plain(`table.copy:${to}:${from}`, () => tableCopyArm(to, from, frame, types), 3, null);
      }
      case 'memory.init':
      case 'table.init':
      case 'data.drop':
      case 'elem.drop': {
        const imms = [body.a, body.b].slice(0, row.imms.length);
        const params = paramsOf(this.env.module, row, imms);
        return this.plain(`${row.name}:${imms.join(':')}`, () => segmentArm(row, imms, params), params.length, null);
      }
      case 'ref.null': {
        const type = topOfHeap(this.env.module.types, body.heap) as ValType;
        return this.plain(`null:${type}`, () => nullArm(type), 0, type);
      }
      case 'ref.func': {
        const func = body.a;
        return this.plain(`ref.func:${func}`, () => refFuncArm(func), 0, 'funcref');
      }
      case 'ref.is_null': {
        const { type } = stack.peek();
        return this.plain(`ref.is_null:${type}`, () => refIsNullArm(type), 1, 'i32');
      }
      case 'atomic.fence':
        return this.plain(fenceArm.key, () => fenceArm, 0, null);
      case 'ref.as_non_null': {
        const { type } = stack.peek();
        return this.plain(`ref.as_non_null:${type}`, () => asNonNullArm(type), 1, type);
      }
      default: {
        const imm = staticImm(row, body);
        if (row.effect === 'load') return this.load(row, imm);
        if (row.effect === 'store') return this.store(row, imm);
        if (row.effect === 'atomic') return this.atomic(row);
        if (row.sig?.results.length === 1 && (row.effect === 'pure' || row.effect === 'trap'))
          return this.numeric(row, imm);
        const heap = heapSignature(this.env.module.types, row.name, body.a, body.b);
        if (heap) return this.heap(row, heap);
        throw new Error(`no translation of ${row.name}`);
      }
    }
  }
}

/** Operand types of a copy between memories or tables. */
function copyTypes(to: { addr: AddressType }, from: { addr: AddressType }): AddressType[] {
  return [to.addr, from.addr, to.addr === 'i64' && from.addr === 'i64' ? 'i64' : 'i32'];
}

interface FusedCondition {
  cond: Condition;
  operands: number[];
}

/** Comparisons and tests: i32 results that a branch can compute itself. */
export function isCondition(row: OpRow): boolean {
  return /\.(eqz|eq|ne|[lg][te](_[su])?)$/.test(row.name) && /^[if](32|64)\./.test(row.name);
}

function staticImm(row: OpRow, body: BodyReader): StaticImm {
  if (row.imms.includes('lanes16')) return { lanes: Array.from(body.lanes) };
  if (row.imms.includes('lane')) return { lane: body.a };
  return {};
}

function immSuffix(imm: StaticImm): string {
  if (imm.lanes) return `:${imm.lanes.join(',')}`;
  return imm.lane === undefined ? '' : `:${imm.lane}`;
}

/** True where the translator has an arm for the instruction. */
export function isTranslated(row: OpRow): boolean {
  if (TRANSLATED.has(row.name) || row.since === 'gc') return true;
  if (row.imms.includes('memarg')) return true;
  return (
    row.sig?.results.length === 1 &&
    (row.effect === 'pure' || row.effect === 'trap') &&
    !row.imms.some((i) => !PLAIN_IMMS.has(i))
  );
}

const PLAIN_IMMS = new Set<string>(['lane', 'lanes16', 'i32', 'i64', 'f32', 'f64', 'v128']);
const TRANSLATED = new Set<string>(
  'nop unreachable block loop if else end br br_if br_table return call call_indirect drop select select_t local.get local.set local.tee global.get global.set memory.size memory.grow memory.copy memory.fill memory.init data.drop table.get table.set table.size table.grow table.fill table.copy table.init elem.drop ref.null ref.is_null ref.func call_ref return_call return_call_indirect return_call_ref try try_table catch catch_all delegate throw throw_ref rethrow br_on_null br_on_non_null ref.as_non_null atomic.fence'.split(
    ' ',
  ),
);
