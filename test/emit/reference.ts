/**
 * Executes a region in the plainest way: one instruction after the other, values in a map. What the emitter makes of the
 * same region has to end in the same state. Knows the operations that `random.ts` uses.
 */
import { type Block, type Ins, type Region, type Snapshot, successors } from '../../src/ir/ir.ts';

export interface State {
  /** Frame bytes around fp; offset 0 is at `zero`. */
  frame: DataView;
  zero: number;
  memory: DataView;
  globals: bigint[];
  /** Iterations until a strip.check leaves. */
  strip: number;
  /** Calls of host functions: arguments and frame bytes at the time. */
  host(args: bigint[], snap: Snapshot, icount: number): bigint[];
}

export interface Outcome {
  exit: Snapshot;
  iterations: number;
  /** Guest instructions completed. */
  icount: number;
}

const u32 = (x: bigint): bigint => BigInt.asUintN(32, x);
const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const bool = (b: boolean): bigint => (b ? 1n : 0n);

type Fold = (a: bigint, b: bigint, c: bigint) => bigint;
const PURE: Record<string, Fold> = {
  'i32.add': (a, b) => u32(a + b),
  'i32.sub': (a, b) => u32(a - b),
  'i32.mul': (a, b) => u32(a * b),
  'i32.xor': (a, b) => a ^ b,
  'i32.and': (a, b) => a & b,
  'i32.or': (a, b) => a | b,
  'i32.shl': (a, b) => u32(a << (b & 31n)),
  'i32.shr_u': (a, b) => a >> (b & 31n),
  'i32.eq': (a, b) => bool(a === b),
  'i32.ne': (a, b) => bool(a !== b),
  'i32.lt_u': (a, b) => bool(a < b),
  'i32.eqz': (a) => bool(a === 0n),
  'i32.div_u': (a, b) => a / b,
  'i64.add': (a, b) => u64(a + b),
  'i64.sub': (a, b) => u64(a - b),
  'i64.mul': (a, b) => u64(a * b),
  'i64.lt_u': (a, b) => bool(a < b),
  'i64.eqz': (a) => bool(a === 0n),
  'i32.wrap_i64': (a) => u32(a),
  'i64.extend_i32_u': (a) => a,
  select: (a, b, c) => (c === 0n ? b : a),
};

class Run {
  readonly region: Region;
  readonly state: State;
  readonly values = new Map<Ins, bigint | bigint[]>();
  readonly left = new Map<Block, number>();
  iterations = 0;
  icount = 0;
  /** Counted since the point from which snapshots count: the last head, merge or entry. */
  open = 0;
  /** Slots as they were at entry. */
  readonly entry: DataView;

  constructor(region: Region, state: State) {
    this.region = region;
    this.state = state;
    this.entry = new DataView(state.frame.buffer.slice(0), state.frame.byteOffset);
  }

  get(v: Ins): bigint {
    const x = this.values.get(v);
    if (typeof x !== 'bigint') throw new Error(`v${v.id} ${v.op} has no value`);
    return x;
  }

  write(snap: Snapshot): void {
    const { frame, zero, memory, globals } = this.state;
    for (const s of snap.stores) this.store(memory, s.op, Number(this.get(s.addr)) + s.offset, this.get(s.value));
    for (const g of snap.globals) globals[g.index] = this.get(g.value);
    const values = snap.slots.map((s) => this.get(s.value));
    for (const [i, s] of snap.slots.entries()) {
      if (s.value.type === 'i64') frame.setBigUint64(zero + s.off, values[i]!, true);
      else frame.setUint32(zero + s.off, Number(values[i]), true);
    }
  }

  store(memory: DataView, op: string, at: number, value: bigint): void {
    if (op === 'i64.store') memory.setBigUint64(at, value, true);
    else if (op === 'i32.store8') memory.setUint8(at, Number(value & 255n));
    else memory.setUint32(at, Number(value), true);
  }

