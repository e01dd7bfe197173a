/**
 * Register promotion: memory at an address that does not change lives in a value during a loop. It is loaded in front of
 * the loop, carried by a phi, and written back where the loop is left: by the snapshots of its exits, and on the edges to
 * what follows. The variables of unoptimized guests, accumulators and fields of one object become locals.
 *
 *     b1: loop                                b0:
 *       v4 = i32.load v1 offset=8               v9 = i32.load v1 offset=8
 *       v5 = i32.add v4 v2               =>   b1: loop
 *       i32.store v1 v5 offset=8                v10 = phi i32 v9 v5
 *       guard.true v5 !branch {}                v5 = i32.add v10 v2
 *                                               guard.true v5 !branch {i32.store[v1+8]:v5}
 *
 * Where another access of the loop might touch the same bytes, a guard in front of it leaves in that case (`alias`).
 */
import { BlockMap, type DomTree, domTree, findLoops, type Loop } from '../../ir/dom.ts';
import {
  type Block,
  type Ins,
  type InsImm,
  type IrType,
  makeIns,
  type Region,
  type Snapshot,
  successors,
} from '../../ir/ir.ts';
import { isStore } from '../../ir/ops.ts';
import { SsaVariable } from '../../ir/ssa.ts';
import type { NumType, ValType } from '../../wasm/row.ts';
import { Affine } from '../affine.ts';
import { placeOfPending, samePlace } from '../alias.ts';
import { knownAt } from '../bounds.ts';
import { Constants, cloneSnapshot, Replacements, splitEdge } from '../edit.ts';
import { forward, type Maker } from '../forward.ts';
import { LoopEntry } from '../hoist.ts';
import type { Pass, PassContext } from '../pass.ts';
import { type Access, PromotionPlan, type Run, type Slot, snapshotAbove } from '../promotion.ts';

const RULES = ['slot', 'read-only-slot'] as const;
const CHECKED_RULES = [...RULES, 'check', 'check-outside'] as const;

/** Places promoted in one loop: each is a local of the fragment and a store in every exit. */
const MOST_SLOTS = 48;

/** How often a loop is taken to go round where gains and costs of different depths are weighed. */
const TRIPS = 8;

/** How a slot is kept: the access whose shape the value has, and the load that reads it in front of the loop. */
interface Shape {
  readonly have: string;
  readonly type: ValType;
  readonly load: string;
}

/** The shape that all accesses of a slot fit, or null. */
function shapeOf(slot: Slot, test: Maker): Shape | null {
  const stores = slot.accesses.filter((a) => a.store);
  const first = (stores[0] ?? slot.accesses[0]!).ins;
  if (!/^(i32|i64|f32|f64|v128)\.(load|store)(8|16|32)?(_[su])?$/.test(first.op)) return null;
  if (stores.some((a) => a.ins.op !== first.op)) return null;
  const value = isStore(first) ? first.args[1]! : first;
  const fits = slot.accesses.every((a) => a.store || forward(first.op, value, a.ins.op, test) !== null);
  if (!fits) return null;
  const load = isStore(first) ? first.op.replace('store', 'load').replace(/(8|16|32)$/, '$1_u') : first.op;
  return { have: first.op, type: value.type as ValType, load };
}

class Promoter {
  readonly region: Region;
  readonly context: PassContext;
  readonly loop: Loop;
  readonly preheader: Block;
  readonly entry: LoopEntry;
  readonly constants: Constants;
  readonly plan: PromotionPlan;
  readonly same: Replacements;
  /** What is put at the end of the preheader. */
  readonly out: Ins[] = [];
  readonly shapes = new Map<Slot, Shape>();
  /** Executions of a block for each trip of the loop, estimated by the loops inside it. */
  readonly #weights: BlockMap<number>;

  constructor(region: Region, context: PassContext, loop: Loop, inner: readonly Loop[], constants: Constants) {
    this.region = region;
    this.same = new Replacements(region);
    this.context = context;
    this.loop = loop;
    this.preheader = loop.preheader!;
    this.entry = new LoopEntry(region, loop);
    this.constants = constants;
    this.plan = new PromotionPlan(region, loop);
    this.#weights = weightsIn(loop, inner);
  }

