/**
 * What has been established at a point of the region by the guards and branches that dominate it: values of conditions,
 * values that equal a constant, and narrower ranges. Passes walk the dominator tree with one `Facts` and take back what a
 * subtree added when they leave it (`mark`, `undo`).
 */
import type { Block, Ins, Region } from '../ir/ir.ts';
import { bitsOf, constBits, opInfo } from '../ir/ops.ts';
import { fullRange, intersect, isBoolean, ones, type Range, range, rangeOf } from './ranges.ts';

const SWAPPED: Record<string, string> = { lt: 'gt', gt: 'lt', le: 'ge', ge: 'le' };

/** The comparison with exchanged operands: `i32.lt_s` is `i32.gt_s`. Equality is its own. */
export function swapped(op: string): string {
  return op.replace(/\.(lt|gt|le|ge)/, (_, c: string) => `.${SWAPPED[c]}`);
}

/** What facts ask about an operation, worked out once. */
interface Shape {
  /** The operation under which its truth is remembered, with operands exchanged and the answer negated or not. */
  readonly key: string | null;
  readonly exchange: boolean;
  readonly negate: boolean;
  /** An integer comparison: its width, name without sign, and whether it is signed. */
  readonly integer: { readonly width: number; readonly name: string; readonly signed: boolean } | null;
}

const shapes = new Map<string, Shape>();

/** Comparisons are remembered as `lt`, `le` of floats, and `eq`; others as themselves. */
function shapeOf(op: string): Shape {
  let shape = shapes.get(op);
  if (!shape) {
    const { row, effect } = opInfo(op);
    const byOperands = effect === 'pure' && row !== null && row.imms.length === 0 && row.sig?.params.length !== 0;
    const m = /^i(32|64)\.(eqz|eq|ne|lt|gt|le|ge)(?:_([su]))?$/.exec(op);
    let key = op;
    let exchange = false;
    let negate = false;
    if (/\.(ge|le)_[su]$|\.ne$/.test(op) && row?.inverse) {
      key = row.inverse;
      negate = true;
    }
    if (/\.g[te](_[su])?$/.test(key)) {
      key = swapped(key);
      exchange = true;
    }
    const integer = m ? { width: Number(m[1]), name: m[2]!, signed: m[3] === 's' } : null;
    shape = { key: byOperands ? key : null, exchange, negate, integer };
    shapes.set(op, shape);
  }
  return shape;
}

/** Numbers of values in keys. */
const IDS = 2 ** 26;

/** Number under which the truth of `cond` is remembered, among those of its operation. */
function keyOf(cond: Ins, shape: Shape): number {
  const [a, b] = cond.args;
  if (!b) return a!.id;
  return shape.exchange ? b.id * IDS + a!.id : a!.id * IDS + b.id;
}

/** What was known before something was learned. */
type Undo =
  | { readonly kind: 'bits'; readonly id: number; readonly old: bigint | undefined }
  | { readonly kind: 'range'; readonly ins: Ins; readonly old: Range | undefined }
  | {
      readonly kind: 'condition';
      readonly of: Map<number, boolean>;
      readonly key: number;
      readonly old: boolean | undefined;
    };

function restore<K, V>(map: Map<K, V>, key: K, old: V | undefined): void {
  if (old === undefined) map.delete(key);
  else map.set(key, old);
}

const ZERO: Range = { min: 0n, max: 0n, zeros: 0n };

export class Facts {
  /** Bits of values that equal a constant, by number. */
  readonly #bits: (bigint | undefined)[];
  /** Truth of conditions by operation and numbers of the operands. */
  readonly #conditions = new Map<string, Map<number, boolean>>();
  readonly #ranges = new Map<Ins, Range>();
  /** Ranges by definition alone, by number. */
  readonly #plain: (Range | undefined)[];
  readonly #undo: Undo[] = [];

  constructor(region: Region) {
    this.#bits = new Array(region.nextId);
    this.#plain = new Array(region.nextId);
  }

  mark(): number {
    return this.#undo.length;
  }

  /** Forgets everything learned since `mark`. */
  undo(mark: number): void {
    while (this.#undo.length > mark) {
      const u = this.#undo.pop()!;
      if (u.kind === 'bits') this.#bits[u.id] = u.old;
      else if (u.kind === 'range') restore(this.#ranges, u.ins, u.old);
      else restore(u.of, u.key, u.old);
    }
  }

  /** Constant bits of a value, or null. */
  bits(ins: Ins): bigint | null {
    return constBits(ins) ?? this.#bits[ins.id] ?? null;
  }

  /** Bits that a guard gave to a value that is no constant. */
  learned(ins: Ins): bigint | undefined {
    return this.#bits[ins.id];
  }

  #equals(ins: Ins, bits: bigint): void {
    this.#undo.push({ kind: 'bits', id: ins.id, old: this.#bits[ins.id] });
    this.#bits[ins.id] = bits;
  }

  /** The range that guards gave to a value, or null. */
  narrowed(ins: Ins): Range | null {
    return this.#ranges.get(ins) ?? null;
  }