  /** Executes one instruction; returns the snapshot by which it leaves, if it does. */
  ins(ins: Ins): Snapshot | null {
    const { state } = this;
    const arg = (i: number): bigint => this.get(ins.args[i]!);
    const at = (): number => Number(arg(0)) + (ins.imm.off ?? 0);
    const is = (v: bigint): null => {
      this.values.set(ins, v);
      return null;
    };
    switch (ins.op) {
      case 'i32.const':
      case 'i64.const':
        return is(ins.imm.bits!);
      case 'slot.load': {
        const off = state.zero + ins.imm.off!;
        return is(ins.type === 'i64' ? this.entry.getBigUint64(off, true) : BigInt(this.entry.getUint32(off, true)));
      }
      case 'i32.load':
        return is(BigInt(state.memory.getUint32(at(), true)));
      case 'i64.load':
        return is(state.memory.getBigUint64(at(), true));
      case 'i32.store':
      case 'i64.store':
      case 'i32.store8':
        this.store(state.memory, ins.op, at(), arg(1));
        return null;
      case 'global.get':
        return is(state.globals[ins.imm.index!]!);
      case 'global.set':
        state.globals[ins.imm.index!] = arg(0);
        return null;
      case 'guard.true':
        return arg(0) === 0n ? ins.snap! : null;
      case 'guard.false':
        return arg(0) !== 0n ? ins.snap! : null;
      case 'guard.bounds':
        return arg(0) + BigInt(ins.imm.k!) > BigInt(state.memory.byteLength) ? ins.snap! : null;
      case 'strip.check': {
        const left = this.left.get(ins.block) ?? state.strip;
        this.left.set(ins.block, left - 1);
        if (left === 0) return ins.snap!;
        this.iterations++;
        return null;
      }
      case 'strip.limit': {
        const header = this.region.blocks.find((b) => b.id === ins.imm.loop)!;
        const left = this.left.get(header) ?? state.strip;
        if (arg(0) < BigInt(left)) this.left.set(header, Number(arg(0)));
        return null;
      }
      case 'host.call': {
        this.write(ins.snap!);
        const results = state.host(
          ins.args.map((a) => this.get(a)),
          ins.snap!,
          this.icount - this.open + ins.snap!.icount,
        );
        this.values.set(ins, ins.type === 'void' ? results : results[0]!);
        return null;
      }
      case 'proj':
        return is((this.values.get(ins.args[0]!) as bigint[])[ins.imm.index!]!);
      default: {
        const fold = PURE[ins.op];
        if (!fold) throw new Error(`the reference does not know ${ins.op}`);
        const [a = 0n, b = 0n, c = 0n] = ins.args.map((x) => this.get(x));
        return is(fold(a, b, c));
      }
    }
  }

  leave(exit: Snapshot): Outcome {
    this.write(exit);
    return { exit, iterations: this.iterations, icount: this.icount - this.open + exit.icount };
  }

  run(): Outcome {
    let block = this.region.blocks[0]!;
    for (let steps = 0; steps < 10000; steps++) {
      if (block.loop || block.preds.length !== 1) this.open = 0;
      for (const ins of block.body) {
        if (ins.op === 'phi') continue;
        const exit = this.ins(ins);
        if (exit) return this.leave(exit);
      }
      const t = block.term;
      if (t.kind === 'exit') return this.leave(t.snap);
      this.icount += block.icount;
      this.open += block.icount;
      const to = this.target(block);
      const at = to.preds.indexOf(block);
      const phis = to.body.filter((i) => i.op === 'phi');
      const next = phis.map((phi) => this.get(phi.args[at]!));
      for (const [i, phi] of phis.entries()) this.values.set(phi, next[i]!);
      block = to;
    }
    throw new Error('the region does not end');
  }

  target(block: Block): Block {
    const t = block.term;
    if (t.kind === 'branch') return this.get(t.cond) !== 0n ? t.then : t.else;
    if (t.kind === 'switch') return t.cases[Number(this.get(t.index))] ?? t.default;
    return successors(block)[0]!;
  }
}

/** Runs `region` on `state`, which it changes. */
export function interpret(region: Region, state: State): Outcome {
  return new Run(region, state).run();
}
