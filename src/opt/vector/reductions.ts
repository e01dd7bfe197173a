/**
 * Reductions: a phi that gets op(phi, x) in each iteration and that nothing else in the loop reads. Each lane gathers its own
 * part from the neutral element on; behind the vector loop the parts are combined with what the phi was. Integer operations
 * do not mind the order; those of floats do, and are taken only where that is allowed.
 */
import type { Ins, InsImm, IrType } from '../../ir/ir.ts';
import { ones } from '../ranges.ts';
import { extremeOf, type Lane, type Lanes, laneBytes, NotVector, shapeOf, type Vec } from './lanes.ts';
import type { StraightLoop } from './loop.ts';
import { fitsSigned } from './widths.ts';

/** How often each value is read in one iteration, other than by exits. */
export function useCounts(straight: StraightLoop): Map<Ins, number> {
  const uses = new Map<Ins, number>();
  const use = (v: Ins) => uses.set(v, (uses.get(v) ?? 0) + 1);
  for (const ins of straight.body) for (const a of ins.args) use(a);
  for (const { cond } of straight.stays) use(cond);
  for (const phi of straight.phis) use(phi.args[straight.back]!);
  return uses;
}

/** What is gathered, of type i32, i64, f32 or f64. */
type Kind = 'add' | 'mul' | 'and' | 'or' | 'xor' | 'min_s' | 'min_u' | 'max_s' | 'max_u';

const GATHERS = /^(i32|i64|f32|f64)\.(add|sub|mul|and|or|xor)$/;
/** Links of a chain like ((phi + a) + b) + c at most. */
const LONGEST = 16;

interface Source {
  readonly value: Ins;
  /** Taken away instead of added. */
  readonly minus: boolean;
}

type Make = (op: string, type: IrType, args: Ins[], imm?: InsImm) => Ins;

export class Reduction {
  readonly #kind: Kind;
  readonly #type: IrType;
  readonly #sources: readonly Source[];
  readonly #uses: ReadonlyMap<Ins, number>;

  constructor(kind: Kind, type: IrType, sources: readonly Source[], uses: ReadonlyMap<Ins, number>) {
    this.#kind = kind;
    this.#type = type;
    this.#sources = sources;
    this.#uses = uses;
  }

  get sources(): Ins[] {
    return this.#sources.map((s) => s.value);
  }

  static find(straight: StraightLoop, phi: Ins, uses: ReadonlyMap<Ins, number>, floats: boolean): Reduction | null {
    const next = phi.args[straight.back]!;
    const kind = kindOf(next);
    if (!kind || (!floats && next.type[0] === 'f')) return null;
    // The choice of an extreme reads a value twice, in its comparison too.
    const reads = kind[1] === 'i' || kind[1] === 'a' ? 2 : 1;
    const single = (v: Ins): boolean => uses.get(v) === (v === next ? 1 : reads);
    const extreme = kind.includes('_');
    const follow = (v: Ins, depth: number): Source[] | null => {
      if (v === phi) return uses.get(phi) === (extreme ? 2 : 1) ? [] : null;
      if (depth > LONGEST || !straight.loop.blocks.has(v.block) || kindOf(v) !== kind || v.type !== next.type)
        return null;
      if (!single(v) || (extreme && uses.get(v.args[2]!) !== 1)) return null;
      const [a, b] = v.args as [Ins, Ins];
      const left = follow(a, depth + 1);
      if (left) return [...left, { value: b, minus: v.op.endsWith('.sub') }];
      const right = v.op.endsWith('.sub') ? null : follow(b, depth + 1);
      return right && [...right, { value: a, minus: false }];
    };
    const sources = follow(next, 0);
    return sources && new Reduction(kind, next.type, sources, uses);
  }

  /** Gathers in the vector loop; returns the phi's value behind it, made by `after`. `initial`: its value in front. */
  build(lanes: Lanes, initial: Ins, after: Make): Ins {
    return this.#kind.includes('_') ? this.#extreme(lanes, initial, after) : this.#gather(lanes, initial, after);
  }

