/**
 * Finds globals that a guest imports twice. The host makes a new object for each export of a global, so objects say
 * nothing; what is written to one global and read from the other does. The value is set back with all its bits.
 */
import { HostModule } from '../host.ts';
import { ModuleBuilder } from '../wasm/builder.ts';
import { CodeWriter } from '../wasm/code.ts';
import type { GlobalDef } from '../wasm/module.ts';
import { instantiateOwn } from './foreign.ts';

/** Comparison of two values of the type; v128 as a whole. */
const EQUAL: Record<string, readonly string[]> = {
  i32: ['i32.eq'],
  i64: ['i64.eq'],
  f32: ['f32.eq'],
  f64: ['f64.eq'],
  v128: ['i8x16.eq', 'i8x16.all_true'],
};
const CONST: Record<string, (n: number) => unknown> = {
  i32: (n) => n,
  i64: (n) => BigInt(n),
  f32: (n) => (n === 0 ? 0 : 0x3f800000),
  f64: (n) => (n === 0 ? 0n : 0x3ff0000000000000n),
  v128: (n) => BigInt(n),
};

/**
 * By index: the first index of the same global. Only mutable numbers are looked at; immutable globals keep their value
 * under any name, and references are left to those who ask.
 */
export function firstGlobals(defs: readonly GlobalDef[], globals: readonly WebAssembly.Global[]): number[] {
  const first = defs.map((_, i) => i);
  const open = defs.flatMap((g, i) => (g.imported && g.mutable && g.type in EQUAL ? [i] : []));
  const pairs = open.flatMap((j) =>
    open.filter((i) => i < j && defs[i]?.type === defs[j]?.type).map((i) => [i, j] as const),
  );
  if (pairs.length === 0) return first;
  const b = new ModuleBuilder();
  const at = new Map(open.map((i) => [i, b.importGlobal('g', String(i), defs[i] as GlobalDef)]));
  const probe = b.type([], ['i32']);
  for (const [i, j] of pairs) {
    const { type } = defs[i] as GlobalDef;
    const f = b.declare(probe);
    b.define(f, [type, 'i32'], same(type, at.get(i) as number, at.get(j) as number));
    b.export(`${i}=${j}`, 'func', f);
  }
  const imports = Object.fromEntries(open.map((i) => [String(i), globals[i]]));
  const { exports } = instantiateOwn(new HostModule(b.finish()), { g: imports });
  for (const [i, j] of pairs) {
    if (first[j] === j && (exports[`${i}=${j}`] as () => number)() === 1) first[j] = first[i] as number;
  }
  return first;
}

/** () -> i32: 1 where global b shows both values that are written to global a. */
function same(type: string, a: number, b: number): CodeWriter {
  const c = new CodeWriter();
  c.op('global.get', a).op('local.set', 0).op('i32.const', 1).op('local.set', 1);
  for (const n of [0, 1]) {
    const value = CONST[type]?.(n);
    c.op(`${type}.const`, value).op('global.set', a);
    c.op('global.get', b).op(`${type}.const`, value);
    for (const op of EQUAL[type] ?? []) c.op(op);
    c.op('local.get', 1).op('i32.and').op('local.set', 1);
  }
  return c.op('local.get', 0).op('global.set', a).op('local.get', 1);
}
