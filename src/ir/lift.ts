/**
 * What arms use to append the IR of one executed instruction. Frame slots become SSA values: writing a slot only renames,
 * reading one that was not written finds its value in what came before. Inlined calls are larger offsets in the same run
 * of frame bytes. How control goes on is known to the two kinds of lifters: for one recorded path
 * (lift-linear.ts), and for a graph of hot paths (lift-region.ts).
 */
import type { ArmSet } from '../machine/arm.ts';
import type { Signature } from '../machine/arms/call.ts';
import { slotBytes, typesBytes } from '../machine/arms/call.ts';
import { constWords } from '../machine/arms/numeric.ts';
import type { CodeMap } from '../machine/code-map.ts';
import { isProtected } from '../machine/handlers.ts';
import { HEADER } from '../machine/layout.ts';
import { isReference } from '../wasm/hierarchy.ts';
import type { ValType } from '../wasm/row.ts';
import { nullable } from '../wasm/types.ts';
import type { Block, ExitReason, GuestLoc, Ins, InsImm, IrType, Region, RegionFacts, Snapshot } from './ir.ts';
import { makeIns } from './ir.ts';
import { type FirstNames, renamed } from './names.ts';

export interface LiftEnv {
  readonly words: Int32Array;
  readonly arms: ArmSet;
  readonly map: CodeMap;
  readonly facts: RegionFacts;
  /** Where memories or globals have more than one index. */
  readonly names: FirstNames | null;
  /** End of the frame stack; null where each activation has its own. */
  readonly stackLimit: number | null;
  /** Address of the halt instruction. */
  readonly halt: number;
  signature(func: number): Signature;
  /** The guest has exception handlers. */
  readonly catches: boolean;
  /** True where a mirror of the table says which functions its elements are. */
  mirrored(table: number): boolean;
  /** Dead locals and operands are left out of snapshots; null: all are written. */
  readonly liveness: { deadAt(pc: number): readonly number[] } | null;
  /** A return out of the entry frame ends the region; otherwise a guard lets it go on in the caller that was seen. */
  readonly leaveByReturn: boolean;
}

/** The code cannot become a region; `reason` is a named abort reason. */
export class LiftAbort extends Error {
  readonly reason: string;
  readonly pc: number;
  constructor(reason: string, pc: number) {
    super(`trace given up: ${reason}`);
    this.reason = reason;
    this.pc = pc;
  }
}

/** A frame that the region itself has entered. */
export interface InlinedFrame {
  /** Offset of the callee's frame from the caller's. */
  readonly args: number;
  /** Where the callee returns to. */
  readonly ret: number;
}

/** The frames around an exit: the calls in progress in them, and offsets of their slots that are dead. */
interface Callers {
  readonly inlined: readonly InlinedFrame[];
  readonly calls: readonly number[];
  readonly dead: readonly number[];
}

/** A bounds guard is widened up to this reach, not beyond what a memory's end may cut off. */
const WIDEST_GUARD = 1 << 20;

export abstract class Lifter {
  readonly region: Region;
  /** Address of the instruction in progress and of the next executed one. */
  pc = 0;
  next = 0;
  /** By exit id: number of the step before which it leaves. */
  readonly exitSteps: number[] = [0];
  /** By exit id: addresses in progress in the frames that the region has entered, the entry frame's first. */
  readonly exitPlaces: number[][];
  /** Guest instructions that each step completes. */
  readonly stepIcounts: number[] = [];
  protected readonly env: LiftEnv;
  protected readonly entry: Block;
  protected block: Block;
  /** fp of the current frame, from the entry fp. */
  protected delta = 0;
  protected inlined: InlinedFrame[] = [];
  /** Steps lifted so far. */
  steps = 0;
  protected icount = 0;
  private highest = 0;
  /** A tail call moves the header of the entry frame: memory does not have it where a return looks for it. */
  protected movesHeader = false;
  protected loc: GuestLoc = { func: 0, offset: 0 };
  private readonly entryLoads = new Map<number, Ins>();
  private readonly loads: Ins[] = [];
  private readonly constants: Ins[] = [];
  private readonly constantsOf = new Map<ValType, Map<bigint, Ins>>();
  /** The last bounds guard of each address in the present block. */
  private readonly guarded = new Map<Ins, Ins>();
  private callers: Callers = { inlined: [], calls: [], dead: [] };

