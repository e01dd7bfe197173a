/**
 * The value that a load would read, made from a value that is known to be in memory at the same bytes: stored there
 * (`i32.store8` leaves the upper bits of its value out) or loaded from there in another way.
 *
 *     i32.store8 v1, then i32.load8_s    =>  i32.extend8_s v1
 *     f32.store v1, then i32.load        =>  i32.reinterpret_f32 v1
 *     i64.store32 v1, then i64.load32_u  =>  i64.and v1 0xffffffff
 */
import type { Ins } from '../ir/ir.ts';
import { opInfo } from '../ir/ops.ts';
import type { NumType } from '../wasm/row.ts';

/** Makes an instruction in front of the load that is replaced. */
export interface Maker {
  op(name: string, type: NumType, args: Ins[]): Ins;
  constant(type: NumType, bits: bigint): Ins;
}

interface Shape {
  readonly type: NumType;
  readonly size: number;
  readonly bytes: number;
  /** How a narrow load fills the upper bits; a narrow store leaves any there. */
  readonly fill: 's' | 'u' | 'any';
}

const SIZE: Record<NumType, number> = { i32: 4, i64: 8, f32: 4, f64: 8 };
const ACCESS = /^(i32|i64|f32|f64)\.(?:load|store)(?:\d+)?(?:_([su]))?$/;

/** Shape of a plain scalar access; null for vector ones. */
function shapeOf(op: string): Shape | null {
  const m = ACCESS.exec(op);
  if (!m) return null;
  const type = m[1] as NumType;
  return { type, size: SIZE[type], bytes: opInfo(op).bytes, fill: (m[2] as 's' | 'u' | undefined) ?? 'any' };
}

/**
 * What the load `wanted` gives when `value` was moved by the load or store `have` at the same bytes. Null where no
 * instruction says it (vectors of other shapes).
 */
export function forward(have: string, value: Ins, wanted: string, make: Maker): Ins | null {
  if (have === wanted) return value;
  if (have === 'v128.store' && wanted === 'v128.load') return value;
  const from = shapeOf(have);
  const to = shapeOf(wanted);
  if (!from || !to || from.bytes !== to.bytes) return null;
  if (from.type === to.type && from.size === from.bytes) return value;
  if (to.type === 'f32' || to.type === 'f64') {
    const int = to.type === 'f32' ? 'i32' : 'i64';
    const bits = forward(have, value, `${int}.load`, make);
    return bits && make.op(`${to.type}.reinterpret_${int}`, to.type, [bits]);
  }
  if (from.type === 'f32' || from.type === 'f64') {
    const int = from.type === 'f32' ? 'i32' : 'i64';
    const bits = make.op(`${int}.reinterpret_${from.type}`, int, [value]);
    return forward(`${int}.store`, bits, wanted, make);
  }
  return integer(from, value, to, make);
}

function integer(from: Shape, value: Ins, to: Shape, make: Maker): Ins {
  const bits = to.bytes * 8;
  let v = value;
  if (from.type === 'i32' && to.type === 'i64') {
    if (to.bytes === 4) return make.op(`i64.extend_i32_${to.fill}`, 'i64', [v]);
    v = make.op('i64.extend_i32_u', 'i64', [v]);
  } else if (from.type === 'i64' && to.type === 'i32') v = make.op('i32.wrap_i64', 'i32', [v]);
  if (to.bytes === to.size) return v;
  if (to.fill === 's')
    return from.fill === 's' && from.type === to.type ? v : make.op(`${to.type}.extend${bits}_s`, to.type, [v]);
  if (from.fill === 'u') return v;
  return make.op(`${to.type}.and`, to.type, [v, make.constant(to.type, (1n << BigInt(bits)) - 1n)]);
}
