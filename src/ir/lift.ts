/**
 * Makes a region from a recorded trace. Frame slots become SSA values: reading a slot that the trace has not written
 * yet loads it at entry, writing only renames. Inlined calls are larger offsets in the same run of frame bytes.
 *
 * A trace that closes on itself is a loop: slots that one iteration hands to the next become phis of the header. Which
 * ones is known only at the end, so snapshots are completed then.
 */
import type { Arm, ArmSet } from '../machine/arm.ts';
import type { Signature } from '../machine/arms/call.ts';
import { slotBytes } from '../machine/arms/call.ts';
import { constWords } from '../machine/arms/numeric.ts';
import type { CodeMap } from '../machine/code-map.ts';
import { STACK_SLACK } from '../machine/memory.ts';
import type { ValType } from '../wasm/row.ts';
import type { Block, ExitReason, GuestLoc, Ins, InsImm, IrType, Region, RegionFacts, Snapshot } from './ir.ts';
import { makeIns } from './ir.ts';

/** A recorded trace, as the recorder hands it over. */
export interface RecordedTrace {
  readonly id: number;
  readonly name: string;
  /** Addresses of the executed instructions. */
  readonly pcs: readonly number[];
  /** Where control went after the last one. */
  readonly end: number;
  /** True where `end` is the first instruction again, in the same frame. */
  readonly loops: boolean;
  /** Where the interpreter executes the first instruction even if that is patched. */
  readonly bypass: number;
}

export interface LiftEnv {
  readonly words: Int32Array;
  readonly arms: ArmSet;
  readonly map: CodeMap;
  readonly facts: RegionFacts;
  /** End of the frame stack. */
  readonly stackLimit: number;
  /** Address of the halt instruction. */
  readonly halt: number;
  readonly func: { name(index: number): string };
}

/** The trace cannot become a region; `reason` is a named abort reason. */
export class LiftAbort extends Error {
  readonly reason: string;
  readonly pc: number;
  constructor(reason: string, pc: number) {
    super(`trace given up: ${reason}`);
    this.reason = reason;
    this.pc = pc;
  }
}

interface Slot {
  value: Ins;
  written: boolean;
}

/** A snapshot that lacks slots written only later in the loop. */
interface OpenSnapshot {
  snap: Snapshot;
  top: number;
  /** Offsets that it has, with the bytes that each covers. */
  known: Map<number, number>;
}

export class Lifter {
  readonly region: Region;
  /** Address of the instruction in progress and of the next executed one. */
  pc = 0;
  next = 0;
  /** By exit id: index in the trace of the instruction before which it leaves. */
  readonly exitSteps: number[] = [0];
  /** Guest instructions that each step completes. */
  readonly stepIcounts: number[] = [];
  /** Steps of the trace that the region covers. */
  steps = 0;
  private readonly env: LiftEnv;
  private readonly trace: RecordedTrace;
  private readonly entry: Block;
  private block: Block;
  private readonly header: Block | null;
  /** fp of the current frame, from the entry fp. */
  private delta = 0;
  private readonly inlined: { args: number; ret: number }[] = [];
  private slots = new Map<number, Slot>();
  private readonly entryLoads = new Map<number, Ins>();
  private readonly phis = new Map<number, Ins>();
  /** Slots as the end of the trace leaves them; a wider write ends what it covers. */
  private readonly written = new Map<number, ValType>();
  private readonly everWritten = new Set<number>();
  private readonly open: OpenSnapshot[] = [];
  private headerTop = 0;
  private icount = 0;
  private highest = 0;
  private loc: GuestLoc = { func: 0, offset: 0 };

