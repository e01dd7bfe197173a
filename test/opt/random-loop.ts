/**
 * Random guests with one counted loop over arrays of one or several element types: shifted loads, invariants, constants,
 * the counter, choices, conversions, sums and extremes. Where the arrays lie is up to the caller, so they may overlap, and
 * run out of the memory.
 *
 *     run(a, b, c, from, to, k) -> i64      what the loop has gathered, together with its counter
 */
import { type Random, random } from './random-region.ts';

type Type = 'i32' | 'i64' | 'f32' | 'f64';

interface Element {
  readonly type: Type;
  readonly load: string;
  readonly store: string;
  readonly bytes: number;
}

const ELEMENTS: readonly Element[] = [
  ...['i32.load8_u', 'i32.load8_s'].map((load) => ({ type: 'i32', load, store: 'i32.store8', bytes: 1 }) as const),
  ...['i32.load16_u', 'i32.load16_s'].map((load) => ({ type: 'i32', load, store: 'i32.store16', bytes: 2 }) as const),
  { type: 'i32', load: 'i32.load', store: 'i32.store', bytes: 4 },
  { type: 'i64', load: 'i64.load', store: 'i64.store', bytes: 8 },
  { type: 'i64', load: 'i64.load32_s', store: 'i64.store', bytes: 4 },
  { type: 'f32', load: 'f32.load', store: 'f32.store', bytes: 4 },
  { type: 'f64', load: 'f64.load', store: 'f64.store', bytes: 8 },
];

const BINARY: Record<Type, readonly string[]> = {
  i32: ['add', 'sub', 'mul', 'and', 'or', 'xor'],
  i64: ['add', 'sub', 'mul', 'and', 'or', 'xor'],
  f32: ['add', 'sub', 'mul'],
  f64: ['add', 'sub', 'mul'],
};
const COMPARE: Record<Type, readonly string[]> = {
  i32: ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'],
  i64: ['eq', 'ne', 'lt_s', 'gt_s', 'le_s', 'ge_s'],
  f32: ['eq', 'ne', 'lt', 'gt', 'le', 'ge'],
  f64: ['eq', 'ne', 'lt', 'gt', 'le', 'ge'],
};
const CONSTANTS: Record<Type, readonly string[]> = {
  i32: ['0', '1', '-1', '3', '127', '128', '255', '256', '-129', '32767', '65535', '-2147483648'],
  i64: ['0', '1', '-1', '255', '4294967296', '-9'],
  f32: ['0', '1', '-0.5', '3'],
  f64: ['0', '1', '-0.25', '1e3'],
};

class LoopText {
  readonly r: Random;
  readonly locals: string[] = [];

