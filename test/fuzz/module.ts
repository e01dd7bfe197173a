/**
 * A random module: valid, deterministic, ending, and everything that it does can be observed. With it come the host that
 * it imports and the calls that make it run.
 */
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import type { ValType } from '../../src/wasm/row.ts';
import type { Step } from '../modes/harness.ts';
import { Body } from './body.ts';
import { hostValue, writeConstant } from './constants.ts';
import { expression } from './expressions.ts';
import { type FuncPlan, HOST_FUNCTIONS, NUMBERS, type Plan, pickType, type Size } from './plan.ts';
import type { Source } from './source.ts';
import { statements } from './statements.ts';

export interface RandomModule {
  bytes: Uint8Array<ArrayBuffer>;
  steps: Step[];
  /** The steps as text, for reports. */
  calls: string[];
}

const TABLE_SLOTS = 8;
/** Calls of one export in a row, so that functions without loops get hot too. */
const REPEATS = 40;

export function randomModule(source: Source, size: Size): RandomModule {
  const builder = new ModuleBuilder();
  const plan = source.within(() => makePlan(builder, source, size));
  for (const f of [...plan.functions].reverse()) source.within(() => define(builder, plan, f, source));
  builder.elem(
    0,
    0,
    plan.table.map((f) => (f ?? plan.functions[plan.tableFrom] ?? plan.functions[0]!).index),
  );
  builder.declareFuncs(plan.functions.map((f) => f.index));
  plan.functions.forEach((f, i) => builder.export(`f${i}`, 'func', f.index));
  const { steps, calls } = source.within(() => makeSteps(plan, source));
  return { bytes: builder.finish(), steps, calls };
}

function makePlan(builder: ModuleBuilder, source: Source, size: Size): Plan {
  const host: FuncPlan[] = HOST_FUNCTIONS.map(({ name, params, results }) => {
    const type = builder.type(params, results);
    const index = builder.importFunc('env', name, type);
    return { index, type, params, results, recursive: false, cost: 0 };
  });
  const globals: Plan['globals'] = [];
  if (source.chance(30)) {
    builder.importGlobal('env', 'shared', { type: 'i32', mutable: true });
    globals.push({ type: 'i32', imported: true });
  }
  const memories = source.chance(20) ? 2 : 1;
  for (let i = 0; i < memories; i++) builder.export(`memory${i}`, 'memory', builder.memory({ min: 1, max: 3 }));
  builder.export('table', 'table', builder.table({ type: 'funcref', min: TABLE_SLOTS, max: 24 }));
  for (let n = source.below(4); n > 0; n--) {
    const type = pickType(source, size.vectors);
    const init = new CodeWriter();
    writeConstant(init, type, source);
    const index = builder.global({ type, mutable: true }, init);
    globals.push({ type, imported: false });
    if (type !== 'v128' && source.chance(80)) builder.export(`global${index}`, 'global', index);
  }
  const functions: FuncPlan[] = [];
  for (let n = 1 + source.below(size.functions); n > 0; n--) {
    const first = functions.length === 0;
    const same = functions.length > 1 && source.chance(40) ? source.pick(functions) : null;
    const recursive = !first && source.chance(15);
    const params = same?.params ?? [
      ...(recursive ? (['i32'] as const) : []),
      ...Array.from({ length: source.below(4) }, () => source.pick(NUMBERS)),
    ];
    const results =
      same?.results ?? Array.from({ length: source.pick([1, 1, 1, 0, 2, 3]) }, () => source.pick(NUMBERS));
    const type = builder.type(params, results);
    const index = builder.declare(type);
    functions.push({ index, type, params, results, recursive: recursive && params[0] === 'i32', cost: 0 });
  }
  const tableFrom = Math.min(functions.length, 1 + source.below(functions.length));
  const inTable = functions.slice(tableFrom);
  const table = Array.from({ length: TABLE_SLOTS }, () => (inTable.length > 0 ? source.pick(inTable) : null));
  const blockType = (params: readonly ValType[], results: readonly ValType[]) => builder.type(params, results);
  return { size, host, functions, globals, memories, table, tableFrom, blockType };
}

function define(builder: ModuleBuilder, plan: Plan, f: FuncPlan, source: Source): void {
  const b = new Body(plan, f, source);
  // The depth of a recursion is at most seven, whatever was passed.
  if (f.recursive) b.op('local.get', 0).op('i32.const', 7).op('i32.and').op('local.set', 0);
  for (const type of NUMBERS) if (source.chance(60)) b.addLocal(type, false);
  if (plan.size.references && source.chance(20)) b.addLocal('funcref', false);
  statements(b, 10);
  for (const type of f.results) expression(b, type, 1);
  f.cost = f.recursive ? (b.cost + 10) * (b.selfCalls > 1 ? 256 : b.selfCalls > 0 ? 8 : 1) : b.cost;
  builder.define(f.index, b.locals.slice(f.params.length), b.code);
}

/** Calls of the exports from the host, with things that a host does to memories, tables and globals in between. */
function makeSteps(plan: Plan, source: Source): { steps: Step[]; calls: string[] } {
  const steps: Step[] = [];
  const calls: string[] = [];
  const call = (f: FuncPlan, name: string) => {
    const args = f.params.map((t) => hostValue(t, source));
    const text = `${name}(${args.map((a) => (typeof a === 'bigint' ? `${a}n` : String(a))).join(', ')})`;
    const often = f.cost < plan.size.cost / 20 && source.chance(20);
    if (often) steps.push((exports) => Array.from({ length: REPEATS }, () => attempt(exports[name] as Func, args)));
    else steps.push([name, ...args]);
    calls.push(often ? `${REPEATS} times ${text}` : text);
  };
  const meddle = () => {
    const [, text, act] = MEDDLING[source.weighted(MEDDLING.map(([weight]) => weight))]!;
    const at = source.below(TABLE_SLOTS);
    const { length } = plan.functions;
    // A function that makes indirect calls must not get into the table: it could call itself for ever.
    if (text === '' || (text === 'table.set' && plan.tableFrom >= length)) return;
    const other = `f${plan.tableFrom < length ? plan.tableFrom + source.below(length - plan.tableFrom) : 0}`;
    steps.push((exports) => act(exports, at, other));
    calls.push(`${text} ${at} ${other}`);
  };
  plan.functions.forEach((f, i) => {
    source.within(() => {
      // The first function reaches most of the others; they are called for arguments that it never passes.
      for (let n = 0; n < 4; n++) {
        if (source.below(4) === 0 && !(i === 0 && n === 0)) break;
        call(f, `f${i}`);
      }
      meddle();
    });
  });
  return { steps, calls };
}

type Func = (...args: unknown[]) => unknown;

function attempt(f: Func, args: readonly unknown[]): unknown {
  try {
    return f(...args);
  } catch (error) {
    return String(error);
  }
}

type Meddle = (exports: WebAssembly.Exports, at: number, name: string) => unknown;

const MEDDLING: readonly [weight: number, text: string, act: Meddle][] = [
  [60, '', () => undefined],
  [12, 'table.set', (x, at, name) => (x.table as WebAssembly.Table).set(at, x[name])],
  [6, 'table.clear', (x, at) => (x.table as WebAssembly.Table).set(at, null)],
  [12, 'memory.write', (x, at) => new Uint8Array((x.memory0 as WebAssembly.Memory).buffer).fill(at * 37, at, at + 60)],
  [5, 'memory.grow', (x) => (x.memory0 as WebAssembly.Memory).grow(1)],
];
