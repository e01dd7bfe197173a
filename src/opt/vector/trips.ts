/**
 * For how many iterations a condition on an affine value certainly holds, computed in front of the loop. Where
 * `x0 + j * s < bound` (signed or unsigned) holds for the first value, it holds for all j < (bound - x0) / s: the exact sums
 * lie between x0 and bound, so they do not wrap. Rounding down costs at most one iteration, which the scalar loop makes.
 */
import type { Ins, InsImm, IrType } from '../../ir/ir.ts';
import { bitsOf } from '../../ir/ops.ts';
import type { Affine } from '../affine.ts';
import type { Stay } from './loop.ts';

/** Makes instructions in front of the loop. */
export interface Maker {
  make(op: string, type: IrType, args: Ins[], imm?: InsImm): Ins;
  constant(type: IrType, bits: bigint): Ins;
}

const INVERSE: Record<string, string> = {
  lt_s: 'ge_s',
  ge_s: 'lt_s',
  gt_s: 'le_s',
  le_s: 'gt_s',
  lt_u: 'ge_u',
  ge_u: 'lt_u',
  gt_u: 'le_u',
  le_u: 'gt_u',
  eq: 'ne',
  ne: 'eq',
};
const SWAPPED: Record<string, string> = {
  lt_s: 'gt_s',
  gt_s: 'lt_s',
  le_s: 'ge_s',
  ge_s: 'le_s',
  lt_u: 'gt_u',
  gt_u: 'lt_u',
  le_u: 'ge_u',
  ge_u: 'le_u',
  eq: 'eq',
  ne: 'ne',
};

const MANY = 0x7fffffffn;

/** An i32, unsigned, at most 2^31 - 1: iterations from the first for which `stay` holds. Null where none is known. */
export function tripCount(stay: Stay, affine: Affine, m: Maker): Ins | null {
  let { cond, when } = stay;
  while (cond.op === 'i32.eqz') {
    cond = cond.args[0]!;
    when = !when;
  }
  if (affine.stride(cond) === 0n) {
    const [yes, no] = [m.constant('i32', MANY), m.constant('i32', 0n)];
    return m.make('select', 'i32', [...(when ? [yes, no] : [no, yes]), affine.at(cond, 0)]);
  }
  const match = /^(i32|i64)\.(eq|ne|[lg][te]_[su])$/.exec(cond.op);
  const [type, name, x, bound] = match
    ? ([match[1]!, when ? match[2]! : INVERSE[match[2]!]!, cond.args[0]!, cond.args[1]!] as const)
    : (['i32', when ? 'ne' : 'eq', cond, null] as const);
  if (bound && affine.stride(x) === 0n) return steps(type as 'i32' | 'i64', SWAPPED[name]!, bound, x, affine, m);
  return steps(type as 'i32' | 'i64', name, x, bound, affine, m);
}

function steps(type: 'i32' | 'i64', op: string, x: Ins, bound: Ins | null, affine: Affine, m: Maker): Ins | null {
  const stride = affine.stride(x);
  if (typeof stride !== 'bigint' || stride === 0n || (bound && affine.stride(bound) !== 0n)) return null;
  const bits = bitsOf(type);
  const s = BigInt.asIntN(bits, stride);
  const up = s > 0n;
  if (!(op === 'ne' || op.startsWith(up ? 'l' : 'g'))) return null;
  const from = affine.at(x, 0);
  const to = bound ? affine.at(bound, 0) : m.constant(type, 0n);
  let n = m.make(`${type}.sub`, type, up ? [to, from] : [from, to]);
  const size = up ? s : -s;
  if (size !== 1n) {
    const shift = size.toString(2).length - 1;
    const power = size === 1n << BigInt(shift);
    n = m.make(`${type}.${power ? 'shr_u' : 'div_u'}`, type, [n, m.constant(type, power ? BigInt(shift) : size)]);
  }
  const most = m.constant(type, MANY);
  n = m.make('select', type, [n, most, m.make(`${type}.lt_u`, 'i32', [n, most])]);
  if (type === 'i64') n = m.make('i32.wrap_i64', 'i32', [n]);
  if (op === 'ne') return n;
  return m.make('select', 'i32', [n, m.constant('i32', 0n), m.make(`${type}.${op}`, 'i32', [from, to])]);
}