  /** `start`: address of the first instruction; `bypass`: where the interpreter executes it even if it is patched. */
  constructor(env: LiftEnv, id: number, name: string, start: number, bypass: number) {
    this.env = env;
    this.entry = newBlock(0);
    this.block = this.entry;
    const here = env.map.at(start);
    if (!here) throw new LiftAbort('no-code', start);
    this.loc = { func: here.code.func, offset: here.offset };
    const entry: Snapshot = {
      id: 0,
      reason: 'stack',
      pc: bypass,
      loc: this.loc,
      fp: 0,
      icount: 0,
      slots: [],
      globals: [],
      stores: [],
    };
    this.region = { id, name, blocks: [this.entry], exits: [entry], nextId: 1, entry, facts: env.facts };
    this.exitPlaces = [[start]];
  }

  /** Value of frame bytes at this point. */
  protected abstract slot(off: number, type: ValType): Ins;
  protected abstract write(off: number, value: Ins): void;
  /** Slots that a snapshot taken now has, without those at `dead`; what is added later is the lifter's own matter. */
  protected abstract openSnapshot(snap: Snapshot, top: number, dead: readonly number[]): void;
  /** Notes that the exit is taken when the instruction in progress has been completed. */
  protected abstract behind(snap: Snapshot): Snapshot;
  /** A conditional branch that is taken when `cond` is (not) zero; `n`: guest instructions to count when taken. */
  abstract branch(cond: Ins, when: boolean, target: number, behind: number, n: number): void;
  /** br_table; `counts(i)`: guest instructions to count for target `i`. */
  abstract switch(index: Ins, targets: readonly number[], counts: (i: number) => number): void;
  /** `effects`: what the return does besides, performed after its guard. */
  abstract return(header: number, effects: () => void): void;

  /** Puts in front of everything else: constants, what was loaded at entry, and one check for all inlined frames. */
  protected prologue(): void {
    const { region, entry } = this;
    const check: Ins[] = [];
    if (this.highest > 0) {
      region.frames = this.highest;
      const loc = region.entry.loc;
      const top = makeIns(region, entry, 'frame.addr', 'i32', [], { off: this.highest }, loc);
      const { stackLimit } = this.env;
      const limit =
        stackLimit === null
          ? makeIns(region, entry, 'stack.limit', 'i32', [], {}, loc)
          : this.constant('i32', BigInt(stackLimit >>> 0));
      if (stackLimit === null) check.push(limit);
      const fits = makeIns(region, entry, 'i32.le_u', 'i32', [top, limit], {}, loc);
      const guard = makeIns(region, entry, 'guard.true', 'void', [fits], {}, loc);
      guard.snap = region.entry;
      check.push(top, fits, guard);
    }
    entry.body = [...this.constants, ...check, ...this.loads, ...entry.body];
  }

  // --- what arms use -----------------------------------------------------------------------------------------------

  /** Operand word of the instruction in progress. */
  word(i: number): number {
    return this.env.words[(this.pc >> 2) + i] as number;
  }

  ins(op: string, type: IrType, args: Ins[], imm: InsImm = {}): Ins {
    const { names } = this.env;
    const named = names ? renamed(names, op, imm) : imm;
    const ins = makeIns(this.region, this.block, op, type, args, named, this.loc);
    this.block.body.push(ins);
    return ins;
  }

  /** The constant of that type with these raw bits. There is one of each, in the entry block. */
  constant(type: ValType, bits: bigint): Ins {
    let of = this.constantsOf.get(type);
    if (!of) this.constantsOf.set(type, (of = new Map()));
    let ins = of.get(bits);
    if (!ins) {
      ins = makeIns(this.region, this.entry, `${type}.const`, type, [], { bits }, this.loc);
      of.set(bits, ins);
      this.constants.push(ins);
    }
    return ins;
  }

  /** The constant of that type that begins at word `i`. */
  constantAt(i: number, type: ValType): Ins {
    let bits = 0n;
    for (let w = constWords(type) - 1; w >= 0; w--) bits = (bits << 32n) | BigInt(this.word(i + w) >>> 0);
    return this.constant(type, bits);
  }

