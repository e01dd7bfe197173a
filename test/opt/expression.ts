/**
 * Executes IR expressions on the host: a module with one function for an expression, whose parameters are the frame slots
 * that it loads. Floats travel as the integers of their bits, since JavaScript does not keep the bits of a NaN.
 */
import { type Ins, type IrType, makeIns, type Region } from '../../src/ir/ir.ts';
import { parse } from '../../src/ir/parse.ts';
import { opBytes } from '../../src/opt/folder.ts';
import type { Pattern } from '../../src/opt/rules/pattern.ts';
import { opByName } from '../../src/wasm/opcodes.ts';

/** A region of one block that ends; expressions are put into it. */
export function emptyRegion(): Region {
  return parse('region T1 test\nentry !interp#0 {}\nb0:\n  exit !end#1 {}\n');
}

/** Builds the instructions of a pattern; letters are bound already. */
export function instantiate(region: Region, p: Pattern, bound: ReadonlyMap<string, Ins>, like: IrType): Ins {
  const block = region.blocks[0]!;
  const add = (op: string, type: IrType, args: Ins[], imm = {}) => {
    const ins = makeIns(region, block, op, type, args, imm, { func: 0, offset: 0 });
    block.body.push(ins);
    return ins;
  };
  if (p.kind === 'number') return add(`${p.type}.const`, p.type, [], { bits: p.bits });
  if (p.kind !== 'op') return bound.get(p.name)!;
  const args = p.args.map((a) => instantiate(region, a, bound, like));
  const type = p.op === 'select' ? args[0]!.type : opByName(p.op).sig!.results[0]!;
  return add(p.op, type, args);
}

const CODE: Record<string, { type: number; toFloat: number[]; toInt: number[] }> = {
  i32: { type: 0x7f, toFloat: [], toInt: [] },
  i64: { type: 0x7e, toFloat: [], toInt: [] },
  f32: {
    type: 0x7f,
    toFloat: opBytes(opByName('f32.reinterpret_i32')),
    toInt: opBytes(opByName('i32.reinterpret_f32')),
  },
  f64: {
    type: 0x7e,
    toFloat: opBytes(opByName('f64.reinterpret_i64')),
    toInt: opBytes(opByName('i64.reinterpret_f64')),
  },
};

function uleb(n: bigint): number[] {
  const out: number[] = [];
  for (; n >= 0x80n; n >>= 7n) out.push(Number(n & 0x7fn) | 0x80);
  return [...out, Number(n)];
}

function sleb(n: bigint): number[] {
  const out: number[] = [];
  for (; n < -64n || n >= 64n; n >>= 7n) out.push(Number(n & 0x7fn) | 0x80);
  return [...out, Number(n & 0x7fn)];
}

function push(ins: Ins, params: readonly Ins[]): number[] {
  const p = params.indexOf(ins);
  if (p >= 0) return [0x20, p, ...CODE[ins.type]!.toFloat];
  if (ins.op === 'i32.const') return [0x41, ...sleb(BigInt.asIntN(32, ins.imm.bits!))];
  if (ins.op === 'i64.const') return [0x42, ...sleb(BigInt.asIntN(64, ins.imm.bits!))];
  return [...ins.args.flatMap((a) => push(a, params)), ...opBytes(opByName(ins.op))];
}

function section(id: number, bytes: number[]): number[] {
  return [id, ...uleb(BigInt(bytes.length)), ...bytes];
}

/** A function of the bits of `params` that gives the bits of `value`, or the message of the trap. */
export function compile(value: Ins, params: readonly Ins[]): (bits: readonly bigint[]) => bigint | string {
  const types = params.map((p) => CODE[p.type]!.type);
  const result = CODE[value.type]!;
  const body = [0, ...push(value, params), ...result.toInt, 0x0b];
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, types.length, ...types, 1, result.type]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, ...uleb(BigInt(body.length)), ...body]),
  ];
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports;
  return (bits) => {
    const args = bits.map((b, i) => (types[i] === 0x7f ? Number(BigInt.asIntN(32, b)) : BigInt.asIntN(64, b)));
    try {
      const got = (f as (...a: (number | bigint)[]) => number | bigint)(...args);
      return BigInt.asUintN(result.type === 0x7f ? 32 : 64, BigInt(got));
    } catch (e) {
      if (e instanceof WebAssembly.RuntimeError) return e.message;
      throw e;
    }
  };
}
