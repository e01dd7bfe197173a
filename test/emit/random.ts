/**
 * Random regions: structured code (sequences, two-way and many-way branches, loops with `break` and `continue`), so that
 * the graph is reducible, with guards, memory, globals and host calls all over. Equal seeds give equal regions.
 */
import {
  type Block,
  type Ins,
  type InsImm,
  type IrType,
  makeIns,
  type Region,
  type Snapshot,
} from '../../src/ir/ir.ts';

type Num = 'i32' | 'i64';
const LOC = { func: 0, offset: 1 };

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2654435761 + 12345) >>> 0 || 1;
  }

  /** 0 <= result < n. */
  below(n: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return Math.floor((this.state / 2 ** 32) * n);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const BINARY: Record<Num, readonly string[]> = {
  i32: [
    'i32.add',
    'i32.sub',
    'i32.mul',
    'i32.xor',
    'i32.and',
    'i32.or',
    'i32.shl',
    'i32.shr_u',
    'i32.eq',
    'i32.ne',
    'i32.lt_u',
  ],
  i64: ['i64.add', 'i64.sub', 'i64.mul'],
};

/** A loop that is open where code is being made. */
interface Open {
  header: Block;
  phis: Ins[];
  /** Values for the phis by edge. */
  edges: { from: Block; values: Ins[] }[];
  breaks: { from: Block; values: Ins[] }[];
}

export class Maker {
  readonly r: Random;
  readonly region: Region;
  block: Block;
  /** Values that dominate the present place. */
  scope: Ins[] = [];
  private readonly loops: Open[] = [];
  private budget: number;
  readonly host: boolean;
  /** No instruction may be made now. */
  private frozen = false;

  constructor(seed: number, options: { size: number; host: boolean }) {
    this.r = new Random(seed);
    this.budget = options.size;
    this.host = options.host;
    const entry: Snapshot = {
      id: 0,
      reason: 'interp',
      pc: 1000,
      loc: LOC,
      fp: 0,
      icount: 0,
      slots: [],
      globals: [],
      stores: [],
    };
    const facts = {
      memMin: [65536],
      sharedMem: [false],
      mem64: [false],
      globals: [
        { type: 'i32' as const, mutable: true, foreign: false },
        { type: 'i64' as const, mutable: true, foreign: false },
      ],
    };
    this.region = { id: 1, name: 'random', blocks: [], exits: [entry], nextId: 1, entry, facts };
    this.block = this.newBlock();
  }

  newBlock(): Block {
    const b: Block = {
      id: this.region.blocks.length,
      preds: [],
      body: [],
      term: { kind: 'exit', snap: this.region.entry },
      loop: false,
      icount: this.r.below(4),
    };
    this.region.blocks.push(b);
    return b;
  }

  add(op: string, type: IrType, args: Ins[], imm: InsImm = {}): Ins {
    const ins = makeIns(this.region, this.block, op, type, args, imm, LOC);
    this.block.body.push(ins);
    if (type !== 'void') this.scope.push(ins);
    return ins;
  }

  constant(type: Num, bits: number): Ins {
    return this.add(`${type}.const`, type, [], { bits: BigInt(bits) });
  }

  value(type: Num): Ins {
    const known = this.scope.filter((v) => v.type === type);
    if (known.length === 0 || (!this.frozen && this.r.chance(8))) return this.constant(type, this.r.below(100));
    // Recent values more often: long and short live ranges both occur.
    return this.r.chance(60) ? known[Math.max(0, known.length - 1 - this.r.below(5))]! : this.r.pick(known);
  }

  snapshot(reason: Snapshot['reason']): Snapshot {
    const { r } = this;
    const slots: Snapshot['slots'] = [];
    for (let off = -16; off <= 64; off += 8) {
      if (r.chance(35)) slots.push({ off, value: this.value(r.chance(70) ? 'i32' : 'i64') });
    }
    const id = this.region.exits.length;
    const snap: Snapshot = {
      id,
      reason,
      pc: 1000 + id,
      loc: LOC,
      fp: r.chance(20) ? 8 * r.below(6) : 0,
      icount: r.below(5),
      slots,
      globals: r.chance(10) ? [{ index: 0, value: this.value('i32') }] : [],
      stores: [],
    };
    if (!this.frozen && r.chance(10)) {
      snap.stores.push({ op: 'i32.store8', mem: 0, offset: 3, addr: this.address(), value: this.value('i32') });
    }
    this.region.exits.push(snap);
    return snap;
  }

  /** A value below 4096. */
  address(): Ins {
    return this.add('i32.and', 'i32', [this.value('i32'), this.constant('i32', 4095)]);
  }

  statement(): void {
    const { r } = this;
    switch (r.below(this.host ? 14 : 13)) {
      case 0:
        this.add('i32.load', 'i32', [this.address()], { off: r.below(64), mem: 0 });
        return;
      case 1:
        this.add('i64.load', 'i64', [this.address()], { off: r.below(64), mem: 0 });
        return;
      case 2:
        this.add('i32.store', 'void', [this.address(), this.value('i32')], { off: r.below(64), mem: 0 });
        return;
      case 3:
        this.add('global.get', r.chance(50) ? 'i32' : 'i64', [], {});
        {
          const last = this.block.body.at(-1)!;
          last.imm.index = last.type === 'i32' ? 0 : 1;
        }
        return;
      case 4: {
        const type = r.chance(50) ? 'i32' : 'i64';
        this.add('global.set', 'void', [this.value(type)], { index: type === 'i32' ? 0 : 1 });
        return;
      }
      case 5:
      case 6: {
        const cond = this.add('i32.lt_u', 'i32', [
          this.add('i32.and', 'i32', [this.value('i32'), this.constant('i32', 31)]),
          this.constant('i32', 2),
        ]);
        const on = r.chance(50) ? cond : this.value('i32');
        const snap = this.snapshot('branch');
        this.add(r.chance(50) ? 'guard.false' : 'guard.true', 'void', [on]).snap = snap;
        return;
      }
      case 7: {
        const addr = r.chance(80) ? this.address() : this.value('i32');
        const snap = this.snapshot('bounds');
        this.add('guard.bounds', 'void', [addr], { mem: 0, k: 1 + r.below(80) }).snap = snap;
        return;
      }
      case 8:
        this.add('select', 'i32', [this.value('i32'), this.value('i32'), this.value('i32')]);
        return;
      case 9:
        this.add(r.pick(['i64.extend_i32_u']), 'i64', [this.value('i32')]);
        return;
      case 10:
        this.add('i32.wrap_i64', 'i32', [this.value('i64')]);
        return;
      case 11:
        this.add('i32.div_u', 'i32', [
          this.value('i32'),
          this.add('i32.or', 'i32', [this.value('i32'), this.constant('i32', 1)]),
        ]);
        return;
      case 13: {
        const args = [this.value('i32'), this.value('i64')];
        const snap = this.snapshot('interp');
        const call = this.add('host.call', 'void', args, { func: 0, off: 96, types: ['i64', 'i32'] });
        call.snap = snap;
        if (r.chance(80)) this.add('proj', 'i64', [call], { index: 0 });
        if (r.chance(80)) this.add('proj', 'i32', [call], { index: 1 });
        return;
      }
      default: {
        const type = r.chance(70) ? 'i32' : 'i64';
        const op = r.pick(BINARY[type]);
        this.add(op, type, [this.value(type), this.value(type)]);
      }
    }
  }

  /** Goes from `from` to `to`; the caller lists all edges before phis are made. */
  private jump(from: Block, to: Block): void {
    from.term = { kind: 'jump', to };
    to.preds.push(from);
  }

  /** Straight code, then now and then something that branches. */
  code(depth: number): void {
    const { r } = this;
    for (let n = 1 + r.below(6); n > 0 && this.budget > 0 && !this.dead; n--) {
      this.budget--;
      const kind = r.below(100);
      if (kind < 70 || depth > 4) this.statement();
      else if (kind < 82) this.branch(depth);
      else if (kind < 87) this.switch(depth);
      else this.loop(depth);
    }
  }

  /** Begins `to` with phis for values that differ by edge. */
  private merge(edges: { from: Block; values: Ins[] }[], base: Ins[]): void {
    const to = this.newBlock();
    for (const e of edges) this.jump(e.from, to);
    this.block = to;
    this.scope = [...base];
    const types: Num[] = ['i32', 'i32', 'i64'];
    for (const [i, type] of types.entries()) {
      const phi = this.add(
        'phi',
        type,
        edges.map((e) => e.values[i]!),
      );
      if (this.r.chance(10)) this.scope.splice(this.scope.indexOf(phi), 1);
    }
  }

  private three(): Ins[] {
    return [this.value('i32'), this.value('i32'), this.value('i64')];
  }

  /** Code of one arm; null when it ends in an exit or leaves the loop. */
  private arm(from: Block, base: Ins[], depth: number): { from: Block; values: Ins[] } | null {
    const { r } = this;
    const b = this.newBlock();
    b.preds.push(from);
    this.block = b;
    this.scope = [...base];
    this.code(depth + 1);
    if (this.dead) {
      this.dead = false;
      return null;
    }
    const loop = this.loops.at(-1);
    const end = r.below(100);
    if (end < 10) {
      this.block.term = { kind: 'exit', snap: this.snapshot('end') };
      return null;
    }
    const edge = { from: this.block, values: this.three() };
    if (loop && end < 25) {
      loop.edges.push({ from: this.block, values: loop.phis.map((p) => this.value(p.type as Num)) });
      return null;
    }
    if (loop && end < 40) {
      loop.breaks.push(edge);
      return null;
    }
    return edge;
  }

  private finish(edges: ({ from: Block; values: Ins[] } | null)[], base: Ins[]): void {
    const live = edges.filter((e) => e !== null);
    if (live.length > 0) this.merge(live, base);
    else this.dead = true;
  }

  /** True when code after the present place cannot be reached. */
  dead = false;

  private branch(depth: number): void {
    const cond = this.value('i32');
    const from = this.block;
    const base = [...this.scope];
    const first = this.region.blocks.length;
    const a = this.arm(from, base, depth);
    const second = this.region.blocks.length;
    const b = this.arm(from, base, depth);
    const likely = this.r.pick(['then', 'else', undefined] as const);
    // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
    const term = { kind: 'branch' as const, cond, then: this.region.blocks[first]!, else: this.region.blocks[second]! };
    from.term = likely ? { ...term, likely } : term;
    this.finish([a, b], base);
  }

  private switch(depth: number): void {
    const index = this.add('i32.and', 'i32', [this.value('i32'), this.constant('i32', 7)]);
    const from = this.block;
    const base = [...this.scope];
    const arms: Block[] = [];
    const edges: ({ from: Block; values: Ins[] } | null)[] = [];
    for (let i = 2 + this.r.below(3); i > 0; i--) {
      const at = this.region.blocks.length;
      const edge = this.arm(from, base, depth);
      arms.push(this.region.blocks[at]!);
      edges.push(edge);
    }
    const cases = Array.from({ length: 2 + this.r.below(5) }, (_, i) =>
      i < arms.length - 1 ? arms[i]! : this.r.pick(arms),
    );
    for (const a of arms) if (!cases.includes(a)) cases.push(a);
    from.term = { kind: 'switch', index, cases, default: this.r.pick(arms) };
    this.finish(edges, base);
  }

  private loop(depth: number): void {
    const { r } = this;
    const before = this.block;
    const init = Array.from({ length: 1 + r.below(3) }, () => this.value(r.chance(75) ? 'i32' : 'i64'));
    const header = this.newBlock();
    header.loop = true;
    if (r.chance(20)) this.add('strip.limit', 'void', [this.value('i64')], { loop: header.id });
    this.jump(before, header);
    this.block = header;
    const base = [...this.scope];
    const phis = init.map((v) => this.add('phi', v.type, [v]));
    this.frozen = true;
    const snap = this.snapshot('loop');
    this.frozen = false;
    this.add('strip.check', 'void', []).snap = snap;
    const loop: Open = { header, phis, edges: [], breaks: [] };
    this.loops.push(loop);
    this.code(depth + 1);
    if (!this.dead) {
      const from = this.block;
      const values = phis.map((p) => {
        if (p.type === 'i32' && r.chance(50)) {
          const step = this.constant('i32', r.pick([1, 4, 4294967295, 12, 64]));
          return this.add(r.pick(['i32.add', 'i32.sub']), 'i32', [p, step]);
        }
        return this.value(p.type as Num);
      });
      if (r.chance(60)) {
        // Leaves at its end sometimes.
        const cond = this.add('i32.and', 'i32', [this.value('i32'), this.constant('i32', 7)]);
        const edge = { from, values: this.three() };
        const after = this.newBlock();
        const again = r.chance(50) ? header : this.newBlock();
        // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
        from.term = { kind: 'branch', cond, then: again, else: after };
        after.preds.push(from);
        if (again !== header) {
          again.preds.push(from);
          again.term = { kind: 'jump', to: header };
        }
        loop.edges.push({ from: again === header ? from : again, values });
        loop.breaks.push({ from: after, values: edge.values });
      } else {
        from.term = { kind: 'jump', to: header };
        loop.edges.push({ from, values });
      }
    }
    this.loops.pop();
    this.dead = false;
    for (const e of loop.edges) {
      header.preds.push(e.from);
      if (e.from.term.kind === 'exit') e.from.term = { kind: 'jump', to: header };
      for (const [i, phi] of phis.entries()) phi.args.push(e.values[i]!);
    }
    if (loop.edges.length === 0) {
      header.loop = false;
      header.body = header.body.filter((i) => i.op !== 'strip.check');
      for (const b of this.region.blocks)
        b.body = b.body.filter((i) => i.op !== 'strip.limit' || i.imm.loop !== header.id);
    }
    if (loop.breaks.length === 0) this.dead = true;
    else this.merge(loop.breaks, [...base, ...phis]);
  }

  make(): Region {
    for (const off of [0, 8, 16, -8]) this.add('slot.load', 'i32', [], { off });
    for (const off of [24, 40]) this.add('slot.load', 'i64', [], { off });
    while (this.budget > 0 && !this.dead) this.code(0);
    if (!this.dead) this.block.term = { kind: 'exit', snap: this.snapshot('end') };
    return this.region;
  }
}
