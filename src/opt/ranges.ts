/**
 * Unsigned ranges and known zero bits of integer values, from their definitions and from what guards have established.
 * Deliberately shallow: it answers "is this address below the memory's least size" and "is this condition settled".
 */
import type { Ins } from '../ir/ir.ts';
import { bitsOf, constBits, opInfo } from '../ir/ops.ts';

/** All values v with min <= v <= max (unsigned) that have no bit of `zeros`. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
  readonly zeros: bigint;
}

/** What is known about a value besides its definition. */
export type RangeFacts = (ins: Ins) => Range | null;

/** Definitions are followed this deep. */
const DEPTH = 6;

const ONES = Array.from({ length: 65 }, (_, bits) => (1n << BigInt(bits)) - 1n);

/** The lowest `bits` (at most 64) bits. */
export function ones(bits: number): bigint {
  return ONES[bits] ?? (1n << BigInt(bits)) - 1n;
}

const FULL: Record<number, Range> = {
  32: { min: 0n, max: ones(32), zeros: 0n },
  64: { min: 0n, max: ones(64), zeros: 0n },
};

export function fullRange(width: number): Range {
  return FULL[width] ?? { min: 0n, max: ones(width), zeros: 0n };
}

/** Values from min to max; bits above the highest of max are zero. */
export function range(min: bigint, max: bigint, width: number): Range {
  return { min, max, zeros: ones(width) & ~below(max) };
}

/** All ones up to the highest bit of `n`. */
function below(n: bigint): bigint {
  return ones(n.toString(2).length) * (n === 0n ? 0n : 1n);
}

function lower(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

function higher(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

export function intersect(a: Range, b: Range): Range {
  return {
    min: higher(a.min, b.min),
    max: lower(a.max, b.max),
    zeros: a.zeros | b.zeros,
  };
}

function union(a: Range, b: Range): Range {
  return {
    min: lower(a.min, b.min),
    max: higher(a.max, b.max),
    zeros: a.zeros & b.zeros,
  };
}

/** Lowers max and adds zeros so that both say the same. */
function tidy(r: Range, width: number): Range {
  const all = ones(width);
  const max = lower(r.max, all & ~r.zeros);
  return { min: r.min, max, zeros: r.zeros | (all & ~below(max)) };
}

const NONE: RangeFacts = () => null;

/** Range of an i32 or i64 value. */
export function rangeOf(ins: Ins, facts: RangeFacts = NONE, depth = DEPTH): Range {
  const width = bitsOf(ins.type);
  const bits = constBits(ins);
  if (bits !== null) return { min: bits, max: bits, zeros: ones(width) & ~bits };
  let r = depth > 0 ? byDefinition(ins, width, (a) => rangeOf(a, facts, depth - 1)) : fullRange(width);
  const known = facts(ins);
  if (known) r = intersect(r, known);
  return r === FULL[width] ? r : tidy(r, width);
}

function byDefinition(ins: Ins, width: number, of: (a: Ins) => Range): Range {
  const info = opInfo(ins.op);
  const dot = ins.op.indexOf('.');
  const name = ins.op.slice(dot + 1);
  if (info.effect === 'load') return name.endsWith('_u') ? range(0n, ones(info.bytes * 8), width) : fullRange(width);
  if (isBoolean(ins)) return range(0n, 1n, width);
  if (ins.op === 'select') return union(of(ins.args[0]!), of(ins.args[1]!));
  if (ins.op === 'i64.extend_i32_u') {
    const a = of(ins.args[0]!);
    return { ...a, zeros: a.zeros | (ones(64) & ~ones(32)) };
  }
  if (ins.op === 'i32.wrap_i64') {
    const a = of(ins.args[0]!);
    return a.max <= ones(32) ? { ...a, zeros: a.zeros & ones(32) } : { ...fullRange(32), zeros: a.zeros & ones(32) };
  }
  if (name === 'clz' || name === 'ctz' || name === 'popcnt') return range(0n, BigInt(width), width);
  if (info.effect !== 'pure' && info.effect !== 'trap') return fullRange(width);
  if (ins.args.length !== 2 || (dot !== 3 && width !== 0)) return fullRange(width);
  if (!ins.op.startsWith('i')) return fullRange(width);
  return arithmetic(name, width, ins.args[0]!, ins.args[1]!, of);
}

function arithmetic(name: string, width: number, left: Ins, right: Ins, of: (a: Ins) => Range): Range {
  const all = ones(width);
  const full = fullRange(width);
  const c = constBits(right);
  // Most values are not known at all: say so without arithmetic.
  if (c === null && name !== 'and' && name !== 'or' && name !== 'rem_u' && name !== 'div_u' && of(right) === full)
    return full;
  const a = of(left);
  const b = of(right);
  const shift = c === null ? 0n : c % BigInt(width);
  switch (name) {
    case 'and':
      return { min: 0n, max: lower(a.max, b.max), zeros: a.zeros | b.zeros };
    case 'or':
      return { min: higher(a.min, b.min), max: all, zeros: a.zeros & b.zeros };
    case 'xor':
      return { min: 0n, max: all, zeros: a.zeros & b.zeros };
    case 'shl': {
      if (c === null) return full;
      const zeros = ((a.zeros << shift) | ones(Number(shift))) & all;
      const fits = a.max << shift <= all;
      return fits ? { min: a.min << shift, max: a.max << shift, zeros } : { ...full, zeros };
    }
    case 'shr_u':
      if (c === null) return { min: 0n, max: a.max, zeros: 0n };
      return { min: a.min >> shift, max: a.max >> shift, zeros: (a.zeros >> shift) | (all & ~(all >> shift)) };
    case 'add': {
      const low = trailing(a.zeros & b.zeros, width);
      if (a.max + b.max <= all) return { min: a.min + b.min, max: a.max + b.max, zeros: low };
      return low === 0n ? full : { ...full, zeros: low };
    }
    case 'sub': {
      const low = trailing(a.zeros & b.zeros, width);
      if (a.min >= b.max) return { min: a.min - b.max, max: a.max - b.min, zeros: low };
      return low === 0n ? full : { ...full, zeros: low };
    }
    case 'mul':
      return a.max * b.max <= all ? { min: a.min * b.min, max: a.max * b.max, zeros: 0n } : full;
    case 'div_u':
      return b.min > 0n ? { min: a.min / b.max, max: a.max / b.min, zeros: 0n } : full;
    case 'rem_u':
      return b.max > 0n ? { min: 0n, max: lower(a.max, b.max - 1n), zeros: 0n } : full;
    default:
      return full;
  }
}

/** The run of ones at the bottom of `mask`. */
function trailing(mask: bigint, width: number): bigint {
  let n = 0;
  while (n < width && (mask >> BigInt(n)) & 1n) n++;
  return ones(n);
}

/** True for instructions whose result is 0 or 1: comparisons and tests. */
export function isBoolean(ins: Ins): boolean {
  if (ins.type !== 'i32' && ins.type !== 'i64') return false;
  const bits = constBits(ins);
  if (bits !== null) return bits <= 1n;
  let known = booleans.get(ins.op);
  if (known === undefined) {
    known = BOOLEAN.test(ins.op);
    booleans.set(ins.op, known);
  }
  return known;
}

const BOOLEAN = /^[if]\d\d\.(eqz|eq|ne|[lg][te](_[su])?)$|^ref\.(is_null|eq|test)|\.(any|all)_(true)$/;
const booleans = new Map<string, boolean>();
