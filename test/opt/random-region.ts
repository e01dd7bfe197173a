/**
 * Random regions with loops in loops, joins, guards, aliasing memory accesses, globals and host calls. Variables are frame
 * slots: every exit writes all of them, so two ways of executing a region can be compared wherever they leave.
 *
 * Memory has one page. Addresses are below 32768, so that no bounds guard fails, but the facts do not say so.
 */
import type { Block, Ins, InsImm, IrType, Region, Snapshot } from '../../src/ir/ir.ts';
import { makeIns } from '../../src/ir/ir.ts';

/** Types of the variables; variable i is the slot at 8 * i. The last two i32 are addresses of objects. */
const VARIABLES: readonly IrType[] = ['i32', 'i32', 'i32', 'i64', 'f64', 'i32', 'i32'];
export const FRAME = 8 * VARIABLES.length;
const BASES = [5, 6];
/** Guest that such a region belongs to. */
export const GUEST = `(module (import "e" "h" (func (param i32) (result i32)))
  (memory (export "mem0") 1) (global (export "global0") (mut i32) (i32.const 64)))`;

const LOC = { func: 0, offset: 0 };
const LOADS = [
  'i32.load',
  'i32.load8_s',
  'i32.load8_u',
  'i32.load16_s',
  'i64.load',
  'i64.load32_u',
  'f64.load',
  'f32.load',
];
const STORES = ['i32.store', 'i32.store8', 'i32.store16', 'i64.store', 'i64.store32', 'f64.store'];
const BYTES: Record<string, number> = { '8': 1, '16': 2, '32': 4 };

export type Random = (below: number) => number;

