/**
 * Values that grow by the same amount in each iteration of a loop: in iteration j (0, 1, ...) the value is first + j *
 * stride modulo 2^32 (2^64). They are made of phis that a constant or invariant is added to once around the loop, closed
 * under addition, subtraction, and multiplication by what does not change. No proof against wrapping is needed for that.
 */
import type { Loop } from '../ir/dom.ts';
import { type Block, type Ins, makeIns, type Region } from '../ir/ir.ts';
import { bitsOf, constBits } from '../ir/ops.ts';
import { onEntry } from './hoist.ts';

/** Stride of an affine value: a constant (modulo the width), or only known while running. */
export type Stride = bigint | 'runtime';

export class Affine {
  readonly #region: Region;
  readonly #loop: Loop;
  readonly #back: number;
  readonly #known = new Map<Ins, Stride | null>();
  readonly #copies = [new Map<Ins, Ins>(), new Map<Ins, Ins>()] as const;
  /** Where copies are put: the end of the preheader. */
  readonly #out: Ins[];

  constructor(region: Region, loop: Loop, out: Ins[]) {
    this.#region = region;
    this.#loop = loop;
    this.#back = loop.latches.length === 1 ? loop.header.preds.indexOf(loop.latches[0]!) : -1;
    this.#out = out;
  }

  #inside(ins: Ins): boolean {
    return this.#loop.blocks.has(ins.block);
  }

  /** The stride of `ins` by iteration; null when it is not affine. */
  stride(ins: Ins): Stride | null {
    if (!this.#inside(ins)) return 0n;
    const known = this.#known.get(ins);
    if (known !== undefined) return known;
    this.#known.set(ins, null);
    const s = ins.op === 'phi' ? this.#step(ins) : this.#combine(ins);
    const result = typeof s === 'bigint' ? BigInt.asUintN(bitsOf(ins.type), s) : s;
    this.#known.set(ins, result);
    return result;
  }

  /** What one iteration adds to a phi of the header. */
  #step(phi: Ins): Stride | null {
    if (phi.block !== this.#loop.header || this.#back < 0) return null;
    return this.#added(phi.args[this.#back]!, phi);
  }

  /** `value` - `phi` where value is the phi plus what does not change. */
  #added(value: Ins, phi: Ins): Stride | null {
    if (value === phi) return 0n;
    const sub = /^i(32|64)\.sub$/.test(value.op);
    if (!sub && !/^i(32|64)\.add$/.test(value.op)) return null;
    const [a, b] = value.args as [Ins, Ins];
    const amount = (v: Ins): Stride => {
      const bits = constBits(v);
      if (bits === null) return 'runtime';
      return sub ? -bits : bits;
    };
    if (!this.#inside(b)) return plus(this.#added(a, phi), amount(b));
    return sub || this.#inside(a) ? null : plus(this.#added(b, phi), amount(a));
  }

  #combine(ins: Ins): Stride | null {
    const op = ins.op.replace(/^i(32|64)\./, '');
    if (ins.op === 'i32.wrap_i64') return this.stride(ins.args[0]!);
    if (op === 'add' || op === 'sub') {
      const [a, b] = [this.stride(ins.args[0]!), this.stride(ins.args[1]!)];
      return plus(a, op === 'sub' && typeof b === 'bigint' ? -b : b);
    }
    if (op !== 'mul' && op !== 'shl') return null;
    const [left, right] = ins.args as [Ins, Ins];
    const factor = !this.#inside(right) ? right : op === 'mul' && !this.#inside(left) ? left : null;
    const s = factor && this.stride(factor === right ? left : right);
    const c = factor && constBits(factor);
    if (s === null) return null;
    if (c === null || s === 'runtime') return 'runtime';
    return op === 'mul' ? s * c : s << (c % BigInt(bitsOf(ins.type)));
  }

  /** The value of `ins` in iteration 0 or 1, computed in front of the loop. */
  at(ins: Ins, iteration: 0 | 1): Ins {
    if (!this.#inside(ins)) return ins;
    const known = this.#copies[iteration].get(ins);
    if (known) return known;
    let copy: Ins;
    if (ins.op === 'phi') copy = iteration === 0 ? onEntry(this.#loop)(ins) : this.at(ins.args[this.#back]!, 0);
    else {
      const args = ins.args.map((a) => this.at(a, iteration));
      copy = makeIns(this.#region, this.#loop.preheader as Block, ins.op, ins.type, args, { ...ins.imm }, ins.loc);
      this.#out.push(copy);
    }
    this.#copies[iteration].set(ins, copy);
    return copy;
  }
}

function plus(a: Stride | null, b: Stride | null): Stride | null {
  if (a === null || b === null) return null;
  return a === 'runtime' || b === 'runtime' ? 'runtime' : a + b;
}
