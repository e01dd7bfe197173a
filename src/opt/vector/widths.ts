/**
 * How many bits of a 32-bit value have to be computed. Sums of bytes need lanes of 16 bits and not of 32, and a lane of half
 * the width does the work of two. Two views are combined: `span`, the signed range that the value can have by what it is
 * made of, and `demanded`, how many low bits those who use it look at.
 *
 *     v1 = i32.load8_u a    v2 = i32.load8_u b    v3 = i32.sub v1 v2       span -255 to 255: 16 bits
 *     i32.store8 c v3                                                      demanded: 8 bits
 */
import type { Ins } from '../../ir/ir.ts';
import { constBits, opInfo } from '../../ir/ops.ts';
import { isBoolean } from '../ranges.ts';

/** Signed range of a 32-bit value. */
export interface Span {
  readonly lo: number;
  readonly hi: number;
}

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;
const FULL: Span = { lo: LEAST, hi: MOST };

/** FULL where the exact result may lie outside: the value wraps. */
function span(lo: number, hi: number): Span {
  return lo < LEAST || hi > MOST ? FULL : { lo, hi };
}

function union(a: Span, b: Span): Span {
  return { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}

function signedConst(ins: Ins): number | null {
  const bits = constBits(ins);
  return bits === null ? null : Number(BigInt.asIntN(32, bits));
}

export class Widths {
  readonly #spans = new Map<Ins, Span>();
  readonly #demanded = new Map<Ins, number>();
  readonly #inside: (ins: Ins) => boolean;

  /** `body`: the loop's instructions in order; `whole`: wanted with all bits; `inside`: belongs to the loop. */
  constructor(body: readonly Ins[], whole: readonly Ins[], inside: (ins: Ins) => boolean) {
    this.#inside = inside;
    for (const ins of whole) this.#demanded.set(ins, 32);
    for (const ins of body.toReversed()) this.#demand(ins);
  }

  /** Signed range of an i32. */
  span(ins: Ins): Span {
    let known = this.#spans.get(ins);
    if (!known) {
      this.#spans.set(ins, FULL); // for cycles
      known = this.#span(ins);
      this.#spans.set(ins, known);
    }
    return known;
  }

  /** Low bits of an i32 that its users in the body look at; 32 where users are unknown. */
  demanded(ins: Ins): number {
    return this.#demanded.get(ins) ?? 32;
  }

  #span(ins: Ins): Span {
    const c = signedConst(ins);
    if (c !== null) return { lo: c, hi: c };
    if (isBoolean(ins)) return { lo: 0, hi: 1 };
    if (!this.#inside(ins) || ins.type !== 'i32') return FULL;
    const { effect, bytes } = opInfo(ins.op);
    if (effect === 'load') {
      const n = 2 ** (8 * bytes);
      return bytes === 4 ? FULL : ins.op.endsWith('_u') ? { lo: 0, hi: n - 1 } : { lo: -n / 2, hi: n / 2 - 1 };
    }
    if (ins.op === 'select') return union(this.span(ins.args[0]!), this.span(ins.args[1]!));
    if (ins.op === 'i32.extend8_s') return { lo: -128, hi: 127 };
    if (ins.op === 'i32.extend16_s') return { lo: -32768, hi: 32767 };
    if (ins.args.length !== 2) return FULL;
    return arithmetic(ins.op, this.span(ins.args[0]!), this.span(ins.args[1]!), signedConst(ins.args[1]!));
  }

  #demand(ins: Ins): void {
    const [a, b] = ins.args;
    const d = this.demanded(ins);
    const put = (value: Ins | undefined, bits: number): void => {
      if (!value || !this.#inside(value)) return;
      const known = this.#demanded.get(value);
      this.#demanded.set(value, known === undefined ? bits : Math.max(known, bits));
    };
    const shift = b ? signedConst(b) : null;
    switch (ins.op) {
      case 'i32.store8':
        put(a, 32);
        put(b, 8);
        return;
      case 'i32.store16':
        put(a, 32);
        put(b, 16);
        return;
      case 'i32.add':
      case 'i32.sub':
      case 'i32.mul':
      case 'i32.or':
      case 'i32.xor':
        put(a, d);
        put(b, d);
        return;
      case 'i32.and':
        put(a, Math.min(d, shift === null || shift < 0 ? 32 : 32 - Math.clz32(shift)));
        put(b, d);
        return;
      case 'i32.shl':
        put(a, shift === null ? 32 : d);
        put(b, 32);
        return;
      case 'i32.shr_u':
      case 'i32.shr_s':
        put(a, shift === null ? 32 : Math.min(32, d + (shift & 31)));
        put(b, 32);
        return;
      case 'i32.extend8_s':
        put(a, 8);
        return;
      case 'i32.extend16_s':
        put(a, 16);
        return;
      case 'select':
        put(a, d);
        put(b, d);
        put(ins.args[2], 32);
        return;
      default:
        for (const x of ins.args) put(x, 32);
    }
  }
}

/** Smallest of the form 2^k - 1 at or above n >= 0. */
function fill(n: number): number {
  return 2 ** (32 - Math.clz32(n)) - 1;
}

function arithmetic(op: string, a: Span, b: Span, c: number | null): Span {
  switch (op) {
    case 'i32.add':
      return span(a.lo + b.lo, a.hi + b.hi);
    case 'i32.sub':
      return span(a.lo - b.hi, a.hi - b.lo);
    case 'i32.mul': {
      const corners = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
      return span(Math.min(...corners), Math.max(...corners));
    }
    case 'i32.and':
      if (a.lo >= 0 && b.lo >= 0) return { lo: 0, hi: Math.min(a.hi, b.hi) };
      if (a.lo >= 0) return { lo: 0, hi: a.hi };
      return b.lo >= 0 ? { lo: 0, hi: b.hi } : FULL;
    case 'i32.or':
    case 'i32.xor': {
      // Both are sign extensions of as many bits as the wider one has, and so is the result.
      const bits = fill(Math.max(a.hi, b.hi, -1 - a.lo, -1 - b.lo, 0));
      return a.lo >= 0 && b.lo >= 0 ? { lo: 0, hi: bits } : { lo: -1 - bits, hi: bits };
    }
    case 'i32.shl':
      return c === null ? FULL : span(a.lo * 2 ** (c & 31), a.hi * 2 ** (c & 31));
    case 'i32.shr_s':
      return c === null ? FULL : { lo: a.lo >> c, hi: a.hi >> c };
    case 'i32.shr_u':
      if (c === null || (c & 31) === 0) return FULL;
      return a.lo >= 0 ? { lo: a.lo >> c, hi: a.hi >> c } : { lo: 0, hi: 2 ** (32 - (c & 31)) - 1 };
    default:
      return FULL;
  }
}

export function fitsSigned(s: Span, bits: number): boolean {
  return s.lo >= -(2 ** (bits - 1)) && s.hi < 2 ** (bits - 1);
}

export function fitsUnsigned(s: Span, bits: number): boolean {
  return bits === 32 ? s.lo >= 0 : s.lo >= 0 && s.hi < 2 ** bits;
}