  constructor(env: LiftEnv, trace: RecordedTrace) {
    this.env = env;
    this.trace = trace;
    this.entry = newBlock(0);
    const here = env.map.at(trace.pcs[0] as number);
    if (!here) throw new LiftAbort('no-code', trace.pcs[0] as number);
    this.loc = { func: here.code.func, offset: here.offset };
    const entry: Snapshot = {
      id: 0,
      reason: 'stack',
      pc: trace.bypass,
      loc: this.loc,
      fp: 0,
      icount: 0,
      slots: [],
      globals: [],
      stores: [],
    };
    this.region = {
      id: trace.id,
      name: trace.name,
      blocks: [this.entry],
      exits: [entry],
      nextId: 1,
      entry,
      facts: env.facts,
    };
    this.block = this.entry;
    this.header = trace.loops ? newBlock(1) : null;
    if (this.header) {
      this.header.loop = true;
      this.header.preds.push(this.entry, this.header);
      this.entry.term = { kind: 'jump', to: this.header };
      this.region.blocks.push(this.header);
      this.block = this.header;
      this.headerTop = here.top;
    }
  }

  /** Builds the region. Throws LiftAbort where an instruction cannot be in a fragment at the very beginning. */
  run(): Region {
    const { trace, env } = this;
    if (this.header) {
      this.pc = trace.pcs[0] as number;
      const check = this.ins('strip.check', 'void', []);
      check.snap = this.snapshot('loop');
    }
    for (let i = 0; i < trace.pcs.length; i++) {
      this.pc = trace.pcs[i] as number;
      this.next = trace.pcs[i + 1] ?? trace.end;
      const at = env.map.at(this.pc);
      if (!at) throw new LiftAbort('no-code', this.pc);
      this.loc = { func: at.code.func, offset: at.offset };
      const arm = env.arms.at(this.word(0));
      if (!arm.lift || this.endsHere(arm)) {
        if (this.header) throw new LiftAbort('interpreter-only', this.pc);
        if (i === 0) throw new LiftAbort('interpreter-only', this.pc);
        return this.finish(this.pc);
      }
      const before = this.icount;
      arm.lift(this);
      this.steps = i + 1;
      this.stepIcounts.push(this.icount - before);
    }
    return this.finish(trace.end);
  }

  /** A return to the host, or an indirect call that left the guest: only the interpreter does these. */
  private endsHere(arm: Arm): boolean {
    if (arm.kind === 'return' && this.inlined.length === 0) {
      return this.next === this.env.halt || this.env.map.before(this.next) === undefined;
    }
    return arm.kind === 'indirect' && this.env.map.entryOf(this.next) === undefined;
  }

  private finish(end: number): Region {
    const { header, region } = this;
    if (header) {
      this.block.term = { kind: 'jump', to: header };
      this.closeLoop(header);
      header.icount = this.icount;
    } else {
      this.pc = end;
      const at = this.env.map.at(end);
      if (at) this.loc = { func: at.code.func, offset: at.offset };
      this.block.term = { kind: 'exit', snap: this.snapshot('end') };
      this.entry.icount = this.icount;
    }
    if (this.highest > 0) this.stackGuard();
    return region;
  }

  /** One check for all inlined frames. */
  private stackGuard(): void {
    const { region, entry } = this;
    const loc = region.entry.loc;
    const top = makeIns(region, entry, 'frame.addr', 'i32', [], { off: this.highest }, loc);
    const limit = makeIns(region, entry, 'i32.const', 'i32', [], { bits: BigInt(this.env.stackLimit >>> 0) }, loc);
    const fits = makeIns(region, entry, 'i32.le_u', 'i32', [top, limit], {}, loc);
    const guard = makeIns(region, entry, 'guard.true', 'void', [fits], {}, loc);
    guard.snap = region.entry;
    entry.body.unshift(top, limit, fits, guard);
  }

  private closeLoop(header: Block): void {
    // Slots that are alive at the head and were written become phis, also where only a snapshot sees them.
    for (const [off, type] of this.written) {
      if (off < this.headerTop) this.phi(off, type);
    }
    for (const o of this.open) {
      for (const [off, type] of this.written) {
        if (off >= this.headerTop || off >= o.top || overlaps(o.known, off, valueBytes(type))) continue;
        o.snap.slots.push({ off, value: this.phis.get(off) as Ins });
      }
      o.snap.slots = o.snap.slots.filter((s) => this.everWritten.has(s.off));
      o.snap.slots.sort((a, b) => a.off - b.off);
    }
    for (const [off, phi] of this.phis) {
      const now = this.slots.get(off)?.value;
      phi.args = [phi.args[0] as Ins, now && now.type === phi.type ? now : phi];
    }
    header.body.unshift(...this.phis.values());
  }

