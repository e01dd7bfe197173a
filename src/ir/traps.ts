/** Guards in front of instructions that trap on some operands: the interpreter then executes the trapping one itself. */
import type { Ins } from './ir.ts';
import type { Lifter } from './lift.ts';

/** Bounds of float-to-integer truncation: the value must lie strictly above `low` (or at it) and below `high`. */
const TRUNCATIONS: Record<string, { low: number; strict: boolean; high: number }> = {
  'i32.trunc_f32_s': { low: -(2 ** 31), strict: false, high: 2 ** 31 },
  'i32.trunc_f64_s': { low: -(2 ** 31) - 1, strict: true, high: 2 ** 31 },
  'i32.trunc_f32_u': { low: -1, strict: true, high: 2 ** 32 },
  'i32.trunc_f64_u': { low: -1, strict: true, high: 2 ** 32 },
  'i64.trunc_f32_s': { low: -(2 ** 63), strict: false, high: 2 ** 63 },
  'i64.trunc_f64_s': { low: -(2 ** 63), strict: false, high: 2 ** 63 },
  'i64.trunc_f32_u': { low: -1, strict: true, high: 2 ** 64 },
  'i64.trunc_f64_u': { low: -1, strict: true, high: 2 ** 64 },
};

export function liftTrapGuards(l: Lifter, name: string, args: Ins[]): void {
  const [type, op] = name.split('.') as [string, string];
  if (op.startsWith('div') || op.startsWith('rem')) {
    const [a, b] = args as [Ins, Ins];
    l.guard('guard.false', l.ins(`${type}.eqz`, 'i32', [b]), 'divide');
    if (op === 'div_s') {
      const t = type as 'i32' | 'i64';
      const least = l.constant(t, t === 'i32' ? 1n << 31n : 1n << 63n);
      const minusOne = l.constant(t, t === 'i32' ? 0xffffffffn : 0xffffffffffffffffn);
      const both = l.ins('i32.and', 'i32', [
        l.ins(`${t}.eq`, 'i32', [a, least]),
        l.ins(`${t}.eq`, 'i32', [b, minusOne]),
      ]);
      l.guard('guard.false', both, 'divide');
    }
    return;
  }
  const bounds = TRUNCATIONS[name];
  if (!bounds) throw new Error(`no guard is known for ${name}`);
  const [x] = args as [Ins];
  const from = x.type as 'f32' | 'f64';
  const above = l.ins(`${from}.${bounds.strict ? 'gt' : 'ge'}`, 'i32', [
    x,
    l.constant(from, floatBits(from, bounds.low)),
  ]);
  const below = l.ins(`${from}.lt`, 'i32', [x, l.constant(from, floatBits(from, bounds.high))]);
  l.guard('guard.true', l.ins('i32.and', 'i32', [above, below]), 'truncate');
}

/** Raw bits of a float constant. */
export function floatBits(type: 'f32' | 'f64', value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (type === 'f32') {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
