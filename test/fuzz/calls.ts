/** Random calls: direct, of host functions, and indirect through a table whose slots may change. */
import type { ValType } from '../../src/wasm/row.ts';
import type { Body } from './body.ts';
import { expression } from './expressions.ts';
import type { FuncPlan } from './plan.ts';

/** What a call costs besides its callee. */
const CALL_COST = 10;
/** Host functions are slow, and each call is a line in the log of calls. */
const HOST_COST = 300;

/** Functions that the body may call: those behind it, so that calls end, and host functions. */
function callees(b: Body): FuncPlan[] {
  const { functions, host } = b.plan;
  return [...functions.slice(functions.indexOf(b.func) + 1), ...host];
}

const costOf = (b: Body, f: FuncPlan): number => CALL_COST + (b.plan.host.includes(f) ? HOST_COST : f.cost);

function pass(b: Body, f: FuncPlan): void {
  for (const type of f.params) expression(b, type, 3);
}

/** Leaves the wanted one of the results that are on the stack. */
function keepOne(b: Body, results: readonly ValType[], type: ValType): void {
  const at = results.indexOf(type);
  for (let i = results.length - 1; i > at; i--) b.op('drop');
  if (at === 0) return;
  const local = b.scratch(type);
  b.op('local.set', local);
  for (let i = at; i > 0; i--) b.op('drop');
  b.op('local.get', local);
}

/** A direct call as an expression; false when no function has such a result. */
export function callDirect(b: Body, type: ValType): boolean {
  const fitting = callees(b).filter((f) => f.results.includes(type) && b.affords(costOf(b, f)));
  if (fitting.length === 0) return false;
  const f = b.source.pick(fitting);
  pass(b, f);
  b.cost += b.trips * costOf(b, f);
  b.op('call', f.index);
  keepOne(b, f.results, type);
  return true;
}

/** A direct call as a statement; results go to locals or are dropped. */
export function callStatement(b: Body): boolean {
  const fitting = callees(b).filter((f) => b.affords(costOf(b, f)));
  if (fitting.length === 0) return false;
  const f = b.source.pick(fitting);
  pass(b, f);
  b.cost += b.trips * costOf(b, f);
  b.op('call', f.index);
  takeResults(b, f.results);
  return true;
}

/** Puts values from the stack into locals, some of them nowhere. */
export function takeResults(b: Body, results: readonly ValType[]): void {
  for (const type of [...results].reverse()) {
    if (b.source.chance(25)) b.op('drop');
    else b.op('local.set', b.target(type));
  }
}

/** An indirect call as an expression: mostly of a function of the right type, by constant or varying index. */
export function callIndirect(b: Body, type: ValType): boolean {
  const { plan, source } = b;
  const { functions, table, tableFrom } = plan;
  if (functions.indexOf(b.func) >= tableFrom) return false;
  const slots = table.flatMap((f, i) => (f?.results.includes(type) ? [i] : []));
  const cost = CALL_COST + Math.max(0, ...functions.slice(tableFrom).map((f) => f.cost));
  if (slots.length === 0 || !b.affords(cost)) return false;
  const slot = source.pick(slots);
  const f = table[slot] as FuncPlan;
  pass(b, f);
  const same = slots.filter((i) => table[i]?.type === f.type);
  switch (source.weighted([40, 40, 3])) {
    case 0:
      b.op('i32.const', slot);
      break;
    case 1: {
      b.op('i32.const', slot).op('i32.const', source.pick(same));
      if (b.counters.length > 0)
        b.op('local.get', source.pick(b.counters))
          .op('i32.const', source.pick([1, 2, 4]))
          .op('i32.and');
      else expression(b, 'i32', 4);
      b.op('select');
      break;
    }
    default:
      expression(b, 'i32', 4);
      b.op('i32.const', 15).op('i32.and');
  }
  b.cost += b.trips * cost;
  b.op('call_indirect', f.type, 0);
  keepOne(b, f.results, type);
  return true;
}

/** Recursion: calls the function itself with less depth. Its depth is at most 7 and there are two calls at most. */
export function selfCall(b: Body): boolean {
  const { func } = b;
  if (!func.recursive || b.trips > 1 || b.selfCalls >= 2) return false;
  b.selfCalls++;
  b.op('local.get', 0);
  b.construct('if', 'void', { types: [] }, () => {
    b.op('local.get', 0).op('i32.const', 1).op('i32.sub');
    for (const type of func.params.slice(1)) expression(b, type, 3);
    b.op('call', func.index);
    takeResults(b, func.results);
  });
  return true;
}
