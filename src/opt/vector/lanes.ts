/**
 * The vector form of values: one `Vec` for a scalar value of the body holds its `count` iterations in one or more v128. Integers
 * of 32 bits get lanes as wide as they need (see widths.ts), so a Vec is converted where users want other lanes. What has no
 * vector form throws {@link NotVector}: the loop then stays as it is, nothing of it has been changed.
 */
import { type Block, type GuestLoc, type Ins, type InsImm, type IrType, makeIns, type Region } from '../../ir/ir.ts';
import { bitsOf, constBits, effectOf, opInfo } from '../../ir/ops.ts';
import type { Affine } from '../affine.ts';
import type { Constants } from '../edit.ts';
import { isBoolean, ones } from '../ranges.ts';
import type { StraightLoop } from './loop.ts';
import { fitsSigned, fitsUnsigned, type Span, type Widths } from './widths.ts';

/** Thrown for what cannot be done in lanes. No Error: most loops come to one, and nobody looks at its stack. */
export class NotVector {}

export type Lane = 'i8' | 'i16' | 'i32' | 'i64' | 'f32' | 'f64';

export interface Vec {
  readonly lane: Lane;
  readonly parts: readonly Ins[];
}

const SHAPE = { i8: 'i8x16', i16: 'i16x8', i32: 'i32x4', i64: 'i64x2', f32: 'f32x4', f64: 'f64x2' } as const;
const BITS = { i8: 8, i16: 16, i32: 32, i64: 64, f32: 32, f64: 64 } as const;

export function shapeOf(lane: Lane): string {
  return SHAPE[lane];
}

export function laneBytes(lane: Lane): number {
  return BITS[lane] / 8;
}

/** Integer lanes of that many bits. */
export function intLane(bits: number): Lane {
  return `i${bits}` as Lane;
}

