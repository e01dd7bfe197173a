/**
 * Makes a region from a recorded trace: one path, each branch on it a guard.
 *
 * A trace that closes on itself is a loop: slots that one iteration hands to the next become phis of the header. Which
 * ones is known only at the end, so snapshots are completed then.
 */
import type { Arm } from '../machine/arm.ts';
import { CALL, INDIRECT } from '../machine/arms/call.ts';
import type { CodeAt } from '../machine/code-map.ts';
import { STACK_SLACK } from '../machine/memory.ts';
import type { ValType } from '../wasm/row.ts';
import type { Block, Ins, Region, Snapshot } from './ir.ts';
import { makeIns } from './ir.ts';
import { LiftAbort, type LiftEnv, Lifter, newBlock, overlaps, valueBytes } from './lift.ts';

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
  /** Offsets of dead slots. */
  dead: ReadonlySet<number>;
}

export class LinearLifter extends Lifter {
  private readonly trace: RecordedTrace;
  private readonly header: Block | null;
  private slots = new Map<number, Slot>();
  private readonly phis = new Map<number, Ins>();
  /** Slots as the end of the trace leaves them; a wider write ends what it covers. */
  private readonly written = new Map<number, ValType>();
  private readonly everWritten = new Set<number>();
  private readonly open: OpenSnapshot[] = [];
  private headerTop = 0;
  /** Set when the trace has returned out of its frame: it ends there. */
  private returned: Snapshot | null = null;

  constructor(env: LiftEnv, trace: RecordedTrace) {
    super(env, trace.id, trace.name, trace.pcs[0] as number, trace.bypass);
    this.trace = trace;
    this.header = trace.loops ? newBlock(1) : null;
    if (this.header) {
      this.header.loop = true;
      this.header.preds.push(this.entry, this.header);
      this.entry.term = { kind: 'jump', to: this.header };
      this.region.blocks.push(this.header);
      this.block = this.header;
      this.headerTop = (env.map.at(trace.pcs[0] as number) as CodeAt).top;
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
      if (this.returned) return this.finish(trace.end);
    }
    return this.finish(trace.end);
  }

  /** A return to the host, or an indirect call that left the guest: only the interpreter does these. */
  private endsHere(arm: Arm): boolean {
    if (arm.kind === 'return' && this.inlined.length === 0) {
      if (this.env.leaveByReturn) return false;
      return this.next === this.env.halt || this.env.map.before(this.next) === undefined;
    }
    const indirect = arm.kind === 'indirect' || arm.kind === 'tail-indirect';
    if (!indirect) return false;
    if (arm.table !== undefined && !this.env.mirrored(arm.table)) return true;
    return this.env.map.entryOf(this.next) === undefined;
  }

  private finish(end: number): Region {
    const { header, region } = this;
    if (header) {
      this.block.term = { kind: 'jump', to: header };
      this.closeLoop(header);
      header.icount = this.icount;
    } else if (this.returned) {
      this.block.term = { kind: 'exit', snap: this.returned };
      this.entry.icount = this.icount;
    } else {
      this.pc = end;
      const at = this.env.map.at(end);
      if (at) this.loc = { func: at.code.func, offset: at.offset };
      this.block.term = { kind: 'exit', snap: this.snapshot('end') };
      this.entry.icount = this.icount;
    }
    this.prologue();
    return region;
  }

  private closeLoop(header: Block): void {
    // Slots that are alive at the head and were written become phis, also where only a snapshot sees them.
    for (const [off, type] of this.written) {
      if (off < this.headerTop) this.phi(off, type);
    }
    for (const o of this.open) {
      for (const [off, type] of this.written) {
        if (off >= this.headerTop || off >= o.top || o.dead.has(off) || overlaps(o.known, off, valueBytes(type)))
          continue;
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

  branch(cond: Ins, when: boolean, target: number, behind: number, n: number): void {
    // A branch to the next instruction (an empty arm) goes the same way on both outcomes.
    const taken = this.next === target;
    if (target !== behind) this.guard(taken === when ? 'guard.true' : 'guard.false', cond, 'branch');
    if (taken) this.count(n);
  }

  /** Guards that the index selects the target that was taken. */
  switch(index: Ins, targets: readonly number[], counts: (i: number) => number): void {
    this.switchGuard(index, targets, this.next);
    this.count(counts(targets.indexOf(this.next)));
  }

  return(header: number, effects: () => void): void {
    const frame = this.inlined.pop();
    if (frame) {
      effects();
      this.delta -= frame.args;
      return;
    }
    if (this.env.leaveByReturn) {
      effects();
      this.returned = this.leaveFrame(header);
      this.behind(this.returned);
      return;
    }
    // A return out of the frame in which the trace began: guard the caller.
    const ret = this.slot(this.delta + header, 'i32');
    this.guard('guard.true', this.ins('i32.eq', 'i32', [ret, this.constant('i32', BigInt(this.next >>> 0))]), 'return');
    effects();
    const call = this.env.map.before(this.next) as number;
    const arm = this.env.arms.at(this.env.words[call >> 2] as number);
    this.delta -= this.env.words[(call >> 2) + (arm.kind === 'indirect' ? INDIRECT.args : CALL.args)] as number;
    if (this.delta < -STACK_SLACK) throw new LiftAbort('too-deep', this.pc);
  }

  protected behind(snap: Snapshot): Snapshot {
    this.exitSteps[snap.id] = this.steps + 1;
    return snap;
  }

  protected slot(off: number, type: ValType): Ins {
    const known = this.slots.get(off);
    if (known && known.value.type === type) return known.value;
    const value = this.header && off < this.headerTop ? this.phi(off, type) : this.entryLoad(off, type);
    this.slots.set(off, { value, written: false });
    return value;
  }

  protected write(off: number, value: Ins): void {
    // Headers are words of four bytes, and frames overlap: what is covered in part is gone, too.
    const { slots, written } = this;
    const end = (at: number) => {
      slots.delete(at);
      written.delete(at);
    };
    const bytes = valueBytes(value.type);
    for (let at = off + 4; at < off + bytes; at += 4) end(at);
    for (const at of [off - 4, off - 8, off - 12]) {
      const before = slots.get(at)?.value.type ?? written.get(at);
      if (before && at + valueBytes(before) > off) end(at);
    }
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

  protected openSnapshot(snap: Snapshot, top: number, dropped: readonly number[]): void {
    const dead = new Set(dropped);
    const known = new Map<number, number>();
    for (const [off, slot] of this.slots) {
      if (off >= top || dead.has(off)) continue;
      // In a loop what was only read may still be written later: decided at the end.
      if (slot.written || this.header) {
        snap.slots.push({ off, value: slot.value });
        known.set(off, valueBytes(slot.value.type));
      }
    }
    snap.slots.sort((a, b) => a.off - b.off);
    if (this.header) this.open.push({ snap, top, known, dead });
  }
}