  /** A reference under the type that an instruction needs; it may be null where that type says no. */
  exact(value: Ins, type: ValType): Ins {
    if (!isReference(type)) return value;
    const want = nullable(type);
    const inner = value.op === 'ref.widen' ? (value.args[0] as Ins) : value;
    return inner.type === want ? inner : value.type === want ? value : this.ins('ref.narrow', want, [value]);
  }

  /** A reference under the type that frames keep. */
  widen(value: Ins, top: ValType): Ins {
    return value.type === top ? value : this.ins('ref.widen', top, [value]);
  }

  /** An instruction on heap objects; `type` is exact. Locals of fragments can all be null. */
  heap(op: string, type: IrType, args: Ins[], imm: InsImm): Ins {
    return this.ins(op, type !== 'void' && isReference(type) ? nullable(type) : type, args, imm);
  }

  /** Value of the slot that word `i` names. */
  get(i: number, type: ValType): Ins {
    return this.slot(this.delta + this.word(i), type);
  }

  put(i: number, value: Ins): void {
    this.write(this.delta + this.word(i), value);
  }

  /** Writes a slot of the current frame. */
  store(off: number, value: Ins): void {
    this.write(this.delta + off, value);
  }

  count(n: number): void {
    this.icount += n;
  }

  head(): void {}

  enter(frameBytes: number, zeroFrom: number, zeroBytes: number): void {
    const top = this.delta + frameBytes;
    if (top > this.highest) this.highest = top;
    const at = this.env.map.at(this.pc);
    for (const local of at?.code.locals ?? []) {
      if (local.off < zeroFrom || local.off >= zeroFrom + zeroBytes || isReference(local.type)) continue;
      this.store(local.off, this.constant(local.type, 0n));
    }
  }

  guard(kind: 'guard.true' | 'guard.false', cond: Ins, reason: ExitReason): void {
    this.ins(kind, 'void', [cond]).snap = this.snapshot(reason);
  }

  /**
   * Guards that memory reaches `k` bytes beyond the address. Where that has been done on the way here, or in the block
   * for less of the same object, no other guard is made: many snapshots are spared that a pass would throw away.
   */
  bounds(addr: Ins, mem: number, k: number): void {
    const before = this.guarded.get(addr);
    if (before && before.imm.mem === mem) {
      const reach = before.imm.k as number;
      if (before.block === this.block && k <= WIDEST_GUARD) {
        if (reach < k) before.imm.k = k;
        return;
      }
      if (reach >= k && this.comesFrom(before.block)) return;
    }
    const guard = this.ins('guard.bounds', 'void', [addr], { mem, k });
    guard.snap = this.snapshot('bounds');
    this.guarded.set(addr, guard);
  }

  /** True where every way to the present block goes through `block`, as far as single predecessors show that. */
  private comesFrom(block: Block): boolean {
    let at = this.block;
    while (at !== block && at.preds.length === 1) at = at.preds[0] as Block;
    return at === block;
  }

  /** Guards that `count` bytes from `from` lie in the memory. */
  rangeGuard(from: Ins, count: Ins, mem: number): void {
    const wide = (x: Ins) => this.ins('i64.extend_i32_u', 'i64', [x]);
    const end = this.ins('i64.add', 'i64', [wide(from), wide(count)]);
    const size = this.ins('mem.bytes', 'i64', [], { mem });
    this.guard('guard.true', this.ins('i64.le_u', 'i32', [end, size]), 'range');
  }

  /** Guards that the index of a br_table selects the target `to`. */
  protected switchGuard(index: Ins, targets: readonly number[], to: number): void {
    const last = targets.length - 1;
    const hits = targets.flatMap((t, i) => (t === to ? [i] : []));
    if (hits.length === targets.length) return;
    let cond: Ins | null = null;
    for (const [a, b] of runs(hits)) {
      const c = this.inRange(index, a, b === last ? null : b);
      cond = cond ? this.ins('i32.or', 'i32', [cond, c]) : c;
    }
    if (cond) this.guard('guard.true', cond, 'switch');
  }