/** Uniform numbers from a seed (xorshift32). */
export function random(seed: number): Random {
  let x = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

class Generator {
  readonly region: Region;
  readonly r: Random;
  block: Block;
  /** Values of the variables at the current place. */
  now: Ins[] = [];
  depth = 0;
  /** Statements that may still be made. */
  budget: number;
  /** A condition that was tested on all ways to the current place. */
  tested: Ins | null = null;

  constructor(seed: number, budget: number) {
    this.r = random(seed);
    this.budget = budget;
    const b0 = this.newBlock(0, []);
    this.block = b0;
    const entry: Snapshot = {
      id: 0,
      reason: 'interp',
      pc: 1,
      loc: LOC,
      fp: 0,
      icount: 0,
      slots: [],
      globals: [],
      stores: [],
    };
    this.region = {
      id: 1,
      name: 'random',
      blocks: [b0],
      exits: [entry],
      nextId: 1,
      entry,
      facts: {
        memMin: [0],
        sharedMem: [false],
        mem64: [false],
        globals: [{ type: 'i32', mutable: true, foreign: false }],
      },
    };
  }

  newBlock(id: number, preds: Block[]): Block {
    return { id, preds, body: [], term: null as unknown as Block['term'], loop: false, icount: 0 };
  }

  addBlock(...preds: Block[]): Block {
    const b = this.newBlock(this.region.blocks.length, preds);
    this.region.blocks.push(b);
    return b;
  }

  ins(op: string, type: IrType, args: Ins[] = [], imm: InsImm = {}): Ins {
    const ins = makeIns(this.region, this.block, op, type, args, imm, LOC);
    this.block.body.push(ins);
    return ins;
  }

  i32(n: number): Ins {
    return this.ins('i32.const', 'i32', [], { bits: BigInt.asUintN(32, BigInt(n)) });
  }

  snapshot(reason: Snapshot['reason']): Snapshot {
    const slots = this.now.map((value, i) => ({ off: 8 * i, value }));
    const id = this.region.exits.length;
    const snap: Snapshot = { id, reason, pc: id + 1, loc: LOC, fp: 0, icount: 0, slots, globals: [], stores: [] };
    this.region.exits.push(snap);
    return snap;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.r(list.length)]!;
  }

  variable(type: IrType): number {
    return this.pick(VARIABLES.flatMap((t, i) => (t === type && !BASES.includes(i) ? [i] : [])));
  }

  value(type: IrType, depth = 2): Ins {
    const { r } = this;
    if (depth === 0 || r(4) === 0) {
      if (type === 'i32' && r(3) === 0) return this.i32(this.pick([0, 1, 2, 4, 8, -1, 255, 24, 31]));
      return this.now[this.variable(type)]!;
    }
    if (type === 'f64') {
      if (r(3) === 0) return this.ins('f64.convert_i32_s', 'f64', [this.value('i32', depth - 1)]);
      return this.ins(this.pick(['f64.add', 'f64.mul', 'f64.sub']), 'f64', [
        this.value('f64', depth - 1),
        this.value('f64', depth - 1),
      ]);
    }
    if (type === 'i64' && r(3) === 0) return this.ins('i64.extend_i32_u', 'i64', [this.value('i32', depth - 1)]);
    if (type === 'i32' && r(6) === 0) return this.ins('i32.wrap_i64', 'i32', [this.value('i64', depth - 1)]);
    if (type === 'i32' && r(6) === 0)
      return this.ins('select', 'i32', [this.value('i32', 1), this.value('i32', 1), this.condition()]);
    if (type === 'i32' && r(8) === 0) return this.ins('global.get', 'i32', [], { index: 0 });
    const op = this.pick(['add', 'add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shr_u', 'shr_s']);
    return this.ins(`${type}.${op}`, type, [this.value(type, depth - 1), this.value(type, depth - 1)]);
  }

  condition(): Ins {
    const op = this.pick(['i32.lt_s', 'i32.lt_u', 'i32.eq', 'i32.ne', 'i32.gt_s']);
    const cond = this.ins(op, 'i32', [this.value('i32', 1), this.value('i32', 1)]);
    return this.r(4) === 0 ? this.ins('i32.eqz', 'i32', [cond]) : cond;
  }

  /** An address and static offset, guarded. */
  address(bytes: number): { addr: Ins; off: number } {
    let addr = this.now[this.pick(BASES)]!;
    const kind = this.r(6);
    if (kind === 0) addr = this.ins('i32.add', 'i32', [addr, this.i32(this.r(16))]);
    if (kind === 1) {
      const index = this.ins('i32.and', 'i32', [this.value('i32', 1), this.i32(15)]);
      addr = this.ins('i32.add', 'i32', [addr, this.ins('i32.shl', 'i32', [index, this.i32(this.r(3))])]);
    }
    if (kind === 2) addr = this.i32(this.r(64));
    const off = this.r(24);
    const guard = this.ins('guard.bounds', 'void', [addr], { mem: 0, k: off + bytes });
    guard.snap = this.snapshot('bounds');
    return { addr, off };
  }

  set(i: number, value: Ins): void {
    this.now[i] = value;
  }

  statement(): void {
    const { r } = this;
    this.budget--;
    switch (r(14)) {
      case 0:
      case 1: {
        const i = r(5);
        this.set(i, this.value(VARIABLES[i]!));
        break;
      }
      case 2:
      case 3:
      case 4: {
        const op = this.pick(LOADS);
        const type = op.slice(0, 3) as IrType;
        const { addr, off } = this.address(bytesOf(op));
        const v = this.ins(op, type, [addr], { mem: 0, off });
        this.set(
          this.variable(type === 'f32' ? 'f64' : type),
          type === 'f32' ? this.ins('f64.promote_f32', 'f64', [v]) : v,
        );
        break;
      }
      case 5:
      case 6:
      case 7: {
        const op = this.pick(STORES);
        const value = this.value(op.slice(0, 3) as IrType, 1);
        const { addr, off } = this.address(bytesOf(op));
        this.ins(op, 'void', [addr, value], { mem: 0, off });
        break;
      }
      case 8: {
        // Adds to a word of an object, as counters do.
        const { addr, off } = this.address(4);
        const old = this.ins('i32.load', 'i32', [addr], { mem: 0, off });
        this.ins('i32.store', 'void', [addr, this.ins('i32.add', 'i32', [old, this.value('i32', 1)])], { mem: 0, off });
        break;
      }
      case 9: {
        // Rarely fails: most random comparisons with 77 go one way.
        const cond = this.ins('i32.eq', 'i32', [this.value('i32', 1), this.i32(77)]);
        this.ins('guard.false', 'void', [cond]).snap = this.snapshot('branch');
        break;
      }
      case 10:
        this.ins('global.set', 'void', [this.value('i32', 1)], { index: 0 });
        break;
      case 11:
        if (r(6) === 0) {
          const call = this.ins('host.call', 'i32', [this.value('i32', 1)], { func: 0, off: FRAME, types: ['i32'] });
          call.snap = this.snapshot('interp');
          this.set(0, call);
        }
        break;
      case 12:
        this.choice();
        break;
      default:
        if (this.depth < 2) this.inner(r(4) + 1);
    }
  }

  statements(n: number): void {
    while (n-- > 0 && this.budget > 0) this.statement();
  }

  /** Two conditions, of which the second is asked for where the first holds: a phi with a constant. */
  both(): Ins {
    const cond = this.condition();
    const no = this.i32(0);
    const from = this.block;
    const second = this.addBlock(from);
    this.block = second;
    const other = this.condition();
    const join = this.addBlock(from, second);
    // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
    from.term = { kind: 'branch', cond, then: second, else: join };
    second.term = { kind: 'jump', to: join };
    this.block = join;
    return this.ins('phi', 'i32', [no, other]);
  }

  /** if / else; the variables meet in phis. */
  choice(): void {
    const kind = this.r(4);
    const cond = kind === 0 ? this.both() : ((kind === 1 ? this.tested : null) ?? this.condition());
    const from = this.block;
    const before = [...this.now];
    const arms: { block: Block; now: Ins[] }[] = [];
    const starts = [this.addBlock(from), this.addBlock(from)] as const;
    // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
    from.term = { kind: 'branch', cond, then: starts[0], else: starts[1] };
    for (const start of starts) {
      this.block = start;
      this.now = [...before];
      this.tested = cond;
      if (kind !== 3) this.statements(this.r(3));
      else {
        // Ways that only count and choose a value.
        this.count();
        const i = this.variable('i32');
        if (this.r(2) === 0) this.set(i, this.value('i32', 1));
      }
      arms.push({ block: this.block, now: this.now });
    }
    this.tested = cond;
    const join = this.addBlock(...arms.map((a) => a.block));
    for (const a of arms) a.block.term = { kind: 'jump', to: join };
    this.block = join;
    this.now = VARIABLES.map((type, i) => {
      const [x, y] = arms.map((a) => a.now[i]!) as [Ins, Ins];
      return x === y ? x : this.ins('phi', type, [x, y]);
    });
  }

  /** Starts a loop: phis for all variables, and a counter that is none. */
  header(start: Ins): { block: Block; phis: Ins[]; counter: Ins } {
    const from = this.block;
    const block = this.addBlock(from);
    block.loop = true;
    from.term = { kind: 'jump', to: block };
    this.block = block;
    const counter = this.ins('phi', 'i32', [start]);
    const phis = VARIABLES.map((type, i) => this.ins('phi', type, [this.now[i]!]));
    this.now = [...phis];
    return { block, phis, counter };
  }

  close(h: { block: Block; phis: Ins[]; counter: Ins }, next: Ins): void {
    h.block.preds.push(this.block);
    h.counter.args.push(next);
    for (const [i, phi] of h.phis.entries()) phi.args.push(this.now[i]!);
  }

  /** Counts executions of the current block, in regions that count. */
  count(): void {
    const { region } = this;
    if (region.counters !== undefined) this.ins('profile.count', 'void', [], { index: region.counters++ });
  }

  /** An inner loop of `times` iterations. */
  inner(times: number): void {
    this.depth++;
    const before = [...this.now];
    const h = this.header(this.i32(0));
    this.count();
    // Some are rows of a matrix.
    if (this.r(3) === 0) {
      const row = this.ins('i32.mul', 'i32', [h.counter, before[this.r(3)]!]);
      this.set(this.r(3), this.ins('i32.add', 'i32', [row, before[this.r(3)]!]));
    }
    this.statements(4);
    // Some variables differ in the first iteration only.
    for (const i of [0, 1, 2]) if (this.r(4) === 0) this.set(i, before[this.r(3)]!);
    const next = this.ins('i32.add', 'i32', [h.counter, this.i32(1)]);
    const more = this.ins('i32.lt_u', 'i32', [next, this.i32(times)]);
    const after = this.addBlock(this.block);
    // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
    this.block.term = { kind: 'branch', cond: more, then: h.block, else: after };
    this.close(h, next);
    this.block = after;
    this.depth--;
  }

  run(): Region {
    this.now = VARIABLES.map((type, i) => this.ins('slot.load', type, [], { off: 8 * i }));
    const count = this.ins('slot.load', 'i32', [], { off: FRAME });
    const h = this.header(count);
    // The counter lives in a slot too, so that the region can be entered again at its head.
    const snapshot = this.snapshot.bind(this);
    this.snapshot = (reason) => {
      const snap = snapshot(reason);
      snap.slots.push({ off: FRAME, value: h.counter });
      return snap;
    };
    this.ins('strip.check', 'void').snap = this.snapshot('loop');
    if (this.r(2) === 0) this.region.counters = 0;
    this.count();
    this.statements(12);
    const next = this.ins('i32.sub', 'i32', [h.counter, this.i32(1)]);
    this.ins('guard.true', 'void', [next]).snap = this.snapshot('end');
    this.block.term = { kind: 'jump', to: h.block };
    this.close(h, next);
    return this.region;
  }
}

function bytesOf(op: string): number {
  const narrow = /(8|16|32)(_[su])?$/.exec(op.slice(4));
  return narrow ? BYTES[narrow[1]!]! : op.startsWith('i64') || op.startsWith('f64') ? 8 : 4;
}

/** A region from a seed with about `size` statements. */
export function randomRegion(seed: number, size: number): Region {
  return new Generator(seed, size).run();
}