  range(ins: Ins): Range {
    if (this.#ranges.size > 0) return rangeOf(ins, (i) => this.narrowed(i));
    let r = this.#plain[ins.id];
    if (!r) this.#plain[ins.id] = r = rangeOf(ins);
    return r;
  }

  /** Truth of the i32 `cond`, or null where nothing settles it. */
  truth(cond: Ins): boolean | null {
    const bits = this.bits(cond);
    if (bits !== null) return bits !== 0n;
    const shape = shapeOf(cond.op);
    const known = shape.key === null ? undefined : this.#conditions.get(shape.key)?.get(keyOf(cond, shape));
    if (known !== undefined) return known !== shape.negate;
    if (cond.op === 'i32.eqz') {
      const inner = this.truth(cond.args[0]!);
      return inner === null ? null : !inner;
    }
    return this.#byRange(cond);
  }

  #byRange(cond: Ins): boolean | null {
    if (cond.type !== 'i32') return null;
    const { integer } = shapeOf(cond.op);
    if (!integer) {
      const r = this.range(cond);
      return r.min > 0n ? true : r.max === 0n ? false : null;
    }
    const a = this.range(cond.args[0]!);
    const b = integer.name === 'eqz' ? ZERO : this.range(cond.args[1]!);
    if (a === b && a.min === 0n) return null; // nothing is known about either
    const half = 1n << BigInt(integer.width - 1);
    if (integer.signed && (a.max >= half || b.max >= half)) return null;
    switch (integer.name) {
      case 'eqz':
      case 'eq':
        return a.min > b.max || b.min > a.max ? false : a.min === a.max && b.min === b.max ? true : null;
      case 'ne':
        return a.min > b.max || b.min > a.max ? true : a.min === a.max && b.min === b.max ? false : null;
      case 'lt':
        return a.max < b.min ? true : a.min >= b.max ? false : null;
      case 'ge':
        return a.min >= b.max ? true : a.max < b.min ? false : null;
      case 'gt':
        return a.min > b.max ? true : a.max <= b.min ? false : null;
      default:
        return a.max <= b.min ? true : a.min > b.max ? false : null;
    }
  }

  /** The guard's or branch's condition has turned out to be `truth`. */
  assume(cond: Ins, truth: boolean): void {
    const bits = constBits(cond);
    if (bits !== null) return;
    if (!truth) this.#equals(cond, 0n);
    else if (isBoolean(cond)) this.#equals(cond, 1n);
    else this.#narrow(cond, { ...fullRange(32), min: 1n });
    const [a, b] = cond.args as [Ins, Ins];
    const shape = shapeOf(cond.op);
    if (shape.key === null) return;
    this.#remember(shape.key, keyOf(cond, shape), truth !== shape.negate);
    if (cond.op === 'i32.eqz') this.assume(a, !truth);
    else if (cond.op === 'i64.eqz' && truth) this.#equals(a, 0n);
    else if (cond.op === 'i64.eqz') this.#narrow(a, { ...fullRange(64), min: 1n });
    else if (cond.op === 'i32.and' && truth && isBoolean(a) && isBoolean(b)) {
      this.assume(a, true);
      this.assume(b, true);
    } else if (cond.op === 'i32.or' && !truth) {
      this.assume(a, false);
      this.assume(b, false);
    } else if (shape.integer) this.#compare(truth ? cond.op : opInfo(cond.op).row?.inverse, a, b);
  }

  #remember(op: string, key: number, truth: boolean): void {
    let of = this.#conditions.get(op);
    if (!of) this.#conditions.set(op, (of = new Map()));
    this.#undo.push({ kind: 'condition', of, key, old: of.get(key) });
    of.set(key, truth);
  }

  /** Learns from the integer comparison `op` that holds. */
  #compare(op: string | undefined, a: Ins, b: Ins): void {
    if (op === undefined) return;
    const ca = constBits(a);
    const cb = constBits(b);
    if (op.endsWith('.eq')) {
      if (cb !== null && ca === null) this.#equals(a, cb);
      if (ca !== null && cb === null) this.#equals(b, ca);
    }
    if (cb !== null && ca === null) this.#bound(op, a, cb);
    if (ca !== null && cb === null) this.#bound(swapped(op), b, ca);
  }

  /** Learns from the integer comparison `op` of `ins` with the constant `c`. */
  #bound(op: string, ins: Ins, c: bigint): void {
    const width = bitsOf(ins.type);
    const half = 1n << BigInt(width - 1);
    const all = ones(width);
    const name = op.slice(4);
    if (name === 'ne' && c === 0n) this.#narrow(ins, { ...fullRange(width), min: 1n });
    if (name === 'eq') this.#narrow(ins, range(c, c, width));
    const signed = name.endsWith('_s');
    // A signed comparison bounds the unsigned value only on the half without sign.
    const positive = this.range(ins).max < half;
    if (signed && c >= half) return;
    const top = signed ? half - 1n : all;
    switch (name.slice(0, 2)) {
      case 'lt':
        if ((!signed || positive) && c > 0n) this.#narrow(ins, range(0n, c - 1n, width));
        break;
      case 'le':
        if (!signed || positive) this.#narrow(ins, range(0n, c, width));
        break;
      case 'gt':
        if (c < top) this.#narrow(ins, { ...range(0n, top, width), min: c + 1n });
        break;
      case 'ge':
        this.#narrow(ins, { ...range(0n, top, width), min: c });
        break;
    }
  }

  #narrow(ins: Ins, r: Range): void {
    const old = this.#ranges.get(ins);
    this.#undo.push({ kind: 'range', ins, old });
    this.#ranges.set(ins, old ? intersect(old, r) : r);
  }

  /** Facts that hold on entering `block` because its only predecessor branched to it. */
  enter(block: Block): void {
    const pred = block.preds.length === 1 ? block.preds[0]! : null;
    const t = pred?.term;
    if (t?.kind === 'branch' && t.then !== t.else) this.assume(t.cond, t.then === block);
  }

  /** Facts that hold below an instruction. */
  after(ins: Ins): void {
    if (ins.op === 'guard.true') this.assume(ins.args[0]!, true);
    if (ins.op === 'guard.false') this.assume(ins.args[0]!, false);
  }
}