  /** from <= index (<= to), unsigned. */
  protected inRange(index: Ins, from: number, to: number | null): Ins {
    const k = (n: number) => this.constant('i32', BigInt(n));
    if (to === null) return this.ins('i32.ge_u', 'i32', [index, k(from)]);
    if (from === to) return this.ins('i32.eq', 'i32', [index, k(from)]);
    if (from === 0) return this.ins('i32.le_u', 'i32', [index, k(to)]);
    return this.ins('i32.le_u', 'i32', [this.ins('i32.sub', 'i32', [index, k(from)]), k(to - from)]);
  }

  /** A direct call: the header of the callee's frame, then its code. */
  call(_func: number, args: number, header: number, ret: number): void {
    this.store(header, this.constant('i32', BigInt(ret >>> 0)));
    this.write(this.delta + header + 4, this.ins('frame.addr', 'i32', [], { off: this.delta }));
    this.delta += args;
    this.inlined.push({ args, ret });
  }

  /** Which function the element is: its index + 1; 0 and -1 are none of the guest's own. */
  calleeId(index: Ins, table: number): Ins {
    return this.ins('mirror.get', 'i32', [this.narrowIndex(index)], { table });
  }

  /** The same for a reference. */
  calleeRefId(ref: Ins): Ins {
    const callee = this.env.map.entryOf(this.next);
    if (callee && ref.op === 'ref.func' && ref.imm.index === callee.func) return this.idOf(callee.func);
    return this.ins('func.id', 'i32', [ref]);
  }

  /** Guards that `id` is the function that is executed next; returns that. The call is counted behind it. */
  calleeGuard(id: Ins): number {
    const callee = this.env.map.entryOf(this.next);
    if (!callee) throw new LiftAbort('foreign-callee', this.pc);
    if (id !== this.idOf(callee.func)) this.guard('guard.true', this.isCallee(id, callee.func), 'callee');
    return callee.func;
  }

  protected isCallee(id: Ins, func: number): Ins {
    return this.ins('i32.eq', 'i32', [id, this.idOf(func)]);
  }

  private idOf(func: number): Ins {
    return this.constant('i32', BigInt(func + 1));
  }

  /** A call of the function that `id` says, which counts `n`. */
  indirectCall(id: Ins, n: number, args: number, header: number, ret: number): void {
    const callee = this.calleeGuard(id);
    this.count(n);
    this.call(callee, args, header, ret);
  }

  /** The guest has written the table. */
  tableChanged(table: number): void {
    if (this.env.mirrored(table)) this.ins('table.changed', 'void', [], { table });
  }

  /** An index that certainly has 32 bits: what is beyond is beyond every table. */
  private narrowIndex(index: Ins): Ins {
    if (index.type !== 'i64') return index;
    const most = this.constant('i64', 0xffffffffn);
    this.guard('guard.true', this.ins('i64.le_u', 'i32', [index, most]), 'callee');
    return this.ins('i32.wrap_i64', 'i32', [index]);
  }

  /** The callee's frame takes the place of the current one: operands and header move. */
  tailCall(params: readonly ValType[], args: number, header: number, newHeader: number): void {
    if (this.inlined.length === 0) this.movesHeader = true;
    let off = 0;
    const values = params.map((type) => {
      const value = this.slot(this.delta + args + off, type);
      off += slotBytes(type);
      return value;
    });
    const words = [0, 4].map((at) => this.slot(this.delta + header + at, 'i32'));
    off = 0;
    params.forEach((type, i) => {
      this.store(off, values[i] as Ins);
      off += slotBytes(type);
    });
    words.forEach((word, i) => {
      this.store(newHeader + 4 * i, word);
    });
  }

  hostCall(func: number, args: number, top: number, sig: Signature): void {
    let off = args;
    const values = sig.params.map((type) => {
      const value = this.slot(this.delta + off, type);
      off += slotBytes(type);
      return value;
    });
    const type: IrType = sig.results.length === 1 ? (sig.results[0] as ValType) : 'void';
    const call = this.ins('host.call', type, values, { func, off: this.delta + top, types: sig.results });
    call.snap = this.env.catches ? this.behind(this.snapshot('thrown')) : this.snapshot('interp');
    off = args;
    sig.results.forEach((t, i) => {
      const value = sig.results.length === 1 ? call : this.ins('proj', t, [call], { index: i });
      this.store(off, value);
      off += slotBytes(t);
    });
  }

