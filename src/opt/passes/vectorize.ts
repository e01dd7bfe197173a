/**
 * Loops over arrays become SIMD. In front of an innermost loop that does the same to each element, a loop of vectors runs as
 * many iterations as are certain: no condition of the body ends the loop earlier, the strip is not used up, and no two
 * accesses touch the same bytes in an order that matters (vector/overlap.ts). It has no exits; what is left over, every exit
 * and every trap is the scalar loop's, which finds its state as if it had run all iterations itself.
 *
 *     b0: ...                            b0: v7 = (iterations that are certain) & -4
 *         jump b1                            branch (v7 >= 8 and nothing overlaps) b2 b5
 *     b1: loop                           b2: jump b3
 *         v2 = i32.load v1          =>   b3: loop: v128.load ... v128.store; branch (v7 not reached) b3 b4
 *         ...                            b4: strip.skip v7; profile.add v7
 *         jump b1                        b5: v8 = phi (as before) (as after v7 iterations)
 *                                            jump b1
 *
 * Bounds need no check of their own: what pass `strips` has put in front of the loop bounds `strip.left`. Integer
 * reductions are gathered in lanes and added up behind the vector loop. Sums of floats keep their order, so they are left
 * alone by `vectorize`; `reassociate`, which is off unless asked for by name, changes their order.
 */
import { domTree, findLoops } from '../../ir/dom.ts';
import { type Block, type Ins, type InsImm, type IrType, makeIns, type Region } from '../../ir/ir.ts';
import { isLoad, isStore, opInfo } from '../../ir/ops.ts';
import { Affine } from '../affine.ts';
import { Constants } from '../edit.ts';
import type { Pass, PassContext } from '../pass.ts';
import { Lanes, NotVector } from '../vector/lanes.ts';
import { type StraightLoop, straightLoop } from '../vector/loop.ts';
import { type Moving, mayGather } from '../vector/overlap.ts';
import { Reduction, useCounts } from '../vector/reductions.ts';
import { type Maker, tripCount } from '../vector/trips.ts';
import { Widths } from '../vector/widths.ts';

const RULES = ['loop', 'reduction', 'overlap-check'] as const;

/** Comparisons in front of a loop at most. */
const MOST_CHECKS = 12;
/** Vectors of one value at most: more would not stay in registers. */
const MOST_PARTS = 4;
/** Turns of the vector loop at least. */
const LEAST_TURNS = 2;

class Vectorizer {
  readonly region: Region;
  readonly context: PassContext;
  readonly constants: Constants;
  readonly straight: StraightLoop;
  readonly floats: boolean;
  readonly preheader: Block;
  /** What goes to the end of the preheader. */
  readonly out: Ins[] = [];
  readonly affine: Affine;
  readonly maker: Maker;
  /** Fresh blocks: in front of the vector loop, the vector loop, behind it, in front of the scalar loop. */
  readonly blocks: { before: Block; body: Block; after: Block; merge: Block };

  constructor(region: Region, context: PassContext, constants: Constants, straight: StraightLoop, floats: boolean) {
    this.region = region;
    this.context = context;
    this.constants = constants;
    this.straight = straight;
    this.floats = floats;
    this.preheader = straight.loop.preheader!;
    this.affine = new Affine(region, straight.loop, this.out);
    let id = region.blocks.reduce((most, b) => Math.max(most, b.id), 0);
    const block = (): Block => ({
      id: ++id,
      preds: [],
      body: [],
      term: { kind: 'jump', to: this.preheader },
      loop: false,
      icount: 0,
    });
    this.blocks = { before: block(), body: block(), after: block(), merge: block() };
    this.maker = {
      make: (op, type, args, imm) => this.make(this.preheader, this.out, op, type, args, imm),
      constant: (type, bits) => this.constant(type, bits),
    };
  }

  constant(type: IrType, bits: bigint): Ins {
    return this.constants.get(type, bits, this.straight.loop.header.body[0]!.loc);
  }

  make(block: Block, list: Ins[], op: string, type: IrType, args: Ins[], imm: InsImm = {}): Ins {
    const { loc } = this.straight.loop.header.body[0]!;
    const ins = makeIns(this.region, block, op, type, args, imm, loc);
    list.push(ins);
    return ins;
  }

  /** Makes an instruction behind the vector loop. */
  readonly after = (op: string, type: IrType, args: Ins[], imm: InsImm = {}): Ins =>
    this.make(this.blocks.after, this.blocks.after.body, op, type, args, imm);

  inside(ins: Ins): boolean {
    return this.straight.loop.blocks.has(ins.block);
  }

