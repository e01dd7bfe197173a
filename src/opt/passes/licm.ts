/**
 * Loop-invariant code motion. What does not change in a loop is computed in its preheader: pure operations; loads that
 * nothing in the loop may overwrite, once their bounds are established in front of it; reads of globals, sizes; and guards
 * on invariant values that every iteration passes. A hoisted guard leaves before the first iteration (see `hoist.ts`).
 *
 *     b1: loop                            b0:
 *       guard.bounds v1 k=4 !bounds         guard.bounds v1 k=4 !bounds
 *       v2 = i32.load v1              =>    v2 = i32.load v1
 *       ...                                 jump b1
 *
 * A trapping operation is hoisted only where the facts in front of the loop show that it cannot trap.
 */
import { type DomTree, domTree, findLoops, type Loop } from '../../ir/dom.ts';
import { type Ins, makeIns, type Region } from '../../ir/ir.ts';
import { bitsOf, constBits, effectOf, opInfo } from '../../ir/ops.ts';
import { mayAlias, type Place, placeOf, writesAnything } from '../alias.ts';
import { type Bounds, knownAt } from '../bounds.ts';
import type { Facts } from '../facts.ts';
import { LoopEntry } from '../hoist.ts';
import type { Pass, PassContext } from '../pass.ts';

const RULES = ['value', 'load', 'guard', 'trap'] as const;

/** What a loop writes. */
class Writes {
  readonly stores: Place[] = [];
  readonly globals = new Set<number>();
  anything = false;
  sizes = false;

  constructor(region: Region, loop: Loop) {
    for (const b of loop.blocks) {
      for (const ins of b.body) {
        const e = effectOf(ins);
        if (writesAnything(ins)) this.anything = true;
        if (e === 'store') this.stores.push(placeOf(region, ins));
        if (e === 'global.set') this.globals.add(ins.imm.index!);
        if (e === 'call' || e === 'grow' || e === 'bulk' || e === 'table.set') this.sizes = true;
      }
    }
  }
}

class Licm {
  readonly region: Region;
  readonly context: PassContext;
  readonly dom: DomTree;
  readonly loop: Loop;
  readonly writes: Writes;
  readonly entry: LoopEntry;
  readonly facts: Facts;
  readonly bounds: Bounds;
  readonly #hoisted: Ins[] = [];

  constructor(region: Region, context: PassContext, dom: DomTree, loop: Loop) {
    this.region = region;
    this.context = context;
    this.dom = dom;
    this.loop = loop;
    this.writes = new Writes(region, loop);
    this.entry = new LoopEntry(region, loop);
    const known = knownAt(region, dom, this.entry.preheader);
    this.facts = known.facts;
    this.bounds = known.bounds;
  }

  learn(guard: Ins): void {
    this.facts.after(guard);
    if (guard.op === 'guard.bounds') this.bounds.add(guard);
  }

  invariant(ins: Ins): boolean {
    return !this.loop.blocks.has(ins.block);
  }

  /** True when the operation cannot trap, by what is known in front of the loop. Divisions only. */
  cannotTrap(ins: Ins): boolean {
    const m = /^i(?:32|64)\.(div|rem)_([su])$/.exec(ins.op);
    if (!m) return false;
    const divisor = ins.args[1]!;
    const bits = constBits(divisor);
    const nonZero = bits !== null ? bits !== 0n : this.facts.range(divisor).min > 0n;
    if (!nonZero || m[2] === 'u' || m[1] === 'rem') return nonZero;
    const minusOne = (1n << BigInt(bitsOf(ins.type))) - 1n;
    return bits !== null ? bits !== minusOne : this.facts.range(divisor).max < minusOne;
  }

  loadMayMove(ins: Ins): boolean {
    const place = placeOf(this.region, ins);
    if (this.writes.anything || this.region.facts.sharedMem[place.mem]) return false;
    if (this.writes.stores.some((s) => mayAlias(s, place))) return false;
    return this.bounds.covers(ins.args[0]!, place.mem, (ins.imm.off ?? 0) + opInfo(ins.op).bytes);
  }

  /** An imported reference may be there under another index, too. */
  globalMayChange(index: number): boolean {
    const { globals } = this.region.facts;
    if (this.writes.globals.has(index)) return true;
    const foreign = globals[index]?.foreign === true && bitsOf(globals[index].type) === 0;
    return foreign && [...this.writes.globals].some((g) => globals[g]?.foreign);
  }

  /** Name of the rule by which `ins` may be hoisted, or null. Its operands are invariant. */
  rule(ins: Ins): (typeof RULES)[number] | null {
    switch (effectOf(ins)) {
      case 'pure':
        return ins.op === 'phi' || ins.op === 'proj' ? null : 'value';
      case 'trap':
        return this.cannotTrap(ins) ? 'trap' : null;
      case 'load':
        return this.loadMayMove(ins) ? 'load' : null;
      case 'size':
        return this.writes.sizes ? null : 'value';
      case 'global.get':
        return this.writes.anything || this.globalMayChange(ins.imm.index!) ? null : 'value';
      case 'table.get':
        return ins.op === 'mirror.get' && !this.writes.sizes ? 'value' : null;
      case 'guard': {
        const always = this.loop.latches.every((l) => this.dom.dominates(ins.block, l));
        return ins.op !== 'strip.check' && always && this.entry.possible ? 'guard' : null;
      }
      default:
        return null;
    }
  }

  move(ins: Ins): Ins {
    if (ins.snap) {
      const guard = makeIns(this.region, this.entry.preheader, ins.op, 'void', ins.args, ins.imm, ins.loc);
      guard.snap = this.entry.exit(ins.snap.reason);
      this.learn(guard);
      return guard;
    }
    ins.block = this.entry.preheader;
    return ins;
  }

  run(): void {
    for (const b of this.dom.order) {
      if (!this.loop.blocks.has(b)) continue;
      b.body = b.body.filter((ins) => {
        if (!ins.args.every((a) => this.invariant(a))) return true;
        const rule = this.rule(ins);
        if (!rule || !this.context.may(rule)) return true;
        this.context.fired(rule);
        this.#hoisted.push(this.move(ins));
        return false;
      });
    }
    this.entry.preheader.body.push(...this.#hoisted);
  }
}

export const licm: Pass = {
  name: 'licm',
  doc: 'moves what does not change in a loop in front of it',
  rules: RULES,
  run(region, context) {
    const dom = domTree(region);
    for (const loop of findLoops(dom)) if (loop.preheader) new Licm(region, context, dom, loop).run();
  },
};
