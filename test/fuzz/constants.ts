/** Constants at which something happens: powers of two and their neighbours, limits, odd floats. */
import type { CodeWriter } from '../../src/wasm/code.ts';
import type { ValType } from '../../src/wasm/row.ts';
import type { Source } from './source.ts';

const I32 = [
  0, 1, -1, 2, 3, 4, 7, 8, 10, 16, 31, 32, 63, 100, 127, 255, 256, 1000, 32767, 65535, 65536, 0x7fffffff, -0x80000000,
  -2, -8, -100, 0x55555555, -32769,
];
const I64 = [
  0n,
  1n,
  -1n,
  2n,
  5n,
  8n,
  32n,
  63n,
  64n,
  255n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  -0x8000000000000000n,
  -3n,
  0x5555555555555555n,
];
const FLOATS = [
  0,
  1,
  -1,
  0.5,
  -0,
  2,
  3.25,
  10,
  1e10,
  -1e-10,
  2147483647,
  2147483648,
  -2147483649,
  4294967296,
  9.3e18,
  -1.9e19,
  1e38,
  5e-324,
  1e-45,
  16777217,
  Infinity,
  -Infinity,
  NaN,
];

const view = new DataView(new ArrayBuffer(8));

function f32bits(x: number): number {
  view.setFloat32(0, x);
  return view.getUint32(0);
}

function f64bits(x: number): bigint {
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}

/** Writes a constant of a number type, or a null reference. */
export function writeConstant(code: CodeWriter, type: ValType, source: Source): void {
  switch (type) {
    case 'i32':
      code.op('i32.const', source.pick(I32));
      return;
    case 'i64':
      code.op('i64.const', source.pick(I64));
      return;
    case 'f32':
      code.op('f32.const', f32bits(source.pick(FLOATS)));
      return;
    case 'f64':
      code.op('f64.const', f64bits(source.pick(FLOATS)));
      return;
    case 'v128': {
      const low = BigInt.asUintN(64, source.pick(I64));
      code.op('v128.const', low | (BigInt.asUintN(64, source.pick(I64)) << 64n));
      return;
    }
    default:
      code.op('ref.null', type === 'externref' ? 'extern' : 'func');
  }
}

/** Writes the simplest constant of the type. */
export function writeZero(code: CodeWriter, type: ValType): void {
  if (type === 'i32' || type === 'f32') code.op(`${type}.const`, 0);
  else if (type === 'i64' || type === 'f64' || type === 'v128') code.op(`${type}.const`, 0n);
  else code.op('ref.null', type === 'externref' ? 'extern' : 'func');
}

/** An argument from the host. */
export function hostValue(type: ValType, source: Source): number | bigint | null {
  if (type === 'i32') return source.pick(I32);
  if (type === 'i64') return source.pick(I64);
  if (type === 'f32') return Math.fround(source.pick(FLOATS));
  if (type === 'f64') return source.pick(FLOATS);
  return null;
}