  /** Accesses that become vectors: all stores, and the loads whose values are wanted in lanes. */
  accesses(roots: readonly Ins[]): Ins[] {
    const wanted = new Set<Ins>();
    const work = [...roots, ...this.straight.body.filter(isStore).map((s) => s.args[1]!)];
    for (let ins = work.pop(); ins; ins = work.pop()) {
      if (wanted.has(ins) || !this.inside(ins) || ins.op === 'phi') continue;
      wanted.add(ins);
      if (!isLoad(ins)) work.push(...ins.args);
    }
    return this.straight.body.filter((ins) => isStore(ins) || (isLoad(ins) && wanted.has(ins)));
  }

  moving(ins: Ins): Moving {
    const addr = ins.args[0]!;
    const { bytes } = opInfo(ins.op);
    const stride = this.affine.stride(addr);
    if (stride !== BigInt(bytes) && (stride !== 0n || isStore(ins))) throw new NotVector();
    const imm = { mem: ins.imm.mem ?? 0, offset: ins.imm.off ?? 0 };
    return { ...imm, addr: this.affine.at(addr, 0), bytes, store: isStore(ins), stride: Number(stride) };
  }

  /** Iterations in one turn: a vector of the narrowest elements, but not too many vectors of the widest. */
  count(accesses: readonly Moving[]): number {
    let least = 8;
    let most = 4;
    for (const a of accesses) if (a.stride !== 0) least = Math.min(least, a.bytes);
    for (const ins of this.straight.body) if (ins.type === 'i64' || ins.type === 'f64') most = 8;
    if (!accesses.some((a) => a.stride !== 0)) least = most;
    return Math.min(16 / least, (MOST_PARTS * 16) / most);
  }

  /** All comparisons that must hold for `count` iterations to be gathered, `n` in all. */
  checks(accesses: readonly Moving[], count: number, n: Ins): Ins[] {
    const list: Ins[] = [];
    for (const [i, last] of accesses.entries()) {
      for (const first of accesses.slice(0, i)) {
        const ok = mayGather(first, last, count, n, this.maker);
        if (ok === false) throw new NotVector();
        if (ok !== true) list.push(ok);
        if (list.length > MOST_CHECKS) throw new NotVector();
      }
    }
    return list;
  }

  /** Iterations that are certain, a multiple of `count`: an i32. */
  trips(count: number): Ins {
    const { make } = this.maker;
    let n = make('strip.left', 'i32', [], { loop: this.straight.loop.header.id });
    for (const stay of this.straight.stays) {
      const t = tripCount(stay, this.affine, this.maker);
      if (!t) throw new NotVector();
      n = make('select', 'i32', [t, n, make('i32.lt_u', 'i32', [t, n])]);
    }
    return make('i32.and', 'i32', [n, this.constant('i32', BigInt.asUintN(32, BigInt(-count)))]);
  }

  /** The value of affine `ins` in iteration n. */
  later(ins: Ins, n: Ins): Ins {
    const first = this.affine.at(ins, 0);
    const stride = this.affine.stride(ins);
    if (stride === 0n) return first;
    const { type } = ins;
    const step =
      typeof stride === 'bigint'
        ? this.constant(type, stride)
        : this.maker.make(`${type}.sub`, type, [this.affine.at(ins, 1), first]);
    const times = type === 'i64' ? this.after('i64.extend_i32_u', 'i64', [n]) : n;
    return this.after(`${type}.add`, type, [first, this.after(`${type}.mul`, type, [times, step])]);
  }

  run(): void {
    const { straight, blocks, after } = this;
    const { phis, back, loop } = straight;
    const uses = useCounts(straight);
    const reductions = new Map<Ins, Reduction>();
    /** Phis that only exits read: what they get in the last iteration. */
    const carried: Ins[] = [];
    for (const phi of phis) {
      if (this.affine.stride(phi) !== null) continue;
      const r = Reduction.find(straight, phi, uses, this.floats);
      if (r) reductions.set(phi, r);
      else if ((uses.get(phi) ?? 0) === 0) carried.push(phi);
      else throw new NotVector();
    }
    const nexts = carried.map((phi) => phi.args[back]!);
    const sources = [...reductions.values()].flatMap((r) => r.sources);
    const accesses = this.accesses([...nexts, ...sources]);
    if (accesses.length === 0) throw new NotVector();
    const places = accesses.map((ins) => this.moving(ins));
    const count = this.count(places);
    const n = this.trips(count);
    const checks = this.checks(places, count, n);
    const { context } = this;
    const rules = [
      'loop',
      ...(reductions.size > 0 ? ['reduction'] : []),
      ...(checks.length > 0 ? ['overlap-check'] : []),
    ];
    if (!rules.every((rule) => context.may(rule))) throw new NotVector();
    const widths = new Widths(
      straight.body,
      phis.map((p) => p.args[back]!),
      (ins) => this.inside(ins),
    );
    const lanes = new Lanes(this.region, straight, this.affine, widths, this.constants, blocks, count);
    for (const ins of accesses) {
      if (isStore(ins)) lanes.store(ins);
      else lanes.value(ins);
    }
    const results = new Map<Ins, Ins>();
    const onEntry = (phi: Ins) => phi.args[loop.header.preds.indexOf(this.preheader)]!;
    for (const [phi, r] of reductions) results.set(phi, r.build(lanes, onEntry(phi), after));
    for (const phi of carried) results.set(phi, this.last(lanes, phi.args[back]!, n));
    for (const phi of phis) if (!results.has(phi)) results.set(phi, this.later(phi, n));
    this.finish(lanes, n);
    this.connect(n, count, checks, results);
    this.context.fired('loop');
    for (const _ of reductions) this.context.fired('reduction');
    for (const _ of checks) this.context.fired('overlap-check');
  }

