/** Operators for random expressions, by result type, straight from the opcode rows. */
import { OPCODES } from '../../src/wasm/opcodes.ts';
import type { OpRow, ValType } from '../../src/wasm/row.ts';

const PROPOSALS = new Set(['mvp', 'sign-extension', 'saturating', 'simd']);

function usable(row: OpRow): boolean {
  return (
    row.sig !== null &&
    row.sig.results.length === 1 &&
    row.sig.params.length > 0 &&
    (row.effect === 'pure' || row.effect === 'trap') &&
    PROPOSALS.has(row.since) &&
    row.imms.every((imm) => imm === 'lane' || imm === 'lanes16')
  );
}

function group(rows: readonly OpRow[]): ReadonlyMap<ValType, readonly OpRow[]> {
  const map = new Map<ValType, OpRow[]>();
  for (const row of rows) {
    const type = row.sig!.results[0]!;
    const list = map.get(type);
    if (list) list.push(row);
    else map.set(type, [row]);
  }
  return map;
}

const touches = (row: OpRow, type: ValType) => [...row.sig!.params, ...row.sig!.results].includes(type);
const ALL = OPCODES.filter(usable);

/** Operators on numbers alone, and those that have to do with vectors. */
export const SCALAR_OPS = group(ALL.filter((row) => !touches(row, 'v128')));
export const VECTOR_OPS = group(ALL.filter((row) => touches(row, 'v128')));

/** Accesses by the type loaded or stored. */
export const LOADS = group(OPCODES.filter((r) => r.effect === 'load' && r.sig !== null && r.sig.params.length === 1));
const stores = OPCODES.filter((r) => r.effect === 'store' && r.sig?.params.length === 2 && r.imms.length === 1);
export const STORES: ReadonlyMap<ValType, readonly OpRow[]> = new Map(
  (['i32', 'i64', 'f32', 'f64', 'v128'] as const).map((t) => [t, stores.filter((r) => r.sig!.params[1] === t)]),
);

/** Number of lanes of the shape in an operator's name. */
export function laneCount(row: OpRow): number {
  return Number(/x(\d+)\./.exec(row.name)?.[1] ?? 1);
}

/**
 * The bits of a NaN that an instruction computes are the host's choice and may differ from one execution to the next.
 * These operators show bits of a float operand, so that it has to be made canonical first.
 */
export function showsBits(row: OpRow): boolean {
  return /reinterpret_f|copysign|f(32x4|64x2)\.(splat|replace_lane)/.test(row.name);
}

/** Vector operators whose result may hold such NaNs; any integer operator would show them. */
export function makesVectorNaNs(row: OpRow): 'f32x4' | 'f64x2' | null {
  const m = /^(f32x4|f64x2)\.(add|sub|mul|div|sqrt|min|max|ceil|floor|trunc|nearest|demote|promote)/.exec(row.name);
  return (m?.[1] as 'f32x4' | 'f64x2' | undefined) ?? null;
}

export const isDivision = (row: OpRow): boolean => /^i(32|64)\.(div|rem)_/.test(row.name);
/** Conversions that trap where the float has no integer. */
export const isTrappingTruncation = (row: OpRow): boolean => /^i(32|64)\.trunc_f/.test(row.name);