  /** `checks`: also slots that others may touch, with a check. */
  run(dom: DomTree, checks: boolean): void {
    if (!this.plan.possible || this.context.spent) return;
    this.plan.findSlots(knownAt(this.region, dom, this.preheader).bounds, (slot) => this.#fits(slot));
    const chosen = this.#choose(checks && this.context.may('check') && this.context.may('check-outside'));
    this.#checks(chosen);
    let left = MOST_SLOTS;
    const may = (slot: Slot) => this.context.may(slot.stored ? 'slot' : 'read-only-slot');
    for (const run of chosen) for (const slot of run.slots) if (left-- > 0 && may(slot)) this.#promote(slot);
    this.preheader.body.push(...this.out);
    if (this.same.size > 0) for (const b of this.region.blocks) this.same.rewrite(b);
  }

  #fits(slot: Slot): boolean {
    const make = (op: string, type: IrType, args: Ins[], imm: InsImm): Ins =>
      makeIns(this.region, this.preheader, op, type, args, imm, this.region.entry.loc);
    const shape = shapeOf(slot, {
      op: (name, type, args) => make(name, type, args, {}),
      constant: (type, bits) => make(`${type}.const`, type, [], { bits }),
    });
    if (shape) this.shapes.set(slot, shape);
    return shape !== null;
  }

  /** Runs whose slots are promoted: what is saved in an iteration against the checks that stay in it. */
  #choose(checks: boolean): Run[] {
    const affine = new Affine(this.region, this.loop, []);
    return this.plan.runs.filter((run) => {
      let gain = 0;
      for (const { accesses } of run.slots) for (const { ins } of accesses) gain += this.#weights.get(ins.block)!;
      const conflicts = this.plan.conflicts(run);
      if (gain === 0 || (conflicts.length > 0 && !checks)) return false;
      let cost = 0;
      for (const c of conflicts) {
        if (c.fixed) {
          if (!this.entry.possible) return false;
          continue;
        }
        if (!snapshotAbove(first(c).block, first(c))) return false;
        // Checks of affine addresses are moved in front of the loop later.
        const often = this.#weights.get(first(c).block)!;
        cost += typeof affine.stride(first(c).args[0]!) === 'bigint' ? often / 4 : often;
      }
      return gain > cost;
    });
  }

  #checks(chosen: readonly Run[]): void {
    // A check covers both directions, but a conflict may exist in one only: a slot that is read against stores.
    const checked = new Map<Run, Run[]>(this.plan.runs.map((r) => [r, []]));
    for (const run of chosen) {
      for (const c of this.plan.conflicts(run)) {
        if (checked.get(c)!.includes(run)) continue;
        checked.get(run)!.push(c);
        this.#check(run, c);
      }
    }
  }

  #make(list: Ins[], block: Block, op: string, type: IrType, args: Ins[], like: Ins, imm: InsImm = {}): Ins {
    const ins = makeIns(this.region, block, op, type, args, imm, like.loc);
    list.push(ins);
    return ins;
  }

  /** Leaves when two runs overlap: (other.start + other.bytes - 1 - run.start) mod 2^N < run.bytes + other.bytes - 1. */
  #check(run: Run, other: Run): void {
    const ins = first(other);
    const block = other.fixed ? this.preheader : ins.block;
    const list: Ins[] = [];
    const { width } = other.accesses[0]!.place;
    const type = width === 64 ? 'i64' : 'i32';
    const number = (n: bigint) => this.constants.get(type, BigInt.asUintN(width, n), ins.loc);
    const op = (name: string, a: Ins, b: Ins) =>
      this.#make(list, block, `${type}.${name}`, name === 'ge_u' ? 'i32' : type, [a, b], ins);
    const c = other.low + other.bytes - 1n - run.low;
    let start = other.base ? op('add', other.base, number(c)) : number(c);
    if (run.base) start = op('sub', start, run.base);
    const apart = op('ge_u', start, number(run.bytes + other.bytes - 1n));
    const guard = this.#make(list, block, 'guard.true', 'void', [apart], ins);
    if (other.fixed) {
      guard.snap = this.entry.exit('alias');
      this.out.push(...list);
    } else {
      guard.snap = cloneSnapshot(this.region, snapshotAbove(block, ins)!, { reason: 'alias' });
      block.body.splice(block.body.indexOf(ins), 0, ...list);
    }
    this.context.fired(other.fixed ? 'check-outside' : 'check');
  }

  /** The slot's address, available in front of the loop, and the static offset. */
  #address(slot: Slot): { addr: Ins; off: number } {
    const { ins, place } = slot.accesses[0]!;
    const known = slot.accesses.find((a) => this.plan.outside(a.ins.args[0]!));
    if (known) return { addr: known.ins.args[0]!, off: known.ins.imm.off ?? 0 };
    const off = ins.imm.off ?? 0;
    const type = ins.args[0]!.type;
    const c = this.constants.get(type, BigInt.asUintN(place.width, place.at.c - BigInt(off)), ins.loc);
    const addr = place.at.base ? this.#make(this.out, this.preheader, `${type}.add`, type, [place.at.base, c], ins) : c;
    return { addr, off };
  }

  #promote(slot: Slot): void {
    const shape = this.shapes.get(slot)!;
    const first = slot.accesses[0]!.ins;
    const { addr, off } = this.#address(slot);
    const initial = this.#make(this.out, this.preheader, shape.load, shape.type, [addr], first, {
      mem: slot.place.mem,
      off,
    });
    this.context.fired(slot.stored ? 'slot' : 'read-only-slot');
    const variable = new SsaVariable(this.region, shape.type, first.loc);
    const mine = new Map(slot.accesses.map((a) => [a.ins, a]));
    variable.write(this.preheader, initial);
    for (const b of this.loop.blocks) {
      for (const ins of b.body) if (mine.get(ins)?.store) variable.write(b, ins.args[1]!);
    }
    const pending = (snap: Snapshot, value: Ins): void => {
      if (snap.stores.some((s) => samePlace(placeOfPending(this.region, s), slot.place))) return;
      snap.stores.push({ op: shape.have, mem: slot.place.mem, offset: off, addr, value });
    };
    for (const b of this.loop.blocks) this.#rewrite(b, mine, shape, variable, slot.stored ? pending : null);
    if (slot.stored)
      this.#leave(variable, (value, to) => {
        const store = makeIns(
          this.region,
          to,
          shape.have,
          'void',
          [addr, value],
          { mem: slot.place.mem, off },
          first.loc,
        );
        const at = to.body.findIndex((ins) => ins.op !== 'phi' && ins.op !== 'strip.check');
        to.body.splice(at < 0 ? to.body.length : at, 0, store);
      });
    variable.flush();
  }

  #rewrite(
    block: Block,
    mine: ReadonlyMap<Ins, Access>,
    shape: Shape,
    variable: SsaVariable,
    pending: ((snap: Snapshot, value: Ins) => void) | null,
  ): void {
    let now: Ins | null = null;
    const value = () => (now ??= variable.atStart(block));
    const body: Ins[] = [];
    for (const ins of block.body) {
      const access = mine.get(ins);
      if (!access) {
        if (ins.snap && pending) pending(ins.snap, value());
        body.push(ins);
      } else if (access.store) now = ins.args[1]!;
      else {
        const make: Maker = {
          op: (name, type, args) => this.#make(body, block, name, type, args, ins),
          constant: (type: NumType, bits) => this.constants.get(type, bits, ins.loc),
        };
        const read = forward(pending ? shape.have : shape.load, value(), ins.op, make)!;
        this.same.set(ins, read);
      }
    }
    block.body = body;
  }

  /** Writes the slot back on every edge out of the loop. */
  #leave(variable: SsaVariable, store: (value: Ins, to: Block) => void): void {
    for (const from of [...this.loop.blocks]) {
      for (const to of new Set(successors(from))) {
        if (this.loop.blocks.has(to)) continue;
        const target = to.preds.length > 1 ? splitEdge(this.region, from, to) : to;
        store(variable.atEnd(from), target);
      }
    }
  }
}