/** Lanes that need no choice. */
function fixedLane(type: IrType): Lane {
  if (type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64') return type;
  throw new NotVector();
}

const FLOAT_BINARY = /^f(32|64)\.(add|sub|mul|div)$/;
const FLOAT_UNARY = /^f(32|64)\.(abs|neg|sqrt|ceil|floor|trunc|nearest)$/;
const COMPARE = /^(i32|i64|f32|f64)\.(eq|ne|[lg][te](?:_[su])?)$/;
const MODULAR = /^i32\.(add|sub|mul|and|or|xor)$/;
const WIDE = /^i64\.(add|sub|mul|and|or|xor)$/;
const SHIFT = /^(i32|i64)\.(shl|shr_s|shr_u|rotl|rotr)$/;

/** Bytes of lanes from `first` to `first + 7`, of a second operand from 16 on. */
function bytes8(first: number): number[] {
  return Array.from({ length: 8 }, (_, i) => first + i);
}
const LOW_HALVES = [...bytes8(0), ...bytes8(16)];
const HIGH_HALF = [...bytes8(8), ...bytes8(8)];
/** The even 32-bit lanes of two operands. */
const EVEN_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

export class Lanes {
  readonly region: Region;
  readonly straight: StraightLoop;
  readonly affine: Affine;
  readonly widths: Widths;
  readonly constants: Constants;
  readonly loc: GuestLoc;
  /** Iterations in one turn of the vector loop. */
  readonly count: number;
  /** Block before the vector loop, and the loop itself: not part of the region until all has gone well. */
  readonly before: Block;
  readonly body: Block;
  readonly phis: Ins[] = [];
  readonly #splats = new Map<string, Ins>();
  readonly #known = new Map<Ins, Vec>();
  readonly #converted = new Map<string, Vec>();
  readonly #scalars = new Map<Ins, Ins>();

  constructor(
    region: Region,
    straight: StraightLoop,
    affine: Affine,
    widths: Widths,
    constants: Constants,
    blocks: { before: Block; body: Block },
    count: number,
  ) {
    this.region = region;
    this.straight = straight;
    this.affine = affine;
    this.widths = widths;
    this.constants = constants;
    this.before = blocks.before;
    this.body = blocks.body;
    this.count = count;
    this.loc = straight.loop.header.body[0]!.loc;
  }

  inside(ins: Ins): boolean {
    return this.straight.loop.blocks.has(ins.block);
  }

  /** Makes an instruction of the vector loop. */
  emit(op: string, type: IrType, args: Ins[], imm: InsImm = {}): Ins {
    const ins = makeIns(this.region, this.body, op, type, args, imm, this.loc);
    this.body.body.push(ins);
    return ins;
  }

  /** Makes an instruction in front of it. */
  early(op: string, type: IrType, args: Ins[], imm: InsImm = {}): Ins {
    const ins = makeIns(this.region, this.before, op, type, args, imm, this.loc);
    this.before.body.push(ins);
    return ins;
  }

  v128(op: string, ...args: Ins[]): Ins {
    return this.emit(op, 'v128', args);
  }

  constant(type: IrType, bits: bigint): Ins {
    return this.constants.get(type, bits, this.loc);
  }

  /** The constant with these values in its lanes, again and again. */
  vector(lane: Lane, values: readonly bigint[]): Ins {
    const bits = BITS[lane];
    let all = 0n;
    for (let i = 128 / bits - 1; i >= 0; i--)
      all = (all << BigInt(bits)) | BigInt.asUintN(bits, values[i % values.length]!);
    return this.constant('v128', all);
  }

  /** The same value in all lanes; `value` comes from outside the loop. */
  splat(value: Ins, lane: Lane): Ins {
    const bits = constBits(value);
    if (bits !== null) return this.vector(lane, [bits]);
    const key = `${value.id} ${lane}`;
    let v = this.#splats.get(key);
    if (!v) this.#splats.set(key, (v = this.early(`${SHAPE[lane]}.splat`, 'v128', [value])));
    return v;
  }

  partsOf(lane: Lane): number {
    return Math.max(1, (this.count * laneBytes(lane)) / 16);
  }

  /** A phi of the vector loop; its second operand is given later. */
  phi(type: IrType, initial: Ins): Ins {
    const phi = makeIns(this.region, this.body, 'phi', type, [initial], {}, this.loc);
    this.phis.push(phi);
    return phi;
  }

  /** The affine value `ins` as it is in the first iteration of a turn. */
  scalar(ins: Ins): Ins {
    if (!this.inside(ins)) return ins;
    const known = this.#scalars.get(ins);
    if (known) return known;
    let copy: Ins;
    if (ins.op === 'phi') {
      const stride = this.affine.stride(ins);
      if (typeof stride !== 'bigint') throw new NotVector();
      copy = this.phi(ins.type, this.affine.at(ins, 0));
      this.#scalars.set(ins, copy);
      const step = this.constant(ins.type, BigInt.asUintN(bitsOf(ins.type), stride * BigInt(this.count)));
      copy.args.push(this.emit(`${ins.type}.add`, ins.type, [copy, step]));
    } else {
      const args = ins.args.map((a) => this.scalar(a));
      copy = this.emit(ins.op, ins.type, args, { ...ins.imm });
      this.#scalars.set(ins, copy);
    }
    return copy;
  }

  /** What `ins` is in the iterations of a turn, in the lanes that it was made in. */
  value(ins: Ins): Vec {
    let v = this.#known.get(ins);
    if (!v) this.#known.set(ins, (v = this.#make(ins)));
    return v;
  }

  /** Sets what a phi is; for those who know. */
  define(ins: Ins, v: Vec): void {
    this.#known.set(ins, v);
  }

  /** `ins` in lanes of the given kind. Of integers, as many low bits as the lane has. */
  as(ins: Ins, lane: Lane): Vec {
    if (!this.inside(ins)) {
      const part = this.splat(ins, lane);
      return { lane, parts: Array.from({ length: this.partsOf(lane) }, () => part) };
    }
    const v = this.value(ins);
    if (v.lane === lane) return v;
    const key = `${ins.id} ${lane}`;
    let c = this.#converted.get(key);
    if (!c) this.#converted.set(key, (c = this.#convert(v, lane, this.widths.span(ins))));
    return c;
  }

  #convert(v: Vec, lane: Lane, span: Span): Vec {
    const from = BITS[v.lane];
    const to = BITS[lane];
    if (v.lane[0] !== 'i' || lane[0] !== 'i' || from === 64 || to === 64) throw new NotVector();
    if (to > from) {
      const kind = fitsUnsigned(span, from) ? 'u' : 's';
      return this.#convert(this.#widen(v, kind), lane, span);
    }
    if (to === from) return v;
    let { parts } = v;
    let kind = fitsUnsigned(span, to) ? 'u' : 's';
    if (kind === 's' && !fitsSigned(span, to)) {
      const mask = this.vector(v.lane, [ones(to)]);
      parts = parts.map((p) => this.v128('v128.and', p, mask));
      kind = 'u';
    }
    let now: Vec = { lane: v.lane, parts };
    while (BITS[now.lane] > to) now = this.#narrow(now, kind);
    return now;
  }

  /** Lanes of twice the width. */
  #widen(v: Vec, kind: string): Vec {
    const lane = intLane(2 * BITS[v.lane]);
    const n = this.partsOf(lane);
    const op = (half: string, p: Ins) => this.v128(`${SHAPE[lane]}.extend_${half}_${SHAPE[v.lane]}_${kind}`, p);
    const parts = v.parts.flatMap((p) => (n === v.parts.length ? [op('low', p)] : [op('low', p), op('high', p)]));
    return { lane, parts };
  }

  /** Lanes of half the width, of values that fit. */
  #narrow(v: Vec, kind: string): Vec {
    const lane = intLane(BITS[v.lane] / 2);
    const parts: Ins[] = [];
    for (let i = 0; i < v.parts.length; i += 2) {
      const [a, b] = [v.parts[i]!, v.parts[i + 1] ?? v.parts[i]!];
      parts.push(this.v128(`${SHAPE[lane]}.narrow_${SHAPE[v.lane]}_${kind}`, a, b));
    }
    return { lane, parts };
  }

  /** Bits of the lanes that `ins` is made in; 0 where it is the same in all iterations. */
  #bits(ins: Ins): number {
    return this.inside(ins) ? BITS[this.value(ins).lane] : 0;
  }

  /** Least bits, at least `least` and those of the operands, in which `ins` comes out right. */
  #width(ins: Ins, least: number, operands: readonly Ins[]): number {
    const span = this.widths.span(ins);
    const from = Math.max(least, ...operands.map((o) => this.#bits(o)));
    for (const w of [8, 16]) {
      if (w < from) continue;
      if (fitsSigned(span, w) || fitsUnsigned(span, w) || this.widths.demanded(ins) <= w) return w;
    }
    return 32;
  }

  #make(ins: Ins): Vec {
    if (ins.type === 'void' || ins.op === 'phi') {
      if (ins.op === 'phi' && typeof this.affine.stride(ins) === 'bigint') return this.#induction(ins);
      throw new NotVector();
    }
    const stride = ins.type === 'i32' || ins.type === 'i64' ? this.affine.stride(ins) : null;
    if (effectOf(ins) === 'load') return this.#load(ins);
    if (effectOf(ins) !== 'pure') throw new NotVector();
    if (ins.op === 'select') return this.#select(ins);
    if (COMPARE.test(ins.op) || ins.op === 'i32.eqz' || ins.op === 'i64.eqz') {
      const mask = this.mask(ins);
      if (mask.lane === 'i64') return this.#boolean(this.maskIn(mask, 'i32'));
      return this.#boolean(mask);
    }
    // Cheaper than the operations it is made of, unless those are few.
    if (typeof stride === 'bigint' && stride !== 0n && ins.args.every((a) => this.affine.stride(a) !== null))
      return this.#induction(ins);
    return this.#pure(ins);
  }

  #boolean(mask: Vec): Vec {
    const one = this.vector(mask.lane, [1n]);
    return { lane: mask.lane, parts: mask.parts.map((p) => this.v128('v128.and', p, one)) };
  }

  /** x, x + s, x + 2 s, ... */
  #induction(ins: Ins): Vec {
    const lane = fixedLane(ins.type);
    if (lane[0] !== 'i') throw new NotVector();
    const stride = this.affine.stride(ins) as bigint;
    const n = 16 / laneBytes(lane);
    const first = this.splat(this.affine.at(ins, 0), lane);
    const step = this.vector(lane, [stride * BigInt(this.count)]);
    const parts = Array.from({ length: this.partsOf(lane) }, (_, i) => {
      const ahead = Array.from({ length: n }, (_, j) => stride * BigInt(i * n + j));
      const phi = this.phi('v128', this.early(`${SHAPE[lane]}.add`, 'v128', [first, this.vector(lane, ahead)]));
      phi.args.push(this.v128(`${SHAPE[lane]}.add`, phi, step));
      return phi;
    });
    return { lane, parts };
  }

  #load(ins: Ins): Vec {
    const { bytes } = opInfo(ins.op);
    const lane = fixedLane(ins.type);
    const imm = { mem: ins.imm.mem ?? 0 };
    const off = ins.imm.off ?? 0;
    const addr = this.scalar(ins.args[0]!);
    if (this.affine.stride(ins.args[0]!) === 0n) {
      const one = this.emit(ins.op, ins.type, [addr], { ...ins.imm });
      const all = this.v128(`${SHAPE[lane]}.splat`, one);
      return { lane, parts: Array.from({ length: this.partsOf(lane) }, () => all) };
    }
    const total = bytes * this.count;
    let parts: Ins[];
    if (total >= 16) {
      parts = Array.from({ length: total / 16 }, (_, i) =>
        this.emit('v128.load', 'v128', [addr], { ...imm, off: off + 16 * i }),
      );
    } else if (total >= 4) parts = [this.emit(`v128.load${8 * total}_zero`, 'v128', [addr], { ...imm, off })];
    else throw new NotVector();
    if (8 * bytes === BITS[lane]) return { lane, parts };
    const narrow: Vec = { lane: intLane(8 * bytes), parts };
    if (ins.type === 'i32') return narrow;
    let wide = narrow;
    while (wide.lane !== lane) wide = this.#widen(wide, ins.op.at(-1)!);
    return wide;
  }

  /** Stores a value of all iterations of a turn. */
  store(ins: Ins): void {
    const { bytes } = opInfo(ins.op);
    const [to, value] = ins.args as [Ins, Ins];
    if (ins.op.startsWith('v128') || (value.type === 'i64' && bytes < 8)) throw new NotVector();
    const lane = value.type === 'i32' ? intLane(8 * bytes) : fixedLane(value.type);
    const { parts } = this.as(value, lane);
    const addr = this.scalar(to);
    const imm = { mem: ins.imm.mem ?? 0 };
    const off = ins.imm.off ?? 0;
    const total = bytes * this.count;
    if (total >= 16) {
      for (const [i, p] of parts.entries()) this.emit('v128.store', 'void', [addr, p], { ...imm, off: off + 16 * i });
    } else if (total >= 4) {
      this.emit(`v128.store${8 * total}_lane`, 'void', [addr, parts[0]!], { ...imm, off, index: 0 });
    } else throw new NotVector();
  }

  #zip(op: string, lane: Lane, a: Vec, b: Vec): Vec {
    return { lane, parts: a.parts.map((p, i) => this.v128(op, p, b.parts[i]!)) };
  }

  #pure(ins: Ins): Vec {
    const { op, args } = ins;
    const [a, b] = args as [Ins, Ins];
    if (MODULAR.test(op)) return this.#modular(ins, a, b);
    if (SHIFT.test(op)) return this.#shift(ins, a, b);
    if (FLOAT_BINARY.test(op) || WIDE.test(op)) {
      const lane = fixedLane(ins.type);
      const name = op.slice(4);
      const vop = name === 'and' || name === 'or' || name === 'xor' ? `v128.${name}` : `${SHAPE[lane]}.${name}`;
      return this.#zip(vop, lane, this.as(a, lane), this.as(b, lane));
    }
    if (FLOAT_UNARY.test(op)) {
      const lane = fixedLane(ins.type);
      return { lane, parts: this.as(a, lane).parts.map((p) => this.v128(`${SHAPE[lane]}.${op.slice(4)}`, p)) };
    }
    return this.#conversion(ins, a);
  }

  #modular(ins: Ins, a: Ins, b: Ins): Vec {
    const name = ins.op.slice(4);
    const bits = this.#width(ins, name === 'mul' ? 16 : 8, [a, b]);
    const lane = intLane(bits);
    if (name === 'mul') {
      const kind = this.#extending(a, b, bits / 2);
      if (kind) return this.#product(lane, a, b, kind);
    }
    const bitwise = name === 'and' || name === 'or' || name === 'xor';
    return this.#zip(bitwise ? `v128.${name}` : `${SHAPE[lane]}.${name}`, lane, this.as(a, lane), this.as(b, lane));
  }

  /** How operands of half the width are to be extended for a product: `s`, `u`, or null when they do not fit. */
  #extending(a: Ins, b: Ins, bits: number): 's' | 'u' | null {
    if (Math.max(this.#bits(a), this.#bits(b)) > bits) return null;
    const spans = [this.widths.span(a), this.widths.span(b)];
    if (spans.every((s) => fitsSigned(s, bits))) return 's';
    return spans.every((s) => fitsUnsigned(s, bits)) ? 'u' : null;
  }

  #product(lane: Lane, a: Ins, b: Ins, kind: string): Vec {
    const half = intLane(BITS[lane] / 2);
    const [x, y] = [this.as(a, half), this.as(b, half)];
    const n = this.partsOf(lane);
    const op = (which: string, i: number) =>
      this.v128(`${SHAPE[lane]}.extmul_${which}_${SHAPE[half]}_${kind}`, x.parts[i]!, y.parts[i]!);
    return {
      lane,
      parts: x.parts.flatMap((_, i) => (n === x.parts.length ? [op('low', i)] : [op('low', i), op('high', i)])),
    };
  }

  #shift(ins: Ins, a: Ins, by: Ins): Vec {
    const [type, name] = ins.op.split('.') as ['i32' | 'i64', string];
    const full = bitsOf(type);
    if (this.affine.stride(by) !== 0n || (this.inside(by) && constBits(by) === null)) throw new NotVector();
    const known = constBits(by);
    if (name.startsWith('rot')) {
      if (known === null) throw new NotVector();
      const left = name === 'rotl' ? Number(known) % full : (full - (Number(known) % full)) % full;
      const { parts } = this.as(a, type);
      const [l, r] = [left, (full - left) % full].map((n) => this.constant('i32', BigInt(n))) as [Ins, Ins];
      const shape = SHAPE[type];
      const turn = (p: Ins) => this.v128('v128.or', this.v128(`${shape}.shl`, p, l), this.v128(`${shape}.shr_u`, p, r));
      return left === 0 ? { lane: type, parts } : { lane: type, parts: parts.map(turn) };
    }
    if (type === 'i64' || known === null) {
      const amount = type === 'i64' ? this.#wrapped(by) : by;
      return { lane: type, parts: this.as(a, type).parts.map((p) => this.v128(`${SHAPE[type]}.${name}`, p, amount)) };
    }
    return this.#narrowShift(ins, a, name, Number(known) % 32);
  }

  /** The amount of a 64-bit shift. */
  #wrapped(by: Ins): Ins {
    const bits = constBits(by);
    return bits === null ? this.early('i32.wrap_i64', 'i32', [by]) : this.constant('i32', bits % 64n);
  }

  #narrowShift(ins: Ins, a: Ins, name: string, n: number): Vec {
    let bits: number;
    let amount = n;
    if (name === 'shl') {
      bits = this.#width(ins, 16, [a]);
      if (n >= bits) bits = 32;
    } else {
      const span = this.widths.span(a);
      bits = 32;
      const enough = this.widths.demanded(ins) + n <= 16;
      const fits = name === 'shr_s' ? fitsSigned(span, 16) : fitsUnsigned(span, 16);
      if (this.#bits(a) <= 16 && (enough || (fits && (name === 'shr_s' || n < 16)))) bits = 16;
      if (bits === 16 && name === 'shr_s' && !enough) amount = Math.min(n, 15);
    }
    const lane = intLane(bits);
    const by = this.constant('i32', BigInt(amount));
    return { lane, parts: this.as(a, lane).parts.map((p) => this.v128(`${SHAPE[lane]}.${name}`, p, by)) };
  }

  /** Conversions between types. */
  #conversion(ins: Ins, a: Ins): Vec {
    const halves = (v: Vec, lane: Lane, low: string): Vec => {
      const n = this.partsOf(lane);
      const high = (p: Ins) => this.emit('i8x16.shuffle', 'v128', [p, p], { lanes: HIGH_HALF });
      const parts = v.parts.flatMap((p) =>
        n === v.parts.length ? [this.v128(low, p)] : [this.v128(low, p), this.v128(low, high(p))],
      );
      return { lane, parts };
    };
    const joined = (v: Vec, lane: Lane, op: string | null, lanes: readonly number[]): Vec => {
      const parts: Ins[] = [];
      for (let i = 0; i < v.parts.length; i += 2) {
        const [x, y] = [v.parts[i]!, v.parts[i + 1] ?? v.parts[i]!].map((p) => (op ? this.v128(op, p) : p)) as [
          Ins,
          Ins,
        ];
        parts.push(this.emit('i8x16.shuffle', 'v128', [x, y], { lanes }));
      }
      return { lane, parts };
    };
    const map = (v: Vec, lane: Lane, op: string): Vec => ({ lane, parts: v.parts.map((p) => this.v128(op, p)) });
    switch (ins.op) {
      case 'i32.extend8_s':
        return this.as(a, 'i8');
      case 'i32.extend16_s':
        return this.as(a, 'i16');
      case 'i64.extend_i32_s':
      case 'i64.extend_i32_u':
        return this.#widen(this.as(a, 'i32'), ins.op.at(-1)!);
      case 'i32.wrap_i64':
        return joined(this.as(a, 'i64'), 'i32', null, EVEN_WORDS);
      case 'f64.convert_i32_s':
      case 'f64.convert_i32_u':
        return halves(this.as(a, 'i32'), 'f64', `f64x2.convert_low_i32x4_${ins.op.at(-1)}`);
      case 'f64.promote_f32':
        return halves(this.as(a, 'f32'), 'f64', 'f64x2.promote_low_f32x4');
      case 'f32.demote_f64':
        return joined(this.as(a, 'f64'), 'f32', 'f32x4.demote_f64x2_zero', LOW_HALVES);
      case 'f32.convert_i32_s':
      case 'f32.convert_i32_u':
        return map(this.as(a, 'i32'), 'f32', `f32x4.convert_i32x4_${ins.op.at(-1)}`);
      case 'i32.trunc_sat_f32_s':
      case 'i32.trunc_sat_f32_u':
        return map(this.as(a, 'f32'), 'i32', `i32x4.trunc_sat_f32x4_${ins.op.at(-1)}`);
      case 'i32.trunc_sat_f64_s':
      case 'i32.trunc_sat_f64_u':
        return joined(this.as(a, 'f64'), 'i32', `i32x4.trunc_sat_f64x2_${ins.op.at(-1)}_zero`, LOW_HALVES);
      case 'i32.reinterpret_f32':
      case 'i64.reinterpret_f64':
      case 'f32.reinterpret_i32':
      case 'f64.reinterpret_i64': {
        return { lane: fixedLane(ins.type), parts: this.as(a, fixedLane(a.type)).parts };
      }
      default:
        throw new NotVector();
    }
  }

  /** Lanes in which integers of 32 bits can be compared, and the sign of the comparison where it is another. */
  common(...values: readonly Ins[]): { lane: Lane; sign: 'u' | null } {
    const from = Math.max(8, ...values.map((v) => this.#bits(v)));
    const spans = values.map((v) => this.widths.span(v));
    for (const w of [8, 16]) {
      if (w < from) continue;
      // Extending both with their sign keeps signed and unsigned order.
      if (spans.every((s) => fitsSigned(s, w))) return { lane: intLane(w), sign: null };
      if (spans.every((s) => fitsUnsigned(s, w))) return { lane: intLane(w), sign: 'u' };
    }
    return { lane: 'i32', sign: null };
  }

  /** `ins` in lanes of 16 bits, or null where it is made in wider ones. */
  upTo16(ins: Ins): Vec | null {
    return this.#bits(ins) <= 16 ? this.as(ins, 'i16') : null;
  }

  /** Extracts the value of the last iteration of a turn. */
  lastOf(ins: Ins, after: (op: string, type: IrType, args: Ins[], imm: InsImm) => Ins): Ins {
    const { lane, parts } = this.value(ins);
    const index = (this.count - 1) % (16 / laneBytes(lane));
    const sign = lane === 'i8' || lane === 'i16' ? (fitsUnsigned(this.widths.span(ins), BITS[lane]) ? '_u' : '_s') : '';
    return after(`${SHAPE[lane]}.extract_lane${sign}`, ins.type, [parts.at(-1)!], { index });
  }

  /** All ones in the lanes where the condition is not 0. */
  mask(cond: Ins): Vec {
    if (!this.inside(cond)) throw new NotVector();
    const [a, b] = cond.args as [Ins, Ins];
    if (cond.op === 'i32.eqz' && isBoolean(a) && this.inside(a)) {
      const m = this.mask(a);
      return { lane: m.lane, parts: m.parts.map((p) => this.v128('v128.not', p)) };
    }
    if (cond.op === 'i32.eqz') return this.#compare('i32', 'eq', a, this.constant('i32', 0n));
    if (cond.op === 'i64.eqz') return this.#compare('i64', 'eq', a, this.constant('i64', 0n));
    const match = COMPARE.exec(cond.op);
    if (match) return this.#compare(match[1]!, match[2]!, a, b);
    if (/^i32\.(and|or|xor)$/.test(cond.op) && cond.args.every((x) => isBoolean(x) && this.inside(x))) {
      const [x, y] = [this.mask(a), this.mask(b)];
      const lane = BITS[x.lane] > BITS[y.lane] ? x.lane : y.lane;
      return this.#zip(`v128.${cond.op.slice(4)}`, lane, this.maskIn(x, lane), this.maskIn(y, lane));
    }
    return this.#compare('i32', 'ne', cond, this.constant('i32', 0n));
  }

  #compare(type: string, name: string, a: Ins, b: Ins): Vec {
    if (type === 'i32') {
      const { lane, sign } = this.common(a, b);
      const op = sign ? name.replace(/_[su]$/, `_${sign}`) : name;
      return this.#zip(`${SHAPE[lane]}.${op}`, lane, this.as(a, lane), this.as(b, lane));
    }
    const lane = type as Lane;
    if (name.endsWith('_u')) throw new NotVector();
    const { parts } = this.#zip(`${SHAPE[lane]}.${name}`, lane, this.as(a, lane), this.as(b, lane));
    return { lane: intLane(BITS[lane]), parts };
  }

  /** A mask for lanes of another width. */
  maskIn(mask: Vec, lane: Lane): Vec {
    let m = mask;
    while (BITS[m.lane] < BITS[lane]) m = this.#widen(m, 's');
    while (BITS[m.lane] > BITS[lane]) {
      if (m.lane !== 'i64') m = this.#narrow(m, 's');
      else {
        const parts: Ins[] = [];
        for (let i = 0; i < m.parts.length; i += 2) {
          const pair = [m.parts[i]!, m.parts[i + 1] ?? m.parts[i]!];
          parts.push(this.emit('i8x16.shuffle', 'v128', pair, { lanes: EVEN_WORDS }));
        }
        m = { lane: 'i32', parts };
      }
    }
    return m;
  }

  #select(ins: Ins): Vec {
    const [a, b, cond] = ins.args as [Ins, Ins, Ins];
    const extreme = extremeOf(ins);
    if (extreme) {
      const { lane, sign } = this.common(a, b);
      const op = `${SHAPE[lane]}.${extreme.op}_${sign ?? extreme.sign}`;
      return this.#zip(op, lane, this.as(a, lane), this.as(b, lane));
    }
    const lane = ins.type === 'i32' ? intLane(this.#width(ins, 8, [a, b])) : fixedLane(ins.type);
    const [x, y] = [this.as(a, lane), this.as(b, lane)];
    if (!this.inside(cond)) {
      return { lane, parts: x.parts.map((p, i) => this.emit('select', 'v128', [p, y.parts[i]!, cond])) };
    }
    const m = this.maskIn(this.mask(cond), intLane(BITS[lane]));
    return { lane, parts: x.parts.map((p, i) => this.v128('v128.bitselect', p, y.parts[i]!, m.parts[i]!)) };
  }
}

/** `select` of the lesser or greater of two integers of 32 bits. */
export function extremeOf(ins: Ins): { op: 'min' | 'max'; sign: 's' | 'u' } | null {
  if (ins.op !== 'select' || ins.type !== 'i32') return null;
  const [a, b, cond] = ins.args as [Ins, Ins, Ins];
  const match = /^i32\.([lg])[te]_([su])$/.exec(cond.op);
  if (!match) return null;
  const straight = cond.args[0] === a && cond.args[1] === b;
  if (!straight && !(cond.args[0] === b && cond.args[1] === a)) return null;
  return { op: (match[1] === 'l') === straight ? 'min' : 'max', sign: match[2] as 's' | 'u' };
}
