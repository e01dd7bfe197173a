/**
 * Makes SSA values out of one variable that several blocks write: a global or a memory slot that lives in a local from
 * now on. The writes are given first; reads then find their value, and phis appear only where they are read (Braun et
 * al., "Simple and Efficient Construction of SSA Form", with all blocks known from the start). Redundant phis are left to
 * the pass `phis`.
 */

import type { IrType } from './ir.ts';
import { type Block, type GuestLoc, type Ins, makeIns, type Region } from './ir.ts';

export class SsaVariable {
  readonly #region: Region;
  readonly #type: IrType;
  readonly #loc: GuestLoc;
  /** Value at the end of blocks that write the variable. */
  readonly #out = new Map<Block, Ins>();
  readonly #in = new Map<Block, Ins>();
  readonly #phis: Ins[] = [];

  constructor(region: Region, type: IrType, loc: GuestLoc) {
    this.#region = region;
    this.#type = type;
    this.#loc = loc;
  }

  /** The last write of `block` is `value`; in the entry block the initial value if it writes none. All before any read. */
  write(block: Block, value: Ins): void {
    this.#out.set(block, value);
  }

  /** Value at the end of `block`. Throws when no write reaches it. */
  atEnd(block: Block): Ins {
    return this.#out.get(block) ?? this.atStart(block);
  }

  /** Value at the start of `block`. Throws when no write reaches it. */
  atStart(block: Block): Ins {
    const known = this.#in.get(block);
    if (known) return known;
    if (block.preds.length === 0) throw new Error(`variable is read in b${block.id} and nothing has written it`);
    if (block.preds.length === 1) {
      const value = this.atEnd(block.preds[0]!);
      this.#in.set(block, value);
      return value;
    }
    const phi = makeIns(this.#region, block, 'phi', this.#type, [], {}, this.#loc);
    this.#in.set(block, phi);
    this.#phis.push(phi);
    phi.args = block.preds.map((p) => this.atEnd(p));
    return phi;
  }

  /** Puts the phis into their blocks. To be called once, when nothing iterates over the blocks any more. */
  flush(): void {
    for (const phi of this.#phis) phi.block.body.unshift(phi);
  }
}