/** The access of a run that comes first in its block. */
function first(run: Run): Ins {
  const { body } = run.accesses[0]!.ins.block;
  let best = run.accesses[0]!.ins;
  for (const { ins } of run.accesses) if (body.indexOf(ins) < body.indexOf(best)) best = ins;
  return best;
}

/** By block of `loop`: how often it is executed for each trip, if each of the loops inside goes round `TRIPS` times. */
function weightsIn(loop: Loop, inner: readonly Loop[]): BlockMap<number> {
  const weights = new BlockMap<number>();
  for (const block of loop.blocks) {
    const depth = inner.filter((l) => l.blocks.has(block)).length;
    weights.set(block, TRIPS ** depth);
  }
  return weights;
}

function promoteAll(region: Region, context: PassContext, checks: boolean): void {
  const constants = new Constants(region);
  for (const header of findLoops(domTree(region)).map((l) => l.header)) {
    // Edges may have been split meanwhile.
    const dom = domTree(region);
    const loops = findLoops(dom);
    const loop = loops.find((l) => l.header === header);
    if (!loop?.preheader) continue;
    const inner = loops.filter((l) => l !== loop && loop.blocks.has(l.header));
    new Promoter(region, context, loop, inner, constants).run(dom, checks);
  }
  constants.flush();
}

export const promote: Pass = {
  name: 'promote',
  doc: 'keeps memory at addresses that do not change in values during a loop',
  rules: RULES,
  run: (region, context) => promoteAll(region, context, false),
};

export const disambiguate: Pass = {
  name: 'disambiguate',
  doc: 'does what promote does also where another access might touch the bytes, with a check while running',
  rules: CHECKED_RULES,
  run: (region, context) => promoteAll(region, context, true),
};
