/**
 * Strength reduction: a product that grows by the same amount in each iteration becomes a sum of its own (Allen, Cocke and
 * Kennedy, "Reduction of operator strength", 1981). What is made of the product by additions alone is replaced together
 * with it, so that the whole computation of an address is one addition:
 *
 *     b1: loop <- b0 b1                        b0: ...
 *       v3 = phi i32 v1 v8                       v10 = v1 * n + base, v11 = (v1 + 1) * n + base, v12 = v11 - v10
 *       v4 = i32.mul v3 n                      b1: loop <- b0 b1
 *       v5 = i32.add v4 base          =>         v3 = phi i32 v1 v8
 *       v6 = i32.load v5                         v13 = phi i32 v10 v14
 *       v8 = i32.add v3 1                        v6 = i32.load v13
 *       ...                                      v8 = i32.add v3 1
 *                                                v14 = i32.add v13 v12
 */
import { domTree, type Loop } from '../../ir/dom.ts';
import { type Ins, makeIns, type Region } from '../../ir/ir.ts';
import { Affine } from '../affine.ts';
import { insUses, Replacements, termUses } from '../edit.ts';
import type { Pass, PassContext } from '../pass.ts';

/** Sums that take the place of one product at most: each is a value that lives through the loop. */
const FEWEST = 2;
/** Phis of a loop, with which its values still fit into the registers of the host. */
const CROWDED = 9;

const PRODUCT = /^i(32|64)\.mul$/;

/** Who uses the values of a loop; `null` stands for an exit or the end of a block. */
function usersOf(region: Region, loop: Loop): Map<Ins, (Ins | null)[]> {
  const users = new Map<Ins, (Ins | null)[]>();
  const note = (value: Ins, user: Ins | null) => {
    if (!loop.blocks.has(value.block)) return;
    const list = users.get(value);
    if (list) list.push(user);
    else users.set(value, [user]);
  };
  for (const b of region.blocks) {
    for (const ins of b.body) {
      const direct = new Set(ins.args);
      insUses(ins, (value) => note(value, direct.has(value) ? ins : null));
    }
    termUses(b, (value) => note(value, null));
  }
  return users;
}

class Reduction {
  readonly #region: Region;
  readonly #loop: Loop;
  readonly #out: Ins[] = [];
  readonly #affine: Affine;
  readonly #users: ReadonlyMap<Ins, readonly (Ins | null)[]>;
  readonly #same: Replacements;

  constructor(region: Region, loop: Loop) {
    this.#region = region;
    this.#loop = loop;
    this.#affine = new Affine(region, loop, this.#out);
    this.#users = usersOf(region, loop);
    this.#same = new Replacements(region);
  }

  run(context: PassContext): void {
    const { header, blocks, preheader } = this.#loop;
    let room = CROWDED - header.body.filter((ins) => ins.op === 'phi').length;
    const products = [...blocks].flatMap((b) => b.body.filter((ins) => PRODUCT.test(ins.op) && this.#grows(ins)));
    for (const product of products) {
      if (!context.may('product')) break;
      const sums = this.#sums(product);
      const fresh = [...sums].filter((value) => !this.#same.has(value));
      if (sums.size === 0 || sums.size > FEWEST || fresh.length > room) continue;
      for (const value of fresh) this.#replace(value);
      room -= fresh.length;
      context.fired('product');
    }
    preheader!.body.push(...this.#out);
    this.#same.apply(this.#region);
  }

  #grows(value: Ins): boolean {
    const stride = this.#affine.stride(value);
    return stride !== null && stride !== 0n;
  }

  /** What is made of a value by additions, up to where it is used for something else. */
  #sums(value: Ins, found = new Set<Ins>(), seen = new Set<Ins>()): Set<Ins> {
    if (seen.has(value)) return found;
    seen.add(value);
    const users = this.#users.get(value) ?? [];
    const onlyAdded = users.every(
      (u) => u !== null && u.op !== 'phi' && this.#loop.blocks.has(u.block) && this.#grows(u),
    );
    if (!onlyAdded) found.add(value);
    else for (const u of users) this.#sums(u as Ins, found, seen);
    return found;
  }

  #replace(value: Ins): void {
    const { header, latches, preheader } = this.#loop;
    const { type, loc } = value;
    const region = this.#region;
    const first = this.#affine.at(value, 0);
    const second = this.#affine.at(value, 1);
    const step = makeIns(region, preheader!, `${type}.sub`, type, [second, first], {}, loc);
    this.#out.push(step);
    const phi = makeIns(region, header, 'phi', type, [], {}, loc);
    const latch = latches[0]!;
    const next = makeIns(region, latch, `${type}.add`, type, [phi, step], {}, loc);
    latch.body.push(next);
    phi.args = header.preds.map((p) => (p === latch ? next : first));
    const end = header.body.findIndex((ins) => ins.op !== 'phi');
    header.body.splice(end < 0 ? header.body.length : end, 0, phi);
    this.#same.set(value, phi);
  }
}

export const strength: Pass = {
  name: 'strength',
  doc: 'makes sums of products that grow by the same amount in each iteration',
  rules: ['product'],
  run(region, context) {
    const { loops } = domTree(region);
    for (const loop of loops) {
      const innermost = !loops.some((l) => l.parent === loop);
      if (!innermost || !loop.preheader || loop.latches.length !== 1 || context.spent) continue;
      if (![...loop.blocks].some((b) => b.body.some((ins) => PRODUCT.test(ins.op)))) continue;
      new Reduction(region, loop).run(context);
    }
  },
};