  protected entryLoad(off: number, type: ValType): Ins {
    const known = this.entryLoads.get(off);
    if (known && known.type === type) return known;
    const load = makeIns(this.region, this.entry, 'slot.load', type, [], { off }, this.region.entry.loc);
    this.loads.push(load);
    this.entryLoads.set(off, load);
    return load;
  }

  /** Return out of the entry frame: its results are all that has to be written. */
  protected leaveFrame(header: number): Snapshot {
    const func = this.env.map.at(this.pc)?.code.func as number;
    const results = typesBytes(this.env.signature(func).results);
    return this.snapshot('return', { pc: -1, ret: header, top: this.movesHeader ? header + HEADER.bytes : results });
  }

  /** `other`: where it goes on, and the end of the frame bytes that matter, if not here and before the instruction. */
  protected snapshot(reason: ExitReason, other: { pc?: number; ret?: number; top?: number } = {}): Snapshot {
    const at = this.env.map.at(this.pc);
    if (!at) throw new LiftAbort('no-code', this.pc);
    const snap: Snapshot = {
      id: this.region.exits.length,
      reason,
      pc: other.pc ?? this.pc,
      ...(other.ret === undefined ? {} : { ret: other.ret }),
      loc: this.loc,
      fp: this.delta,
      icount: this.icount,
      slots: [],
      globals: [],
      stores: [],
    };
    this.region.exits.push(snap);
    this.exitSteps.push(this.steps);
    const callers = this.callersNow();
    this.exitPlaces.push([...callers.calls, this.pc]);
    this.openSnapshot(snap, this.delta + (other.top ?? at.top), this.deadSlots(reason, callers));
    return snap;
  }

  /** Offsets of slots that need not be written: those of this frame, and of the callers' when they go on. */
  private deadSlots(reason: ExitReason, callers: Callers): readonly number[] {
    const { env, delta } = this;
    // What a return or a call leaves is chosen by its bytes.
    if (!env.liveness || reason === 'call' || reason === 'return') return callers.dead;
    const own = env.liveness.deadAt(this.pc);
    if (own.length === 0) return callers.dead;
    return [...callers.dead, ...own.map((off) => delta + off)];
  }

  /** What all exits with the same frames around them share. */
  private callersNow(): Callers {
    const { inlined, callers: last } = this;
    if (last.inlined.length === inlined.length && inlined.every((f, i) => f === last.inlined[i])) return last;
    const calls = inlined.map((f) => this.callBefore(f.ret));
    const dead: number[] = [];
    let { delta } = this;
    for (let i = inlined.length - 1; i >= 0; i--) {
      const { args, ret } = inlined[i] as InlinedFrame;
      delta -= args;
      // A handler of the caller may want what the way behind the call does not.
      const call = calls[i] as number;
      const code = this.env.map.at(call)?.code;
      if (code && isProtected(code, call)) continue;
      // From `args` on, the bytes belong to the callee.
      for (const off of this.env.liveness?.deadAt(ret) ?? []) if (off < args) dead.push(delta + off);
    }
    this.callers = { inlined: [...inlined], calls, dead };
    return this.callers;
  }

  /** The call that returns to that address. */
  protected callBefore(ret: number): number {
    return this.env.map.before(ret) as number;
  }
}

/** Bytes of a frame that a value of that type occupies. */
export function valueBytes(type: IrType): number {
  return type === 'i32' || type === 'f32' ? 4 : type === 'v128' ? 16 : 8;
}

/** True where one of the pieces (bytes by offset) shares a byte with [off, off + bytes). */
export function overlaps(pieces: ReadonlyMap<number, number>, off: number, bytes: number): boolean {
  for (let at = off - 12; at < off + bytes; at += 4) {
    const length = pieces.get(at);
    if (length !== undefined && at + length > off) return true;
  }
  return false;
}

/** Consecutive runs in a rising list of numbers. */
function runs(list: readonly number[]): [number, number][] {
  const out: [number, number][] = [];
  for (const n of list) {
    const last = out[out.length - 1];
    if (last && last[1] === n - 1) last[1] = n;
    else out.push([n, n]);
  }
  return out;
}

export function newBlock(id: number): Block {
  return { id, preds: [], body: [], term: { kind: 'jump', to: null as unknown as Block }, loop: false, icount: 0 };
}