  // --- what arms use -----------------------------------------------------------------------------------------------

  /** Operand word of the instruction in progress. */
  word(i: number): number {
    return this.env.words[(this.pc >> 2) + i] as number;
  }

  ins(op: string, type: IrType, args: Ins[], imm: InsImm = {}): Ins {
    const ins = makeIns(this.region, this.block, op, type, args, imm, this.loc);
    this.block.body.push(ins);
    return ins;
  }

  constant(type: ValType, bits: bigint): Ins {
    return this.ins(`${type}.const`, type, [], { bits });
  }

  /** The constant of that type that begins at word `i`. */
  constantAt(i: number, type: ValType): Ins {
    let bits = 0n;
    for (let w = constWords(type) - 1; w >= 0; w--) bits = (bits << 32n) | BigInt(this.word(i + w) >>> 0);
    return this.constant(type, bits);
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
      if (local.off < zeroFrom || local.off >= zeroFrom + zeroBytes || local.type.includes('ref')) continue;
      this.store(local.off, this.constant(local.type, 0n));
    }
  }

  guard(kind: 'guard.true' | 'guard.false', cond: Ins, reason: ExitReason): void {
    this.ins(kind, 'void', [cond]).snap = this.snapshot(reason);
  }

  bounds(addr: Ins, mem: number, k: number): void {
    this.ins('guard.bounds', 'void', [addr], { mem, k }).snap = this.snapshot('bounds');
  }

  /** Guards that `count` bytes from `from` lie in the memory. */
  rangeGuard(from: Ins, count: Ins, mem: number): void {
    const wide = (x: Ins) => this.ins('i64.extend_i32_u', 'i64', [x]);
    const end = this.ins('i64.add', 'i64', [wide(from), wide(count)]);
    const size = this.ins('mem.bytes', 'i64', [], { mem });
    this.guard('guard.true', this.ins('i64.le_u', 'i32', [end, size]), 'range');
  }

  /** br_table: guards that the index selects the target that was taken. */
  switch(index: Ins, targets: readonly number[], counts: (i: number) => number): void {
    const last = targets.length - 1;
    const hits = targets.flatMap((t, i) => (t === this.next ? [i] : []));
    if (hits.length < targets.length) {
      let cond: Ins | null = null;
      for (const [from, to] of runs(hits)) {
        const c = this.inRange(index, from, to === last ? null : to);
        cond = cond ? this.ins('i32.or', 'i32', [cond, c]) : c;
      }
      if (cond) this.guard('guard.true', cond, 'switch');
    }
    this.count(counts(hits[0] as number));
  }

  /** from <= index (<= to), unsigned. */
  private inRange(index: Ins, from: number, to: number | null): Ins {
    const k = (n: number) => this.constant('i32', BigInt(n));
    if (to === null) return this.ins('i32.ge_u', 'i32', [index, k(from)]);
    if (from === to) return this.ins('i32.eq', 'i32', [index, k(from)]);
    if (from === 0) return this.ins('i32.le_u', 'i32', [index, k(to)]);
    return this.ins('i32.le_u', 'i32', [this.ins('i32.sub', 'i32', [index, k(from)]), k(to - from)]);
  }

  /** A direct call: the header of the callee's frame, then its code. */
  call(args: number, header: number, ret: number): void {
    this.store(header, this.constant('i32', BigInt(ret >>> 0)));
    this.write(this.delta + header + 4, this.ins('frame.addr', 'i32', [], { off: this.delta }));
    this.delta += args;
    this.inlined.push({ args, ret });
  }

  callIndirect(index: Ins, table: number, args: number, header: number, ret: number): void {
    const callee = this.env.map.entryOf(this.next);
    if (!callee) throw new LiftAbort('foreign-callee', this.pc);
    const id = this.ins('mirror.get', 'i32', [index], { table });
    this.guard('guard.true', this.ins('i32.eq', 'i32', [id, this.constant('i32', BigInt(callee.func + 1))]), 'callee');
    this.call(args, header, ret);
  }

  /** `effects`: what the return does besides, performed after its guard. */
  return(header: number, effects: () => void): void {
    const frame = this.inlined.pop();
    if (frame) {
      effects();
      this.delta -= frame.args;
      return;
    }
    // A return out of the frame in which the trace began: guard the caller.
    const ret = this.slot(this.delta + header, 'i32');
    this.guard('guard.true', this.ins('i32.eq', 'i32', [ret, this.constant('i32', BigInt(this.next >>> 0))]), 'return');
    effects();
    const call = this.env.map.before(this.next) as number;
    const arm = this.env.arms.at(this.env.words[call >> 2] as number);
    this.delta -= this.env.words[(call >> 2) + (arm.kind === 'indirect' ? 3 : 2)] as number;
    if (this.delta < -STACK_SLACK) throw new LiftAbort('too-deep', this.pc);
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
    call.snap = this.snapshot('interp');
    off = args;
    sig.results.forEach((t, i) => {
      const value = sig.results.length === 1 ? call : this.ins('proj', t, [call], { index: i });
      this.store(off, value);
      off += slotBytes(t);
    });
  }

  // --- slots -------------------------------------------------------------------------------------------------------

  private slot(off: number, type: ValType): Ins {
    const known = this.slots.get(off);
    if (known && known.value.type === type) return known.value;
    const value = this.header && off < this.headerTop ? this.phi(off, type) : this.entryLoad(off, type);
    this.slots.set(off, { value, written: false });
    return value;
  }

  private write(off: number, value: Ins): void {
    const wide = value.type === 'v128';
    this.slots.delete(off + 4);
    if (wide) this.slots.delete(off + 8);
    if (this.slots.get(off - 8)?.value.type === 'v128') this.slots.delete(off - 8);
    this.written.delete(off + 4);
    if (wide) this.written.delete(off + 8);
    this.slots.set(off, { value, written: true });
    this.everWritten.add(off);
    this.written.set(off, value.type as ValType);
  }

  private phi(off: number, type: ValType): Ins {
    const known = this.phis.get(off);
    if (known) return known;
    const header = this.header as Block;
    const phi = makeIns(this.region, header, 'phi', type, [this.entryLoad(off, type)], {}, this.region.entry.loc);
    this.phis.set(off, phi);
    return phi;
  }

  private entryLoad(off: number, type: ValType): Ins {
    const known = this.entryLoads.get(off);
    if (known && known.type === type) return known;
    const load = makeIns(this.region, this.entry, 'slot.load', type, [], { off }, this.region.entry.loc);
    this.entry.body.unshift(load);
    this.entryLoads.set(off, load);
    return load;
  }

  private snapshot(reason: ExitReason): Snapshot {
    const at = this.env.map.at(this.pc);
    if (!at) throw new LiftAbort('no-code', this.pc);
    const top = this.delta + at.top;
    const slots: { off: number; value: Ins }[] = [];
    const known = new Map<number, number>();
    for (const [off, slot] of this.slots) {
      if (off >= top) continue;
      // In a loop what was only read may still be written later: decided at the end.
      if (slot.written || this.header) {
        slots.push({ off, value: slot.value });
        known.set(off, valueBytes(slot.value.type));
      }
    }
    slots.sort((a, b) => a.off - b.off);
    const snap: Snapshot = {
      id: this.region.exits.length,
      reason,
      pc: this.pc,
      loc: this.loc,
      fp: this.delta,
      icount: this.icount,
      slots,
      globals: [],
      stores: [],
    };
    this.region.exits.push(snap);
    this.exitSteps.push(this.steps);
    if (this.header) this.open.push({ snap, top, known });
    return snap;
  }
}

/** Bytes of a frame that a value of that type occupies. */
function valueBytes(type: IrType): number {
  return type === 'i32' || type === 'f32' ? 4 : type === 'v128' ? 16 : 8;
}

/** True where one of the pieces (bytes by offset) shares a byte with [off, off + bytes). */
function overlaps(pieces: ReadonlyMap<number, number>, off: number, bytes: number): boolean {
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

function newBlock(id: number): Block {
  return { id, preds: [], body: [], term: { kind: 'jump', to: null as unknown as Block }, loop: false, icount: 0 };
}
