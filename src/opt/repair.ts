/**
 * Makes SSA form again where a value has got a second definition: each use gets the definition that reaches it, or a phi of
 * those that do (Braun et al., "Simple and Efficient Construction of SSA Form", section 2). Phis of one value are left to
 * pass `phis`.
 */
import { type Block, type Ins, makeIns, mapSnapshot, type Region } from '../ir/ir.ts';
import { mapTerm } from './edit.ts';

/** Definitions of one value by block. */
class Versions {
  readonly #region: Region;
  readonly #value: Ins;
  /** Blocks that define it. */
  readonly #defined: ReadonlyMap<Block, Ins>;
  readonly #atStart = new Map<Block, Ins>();

  constructor(region: Region, value: Ins, defined: ReadonlyMap<Block, Ins>) {
    this.#region = region;
    this.#value = value;
    this.#defined = defined;
  }

  /** What a use inside a block, behind its phis, gets. */
  inside(block: Block): Ins {
    return this.#defined.get(block) ?? this.#start(block);
  }

  #start(block: Block): Ins {
    const known = this.#atStart.get(block);
    if (known) return known;
    const { preds } = block;
    if (preds.length === 0) throw new Error(`b${block.id}: v${this.#value.id} does not reach it`);
    if (preds.length === 1) {
      const one = this.inside(preds[0]!);
      this.#atStart.set(block, one);
      return one;
    }
    const { type, loc } = this.#value;
    const phi = makeIns(this.#region, block, 'phi', type, [], {}, loc);
    // Before its operands are looked for: in a loop they may be the phi itself.
    this.#atStart.set(block, phi);
    phi.args = preds.map((p) => this.inside(p));
    block.body.unshift(phi);
    return phi;
  }
}

/**
 * `copyOf`: blocks and their copies; `copies`: for values of the former what they are in the latter. Uses in all other blocks
 * are rewritten.
 */
export function repair(region: Region, copyOf: ReadonlyMap<Block, Block>, copies: ReadonlyMap<Ins, Ins>): void {
  const versions = new Map<Ins, Versions>();
  for (const [value, there] of copies) {
    const defined = new Map([
      [value.block, value],
      [copyOf.get(value.block)!, there],
    ]);
    versions.set(value, new Versions(region, value, defined));
  }
  const done = new Set([...copyOf.keys(), ...copyOf.values()]);
  for (const b of region.blocks) {
    if (done.has(b)) continue;
    const here = (v: Ins) => versions.get(v)?.inside(b) ?? v;
    // New phis come in front meanwhile, with the right operands.
    for (const ins of [...b.body]) {
      if (ins.op === 'phi') ins.args.forEach((a, i) => void (ins.args[i] = versions.get(a)?.inside(b.preds[i]!) ?? a));
      else {
        for (let i = 0; i < ins.args.length; i++) ins.args[i] = here(ins.args[i]!);
        if (ins.snap) mapSnapshot(ins.snap, here);
      }
    }
    mapTerm(b, here);
  }
}
