/**
 * Bounds that guards have established: how far beyond an address the memory reaches. Memories never shrink, so a bound
 * holds from its guard on, whatever is called or stored in between. See `linear.ts` for why modular distances suffice.
 */
import type { DomTree } from '../ir/dom.ts';
import type { Block, Ins, Region } from '../ir/ir.ts';
import { Facts } from './facts.ts';
import { type Linear, linear } from './linear.ts';
import { type RangeFacts, rangeOf } from './ranges.ts';

interface Bound {
  readonly at: Linear;
  k: bigint;
  /** The guard it comes from. */
  readonly guard: Ins;
  readonly block: Block;
}

export class Bounds {
  readonly #region: Region;
  readonly #facts: RangeFacts;
  /** Bounds by memory and base. */
  readonly #known = new Map<string, Bound[]>();
  readonly #undo: Bound[][] = [];

  constructor(region: Region, facts: RangeFacts) {
    this.#region = region;
    this.#facts = facts;
  }

  #list(mem: number, at: Linear): Bound[] {
    const key = `${mem} ${at.base?.id}`;
    let list = this.#known.get(key);
    if (!list) this.#known.set(key, (list = []));
    return list;
  }

  #width(mem: number): number {
    return this.#region.facts.mem64[mem] ? 64 : 32;
  }

  /** True when `addr` + k is inside memory `mem` by its least size. */
  always(addr: Ins, mem: number, k: number): boolean {
    return rangeOf(addr, this.#facts).max + BigInt(k) <= BigInt(this.#region.facts.memMin[mem] ?? 0);
  }

  /** True when an earlier guard or the memory's least size covers the access. */
  covers(addr: Ins, mem: number, k: number): boolean {
    if (this.always(addr, mem, k)) return true;
    const at = linear(addr);
    const width = this.#width(mem);
    return this.#list(mem, at).some((b) => BigInt.asUintN(width, at.c - b.at.c) + BigInt(k) <= b.k);
  }

  /**
   * A guard of `block` that covers the access when its reach is raised to the returned k, or null. The guard then
   * leaves a little earlier than it must, which is right and costs nothing unless the object lies at the memory's end.
   */
  widen(addr: Ins, mem: number, k: number, block: Block, limit: bigint): Ins | null {
    const at = linear(addr);
    const width = this.#width(mem);
    for (const b of this.#list(mem, at)) {
      const reach = BigInt.asUintN(width, at.c - b.at.c) + BigInt(k);
      if (b.block !== block || reach > limit) continue;
      b.k = reach;
      b.guard.imm.k = Number(reach);
      return b.guard;
    }
    return null;
  }

  /** Notes what a guard establishes. */
  add(guard: Ins): void {
    const at = linear(guard.args[0]!);
    const list = this.#list(guard.imm.mem!, at);
    list.push({ at, k: BigInt(guard.imm.k!), guard, block: guard.block });
    this.#undo.push(list);
  }

  mark(): number {
    return this.#undo.length;
  }

  /** Forgets the bounds added since `mark`. */
  undo(mark: number): void {
    while (this.#undo.length > mark) this.#undo.pop()!.pop();
  }
}

/** What guards and branches have established at the end of `block`. */
export function knownAt(region: Region, dom: DomTree, block: Block): { facts: Facts; bounds: Bounds } {
  const facts = new Facts(region);
  const bounds = new Bounds(region, (ins) => facts.narrowed(ins));
  const above: Block[] = [];
  for (let b: Block | null = block; b; b = dom.idom.get(b) ?? null) above.unshift(b);
  for (const b of above) {
    facts.enter(b);
    for (const ins of b.body) {
      facts.after(ins);
      if (ins.op === 'guard.bounds') bounds.add(ins);
    }
  }
  return { facts, bounds };
}
