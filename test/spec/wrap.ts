/**
 * Calls exports exactly. Vectors and exception references cannot cross into JavaScript, and its numbers lose the bits of
 * NaNs, so exports that have them in their type are called through a small generated module that turns f32 into i32
 * bits, f64 into i64 bits, v128 into two i64 (low, high) and an exception reference into whether it is null.
 *
 * The generated module has a copy of the original type section in front, so that the type of its import is the very
 * type of the export, recursion groups and all.
 */
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import type { WasmModule } from '../../src/wasm/module.ts';
import type { ValType } from '../../src/wasm/row.ts';
import type { Actual } from './values.ts';

/** How a type crosses: as which types, and the code from crossing values to the value and back. */
interface Crossing {
  as: ValType[];
  /** Pushes the value from the locals of its crossing values, the first of which is `local`. */
  enter(code: CodeWriter, local: number): void;
  /** Pushes the crossing values of the value in `local`. */
  leave(code: CodeWriter, local: number): void;
}

const EXCEPTIONS: readonly ValType[] = ['exnref', 'nullexnref', '(ref exn)', '(ref noexn)'];

function crossing(type: ValType): Crossing | null {
  if (type === 'f32' || type === 'f64') {
    const bits = type === 'f32' ? 'i32' : 'i64';
    return {
      as: [bits],
      enter: (code, local) => code.op('local.get', local).op(`${type}.reinterpret_${bits}`),
      leave: (code, local) => code.op('local.get', local).op(`${bits}.reinterpret_${type}`),
    };
  }
  if (type === 'v128') {
    return {
      as: ['i64', 'i64'],
      enter: (code, local) =>
        code
          .op('local.get', local)
          .op('i64x2.splat')
          .op('local.get', local + 1)
          .op('i64x2.replace_lane', 1),
      leave: (code, local) => {
        for (const lane of [0, 1]) code.op('local.get', local).op('i64x2.extract_lane', lane);
      },
    };
  }
  if (EXCEPTIONS.includes(type)) {
    return {
      as: ['i32'],
      enter: (code) => code.op('ref.null', type === 'nullexnref' ? 'noexn' : 'exn'),
      leave: (code, local) => code.op('local.get', local).op('ref.is_null'),
    };
  }
  return null;
}

/** An export ready to be called with crossing values. */
export interface Callable {
  call(args: unknown[]): Actual[];
}

type Func = (...args: unknown[]) => unknown;

/** Wraps an exported function of the type with that index in `module`. */
export function wrapFunction(module: WasmModule, typeIndex: number, func: Func): Callable {
  const type = module.types[typeIndex];
  if (type?.kind !== 'func') throw new Error(`type ${typeIndex} is no function type`);
  const { params, results } = type;
  if (![...params, ...results].some(crossing)) return { call: (args) => collect(results, func(...args)) };

  const builder = new ModuleBuilder();
  builder.copyTypes(module);
  const target = builder.importFunc('original', 'func', typeIndex);
  const outer = params.flatMap((t) => crossing(t)?.as ?? [t]);
  const wrapper = builder.declare(
    builder.type(
      outer,
      results.flatMap((t) => crossing(t)?.as ?? [t]),
    ),
  );
  const code = new CodeWriter();
  let local = 0;
  for (const t of params) {
    const how = crossing(t);
    if (how) how.enter(code, local);
    else code.op('local.get', local);
    local += how?.as.length ?? 1;
  }
  code.op('call', target);
  for (let i = results.length - 1; i >= 0; i--) code.op('local.set', outer.length + i);
  results.forEach((t, i) => {
    leave(code, t, outer.length + i);
  });
  builder.define(wrapper, results, code);
  const call = build(builder, wrapper, { original: { func } });
  return { call: (args) => collect(results, call(...args)) };
}

/** Wraps an exported global as a function without parameters that reads it. */
export function wrapGlobal(module: WasmModule, index: number, global: WebAssembly.Global): Callable {
  const def = module.globals[index];
  if (!def) throw new Error(`there is no global ${index}`);
  const { type, mutable } = def;
  const how = crossing(type);
  if (!how) return { call: () => collect([type], global.value) };
  const builder = new ModuleBuilder();
  builder.copyTypes(module);
  const target = builder.importGlobal('original', 'global', { type, mutable });
  const getter = builder.declare(builder.type([], how.as));
  const code = new CodeWriter().op('global.get', target).op('local.set', 0);
  leave(code, type, 0);
  builder.define(getter, [type], code);
  const call = build(builder, getter, { original: { global } });
  return { call: () => collect([type], call()) };
}

function leave(code: CodeWriter, type: ValType, local: number): void {
  const how = crossing(type);
  if (how) how.leave(code, local);
  else code.op('local.get', local);
}

function build(builder: ModuleBuilder, func: number, imports: WebAssembly.Imports): Func {
  builder.export('wrapped', 'func', func);
  return new WebAssembly.Instance(new WebAssembly.Module(builder.finish()), imports).exports.wrapped as Func;
}

/** Groups the crossing values that a call gave by the types of its results. */
function collect(results: readonly ValType[], raw: unknown): Actual[] {
  const count = results.reduce((n, t) => n + (crossing(t)?.as.length ?? 1), 0);
  const flat = count === 0 ? [] : count === 1 ? [raw] : [...(raw as Iterable<unknown>)];
  const unsigned = (n: unknown, bits: number) => BigInt.asUintN(bits, BigInt(n as number | bigint));
  const take = () => flat.shift();
  const out: Actual[] = [];
  for (const type of results) {
    if (type === 'i32' || type === 'f32') out.push({ kind: 'bits', type, bits: unsigned(take(), 32) });
    else if (type === 'i64' || type === 'f64') out.push({ kind: 'bits', type, bits: unsigned(take(), 64) });
    else if (type === 'v128') {
      const low = unsigned(take(), 64);
      out.push({ kind: 'bits', type, bits: low | (unsigned(take(), 64) << 64n) });
    } else if (crossing(type)) out.push({ kind: 'hidden', isNull: take() === 1 });
    else out.push({ kind: 'ref', value: take() });
  }
  return out;
}