  #gather(lanes: Lanes, initial: Ins, after: Make): Ins {
    const lane = this.#type as Lane;
    full(lanes, lane);
    const terms = this.#sources.flatMap(({ value, minus }) => {
      const parts = this.#kind === 'add' && lane === 'i32' ? this.#pairs(lanes, value) : lanes.as(value, lane).parts;
      return parts.map((part) => ({ part, minus }));
    });
    const neutral = lanes.vector(lane, [this.#neutral(lane)]);
    const many = Math.min(terms.length, lanes.partsOf(lane));
    const phis = Array.from({ length: many }, () => lanes.phi('v128', neutral));
    const sums: Ins[] = [...phis];
    const bitwise = this.#kind === 'and' || this.#kind === 'or' || this.#kind === 'xor';
    const op = bitwise ? `v128.${this.#kind}` : `${shapeOf(lane)}.${this.#kind}`;
    for (const [i, { part, minus }] of terms.entries()) {
      const at = i % many;
      sums[at] = lanes.v128(minus ? `${shapeOf(lane)}.sub` : op, sums[at]!, part);
    }
    for (const [k, phi] of phis.entries()) phi.args.push(sums[k]!);
    const all = sums.reduce((a, b) => after(op, 'v128', [a, b]));
    const one = after(`${shapeOf(lane)}.extract_lane`, this.#type, [across(all, lane, op, after)], { index: 0 });
    return after(`${this.#type}.${this.#kind}`, this.#type, [initial, one]);
  }

  #neutral(lane: Lane): bigint {
    if (this.#kind === 'and') return -1n;
    if (this.#kind === 'add') return lane === 'f32' ? 1n << 31n : lane === 'f64' ? 1n << 63n : 0n; // -0 + x is x
    if (this.#kind !== 'mul') return 0n;
    return lane === 'f32' ? 0x3f800000n : lane === 'f64' ? 0x3ff0000000000000n : 1n;
  }

  /** Terms of a sum of 32 bits: neighbours in narrow lanes are added while they are widened. */
  #pairs(lanes: Lanes, value: Ins): readonly Ins[] {
    if (!lanes.inside(value)) return lanes.as(value, 'i32').parts;
    if (value.op === 'i32.mul' && this.#uses.get(value) === 1) {
      const factors = value.args.map((a) => (fitsSigned(lanes.widths.span(a), 16) ? lanes.upTo16(a) : null));
      const [a, b] = factors;
      if (a && b && lanes.count >= 8) return a.parts.map((p, i) => lanes.v128('i32x4.dot_i16x8_s', p, b.parts[i]!));
    }
    let v: Vec = lanes.value(value);
    if (v.lane === 'i32') return v.parts;
    full(lanes, v.lane);
    const kind = lanes.widths.span(value).lo >= 0 ? 'u' : 's';
    while (v.lane !== 'i32') {
      const wide: Lane = v.lane === 'i8' ? 'i16' : 'i32';
      const op = `${shapeOf(wide)}.extadd_pairwise_${shapeOf(v.lane)}_${kind}`;
      v = { lane: wide, parts: v.parts.map((p) => lanes.v128(op, p)) };
    }
    return v.parts;
  }

  #extreme(lanes: Lanes, initial: Ins, after: Make): Ins {
    const [name, sign] = this.#kind.split('_') as ['min' | 'max', 's' | 'u'];
    const { lane, sign: other } = lanes.common(...this.sources);
    full(lanes, lane);
    const use = other ?? sign;
    const op = `${shapeOf(lane)}.${name}_${use}`;
    const bits = 8 * laneBytes(lane);
    const top = use === 's' ? ones(bits - 1) : ones(bits);
    const bottom = use === 's' ? 1n << BigInt(bits - 1) : 0n;
    const neutral = lanes.vector(lane, [name === 'min' ? top : bottom]);
    const phis = Array.from({ length: lanes.partsOf(lane) }, () => lanes.phi('v128', neutral));
    const best: Ins[] = [...phis];
    for (const { value } of this.#sources) {
      for (const [i, p] of lanes.as(value, lane).parts.entries()) best[i] = lanes.v128(op, best[i]!, p);
    }
    for (const [k, phi] of phis.entries()) phi.args.push(best[k]!);
    const all = across(
      best.reduce((a, b) => after(op, 'v128', [a, b])),
      lane,
      op,
      after,
    );
    // Narrow lanes hold numbers that fit with their sign, or, where the sign was changed, without.
    const extract = lane === 'i32' ? 'i32x4.extract_lane' : `${shapeOf(lane)}.extract_lane_${other ?? 's'}`;
    const one = after(extract, 'i32', [all], { index: 0 });
    return after('select', 'i32', [
      one,
      initial,
      after(`i32.${name === 'min' ? 'lt' : 'gt'}_${sign}`, 'i32', [one, initial]),
    ]);
  }
}

/** What the instruction gathers, or null. */
function kindOf(ins: Ins): Kind | null {
  const extreme = extremeOf(ins);
  if (extreme) return `${extreme.op}_${extreme.sign}`;
  const match = GATHERS.exec(ins.op);
  if (!match || (match[2] === 'sub' && match[1]![0] === 'f')) return null;
  return match[2] === 'sub' ? 'add' : (match[2] as Kind);
}

/** Vectors that are not full have lanes that mean nothing. */
function full(lanes: Lanes, lane: Lane): void {
  if (lanes.count * laneBytes(lane) < 16) throw new NotVector();
}

/** All lanes combined, in the first one (and in the others). */
function across(v: Ins, lane: Lane, op: string, after: Make): Ins {
  let all = v;
  for (let half = 8; half >= laneBytes(lane); half /= 2) {
    const lanes = Array.from({ length: 16 }, (_, i) => (i + half) % 16);
    all = after(op, 'v128', [all, after('i8x16.shuffle', 'v128', [all, all], { lanes })]);
  }
  return all;
}