  /** The value of `ins` in the last of n iterations. */
  last(lanes: Lanes, ins: Ins, n: Ins): Ins {
    if (!this.inside(ins)) return ins;
    if (this.affine.stride(ins) !== null)
      return this.later(ins, this.after('i32.sub', 'i32', [n, this.constant('i32', 1n)]));
    return lanes.lastOf(ins, this.after);
  }

  /** The end of the vector loop: counts down. */
  finish(lanes: Lanes, n: Ins): void {
    const { body } = this.blocks;
    const left = lanes.phi('i32', n);
    left.args.push(lanes.emit('i32.sub', 'i32', [left, this.constant('i32', BigInt(lanes.count))]));
    body.body.unshift(...lanes.phis);
    body.loop = true;
    for (const b of this.straight.loop.blocks) body.icount += lanes.count * b.icount;
    // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
    body.term = { kind: 'branch', cond: left.args[1]!, then: body, else: this.blocks.after, likely: 'then' };
  }

  /** Puts the new blocks into the region. */
  connect(n: Ins, count: number, checks: readonly Ins[], results: ReadonlyMap<Ins, Ins>): void {
    const { region, preheader, straight, maker: m } = this;
    const { before, body, after, merge } = this.blocks;
    const { header } = straight.loop;
    const least = this.constant('i32', BigInt(LEAST_TURNS * count));
    let go = m.make('i32.ge_u', 'i32', [n, least]);
    for (const c of checks) go = m.make('i32.and', 'i32', [go, c]);
    this.after('strip.skip', 'void', [n], { loop: header.id });
    for (const { imm } of straight.counters) {
      const wide = this.after('i64.extend_i32_u', 'i64', [n]);
      this.after('profile.add', 'void', [wide], { index: imm.index ?? 0 });
    }
    preheader.body.push(...this.out);
    // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
    preheader.term = { kind: 'branch', cond: go, then: before, else: merge };
    before.preds = [preheader];
    before.term = { kind: 'jump', to: body };
    body.preds = [before, body];
    after.preds = [body];
    after.term = { kind: 'jump', to: merge };
    merge.preds = [preheader, after];
    merge.term = { kind: 'jump', to: header };
    const at = header.preds.indexOf(preheader);
    header.preds[at] = merge;
    for (const phi of straight.phis) {
      const value = makeIns(region, merge, 'phi', phi.type, [phi.args[at]!, results.get(phi)!], {}, phi.loc);
      merge.body.push(value);
      phi.args[at] = value;
    }
    // Behind the scalar loop, whose header stands for the region in counts.
    region.blocks.push(before, body, after, merge);
  }
}

function vectorizeAll(region: Region, context: PassContext, floats: boolean): void {
  const loops = findLoops(domTree(region)).filter((l) => [...l.blocks].every((b) => b === l.header || !b.loop));
  const candidates = loops.flatMap((l) => straightLoop(region, l) ?? []);
  if (candidates.length === 0) return;
  const constants = new Constants(region);
  for (const straight of candidates) {
    try {
      new Vectorizer(region, context, constants, straight, floats).run();
    } catch (e) {
      if (!(e instanceof NotVector)) throw e;
    }
  }
  constants.flush();
}

export const vectorize: Pass = {
  name: 'vectorize',
  doc: 'runs loops over arrays in vectors as far as nothing can be told from it',
  rules: RULES,
  run: (region, context) => vectorizeAll(region, context, false),
};

export const reassociate: Pass = {
  name: 'reassociate',
  doc: 'does what vectorize does also to sums and products of floats, in another order: results may differ in their last bits',
  rules: RULES,
  run: (region, context) => vectorizeAll(region, context, true),
};