  constructor(r: Random) {
    this.r = r;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.r(list.length)]!;
  }

  /** Address of the element at the counter, shifted by up to two. */
  address(e: Element, base: string): string {
    const i = `(i32.mul (local.get $i) (i32.const ${e.bytes}))`;
    return `(i32.add (local.get ${base}) ${e.bytes === 1 ? '(local.get $i)' : i})`;
  }

  load(e: Element): string {
    const shift = this.r(3) === 0 ? e.bytes * this.r(4) : 0;
    const base = this.pick(['$a', '$b', '$c']);
    // Now and then a place that stays where it is.
    if (this.r(16) === 0) return `(${e.load} offset=${shift} (local.get ${base}))`;
    return `(${e.load} offset=${shift} ${this.address(e, base)})`;
  }

  /** A value of that type, made of elements of these kinds. */
  value(type: Type, kinds: readonly Element[], depth: number): string {
    const sub = (t: Type) => this.value(t, kinds, depth - 1);
    const loads = kinds.filter((e) => e.type === type);
    if (depth === 0) {
      if (loads.length > 0 && this.r(4) !== 0) return this.load(this.pick(loads));
      if (type === 'i32' && this.r(3) === 0) return this.pick(['(local.get $i)', '(local.get $k)']);
      return `(${type}.const ${this.pick(CONSTANTS[type])})`;
    }
    const int = type === 'i32' || type === 'i64';
    switch (this.r(int ? 8 : 6)) {
      case 0:
        return `(select ${sub(type)} ${sub(type)} ${this.condition(kinds, depth - 1)})`;
      case 1:
        return this.conversion(type, kinds, depth);
      case 2: {
        // The lesser or greater of two.
        const [x, y] = [sub(type), sub(type)];
        return `(select ${x} ${y} (${type}.${this.pick(COMPARE[type])} ${x} ${y}))`;
      }
      case 6:
        return `(${type}.${this.pick(['shl', 'shr_s', 'shr_u'])} ${sub(type)} (${type}.const ${this.r(type === 'i32' ? 40 : 70)}))`;
      case 7:
        return `(${type}.${this.pick(['rotl', 'rotr'])} ${sub(type)} (${type}.const ${this.r(40)}))`;
      default:
        return `(${type}.${this.pick(BINARY[type])} ${sub(type)} ${sub(type)})`;
    }
  }

  condition(kinds: readonly Element[], depth: number): string {
    const { type } = this.pick(kinds);
    const sub = () => this.value(type, kinds, Math.max(0, depth - 1));
    const test = `(${type}.${this.pick(COMPARE[type])} ${sub()} ${sub()})`;
    return this.r(4) === 0 ? `(i32.eqz ${test})` : test;
  }

  conversion(type: Type, kinds: readonly Element[], depth: number): string {
    const sub = (t: Type) => this.value(t, kinds, depth - 1);
    const sign = this.pick(['s', 'u']);
    switch (type) {
      case 'i32':
        switch (this.r(4)) {
          case 0:
            return `(i32.wrap_i64 ${sub('i64')})`;
          case 1:
            return `(i32.trunc_sat_f64_${sign} ${sub('f64')})`;
          default:
            return `(i32.extend${this.pick(['8', '16'])}_s ${sub('i32')})`;
        }
      case 'i64':
        return `(i64.extend_i32_${sign} ${sub('i32')})`;
      case 'f32':
        return this.r(2) === 0 ? `(f32.convert_i32_${sign} ${sub('i32')})` : `(f32.demote_f64 ${sub('f64')})`;
      default:
        return this.r(2) === 0 ? `(f64.convert_i32_${sign} ${sub('i32')})` : `(f64.promote_f32 ${sub('f32')})`;
    }
  }

  /** A sum, product, ... or extreme that is kept in `local`. */
  reduction(local: string, type: 'i32' | 'i64', kinds: readonly Element[]): string {
    const x = this.value(type, kinds, this.r(3));
    if (type === 'i32' && this.r(3) === 0) {
      const test = `(i32.${this.pick(COMPARE.i32.slice(2))} (local.get ${local}) (local.get $t))`;
      return `(local.set $t ${x}) (local.set ${local} (select (local.get ${local}) (local.get $t) ${test}))`;
    }
    const op = this.pick(['add', 'add', 'sub', 'xor', 'or', 'and', 'mul']);
    return `(local.set ${local} (${type}.${op} (local.get ${local}) ${x}))`;
  }

  text(): string {
    const kinds = Array.from({ length: 1 + this.r(2) }, () => this.pick(ELEMENTS));
    const body: string[] = [];
    for (let n = this.r(3); n > 0; n--) {
      const e = this.pick(kinds);
      const shift = this.r(3) === 0 ? e.bytes * this.r(3) : 0;
      const value = this.value(e.type, kinds, 1 + this.r(3));
      body.push(`(${e.store} offset=${shift} ${this.address(e, this.pick(['$a', '$c']))} ${value})`);
    }
    if (body.length === 0 || this.r(3) === 0) body.push(this.reduction('$s', 'i32', kinds));
    if (this.r(6) === 0) body.push(this.reduction('$l', 'i64', kinds));
    if (this.r(4) === 0) body.push(`(local.set $last ${this.value('i32', kinds, 1)})`);
    const step = this.pick([1, 1, 1, 1, 2, -1]);
    const end = step < 0 ? `(i32.${this.pick(['gt_s', 'ge_s', 'ne'])} (local.get $i) (i32.const 0))` : '';
    const up = `(i32.${this.pick(['lt_s', 'lt_u', 'le_s', ...(step === 1 ? ['ne'] : [])])} (local.get $i) (local.get $to))`;
    const test = step < 0 ? end : up;
    const next = `(local.set $i (i32.add (local.get $i) (i32.const ${step})))`;
    const atEnd = this.r(2) === 0;
    const loop = atEnd
      ? `(if ${test} (then (loop $l ${body.join(' ')} ${next} (br_if $l ${test}))))`
      : `(block $out (loop $l (br_if $out (i32.eqz ${test})) ${body.join(' ')} ${next} (br $l)))`;
    return `(module (memory (export "m") 1 2)
      (func (export "run") (param $a i32) (param $b i32) (param $c i32) (param $i i32) (param $to i32) (param $k i32)
        (result i64) (local $s i32) (local $l i64) (local $last i32) (local $t i32)
        ${step < 0 ? '(local.set $i (local.get $to))' : ''}
        ${loop}
        (i64.add (local.get $l) (i64.add (i64.mul (i64.extend_i32_u (local.get $i)) (i64.const 1000003))
          (i64.add (i64.extend_i32_u (local.get $s)) (i64.shl (i64.extend_i32_u (local.get $last)) (i64.const 20)))))))`;
  }
}

/** A module as text. */
export function randomLoop(seed: number): string {
  return new LoopText(random(seed)).text();
}
