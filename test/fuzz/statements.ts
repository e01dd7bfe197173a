/** Random statements: code that leaves the operand stack as it was. */
import type { ValType } from '../../src/wasm/row.ts';
import type { Body } from './body.ts';
import { callIndirect, callStatement, selfCall, takeResults } from './calls.ts';
import { address, canonical, condition, expression, pickMemory } from './expressions.ts';
import { loop } from './loops.ts';
import { STORES } from './operators.ts';
import { NUMBERS, pickType } from './plan.ts';

/** Each writes one statement; false when it does not fit here. Simplest first. */
const FORMS: readonly [weight: number, write: (b: Body) => boolean][] = [
  [22, assign],
  [16, store],
  [8, setGlobal],
  [6, update],
  [10, branch],
  [22, loop],
  [6, leave],
  [4, switchOver],
  [6, callStatement],
  [4, indirect],
  [6, selfCall],
  [4, multi],
  [3, bulk],
  [1, grow],
  [4, table],
  [2, returnIf],
  [1, trapIf],
  [3, copyBits],
];
const WEIGHTS = FORMS.map(([weight]) => weight);

/** At most `most` statements, seldom fewer. */
export function statements(b: Body, most: number): void {
  let going = true;
  for (let i = 0; i < most && going; i++) {
    going = b.source.within(() => {
      b.room--;
      if ((b.room > 0 ? b.source.below(12) : b.source.nothing()) === 0) return false;
      const form = FORMS[b.source.weighted(WEIGHTS)]!;
      if (!form[1](b)) assign(b);
      return true;
    });
  }
}

function anyType(b: Body): ValType {
  return pickType(b.source, b.plan.size.vectors);
}

function assign(b: Body): boolean {
  const type = anyType(b);
  expression(b, type);
  b.op('local.set', b.target(type));
  return true;
}

function store(b: Body): boolean {
  const type = anyType(b);
  const row = b.source.pick(STORES.get(type)!);
  const memory = pickMemory(b);
  const offset = address(b, 2);
  expression(b, type, 1);
  // Bits of computed NaNs are the host's choice.
  if (type === 'f32' || type === 'f64') canonical(b, type);
  b.op(row.name, memory, offset);
  return true;
}

/** Reads and writes one place: what register promotion and store-to-load forwarding are about. */
function update(b: Body): boolean {
  const { source } = b;
  const type = source.pick(['i32', 'i64'] as const);
  const memory = pickMemory(b);
  const at = b.addLocal('i32', true);
  const offset = address(b, 3);
  b.op('local.tee', at).op('local.get', at).op(`${type}.load`, memory, offset);
  expression(b, type, 3);
  b.op(`${type}.${source.pick(['add', 'xor', 'sub', 'or', 'mul'])}`).op(`${type}.store`, memory, offset);
  return true;
}

/** A float goes through a local from one place in memory to another: whatever its bits are, they stay. */
function copyBits(b: Body): boolean {
  const type = b.source.pick(['f32', 'f64', 'v128'] as const);
  const local = b.addLocal(type, true);
  const [from, to] = [pickMemory(b), pickMemory(b)];
  const source = address(b, 3);
  b.op(`${type}.load`, from, source);
  b.op('local.set', local);
  const target = address(b, 3);
  b.op('local.get', local).op(`${type}.store`, to, target);
  return true;
}

function setGlobal(b: Body): boolean {
  const { globals } = b.plan;
  if (globals.length === 0) return false;
  const index = b.source.below(globals.length);
  const { type } = globals[index]!;
  expression(b, type, 1);
  b.op('global.set', index);
  return true;
}

function branch(b: Body): boolean {
  condition(b);
  b.construct('if', 'void', { types: [] }, () => {
    statements(b, 3 - b.source.below(3));
    if (b.source.chance(50)) {
      b.code.op('else');
      statements(b, 2 - b.source.below(2));
    }
  });
  return true;
}

/** A block that is left early, or a branch out of a construct further out. */
function leave(b: Body): boolean {
  b.construct('block', 'void', { types: [] }, () => {
    statements(b, 1);
    condition(b);
    b.op('br_if', b.source.pick(b.branchTargets([])));
    statements(b, 2 - b.source.below(2));
    if (b.source.chance(15)) b.op('br', b.source.pick(b.branchTargets([])));
  });
  return true;
}

function switchOver(b: Body): boolean {
  const { source } = b;
  const cases = 2 + source.below(4);
  const open = (n: number): void => {
    if (n === 0) {
      if (b.counters.length > 0 && source.chance(50)) b.op('local.get', source.pick(b.counters));
      else expression(b, 'i32', 2);
      if (source.chance(80)) b.op('i32.const', 7).op('i32.and');
      const order = Array.from({ length: cases + source.below(2) }, () => source.below(cases));
      b.op('br_table', order, source.below(cases));
      return;
    }
    b.construct('block', 'void', { types: [] }, () => open(n - 1));
    statements(b, 1);
    // n labels of this switch are still open behind the case just written.
    if (n < cases && source.chance(60)) b.op('br', cases - n - 1);
  };
  b.construct('block', 'void', { types: [] }, () => open(cases - 1));
  return true;
}

function indirect(b: Body): boolean {
  const type = b.source.pick(NUMBERS);
  if (!callIndirect(b, type)) return false;
  b.op('local.set', b.target(type));
  return true;
}

/** A block with parameters and results, left from two places. */
function multi(b: Body): boolean {
  const { source } = b;
  const types = (n: number) => Array.from({ length: n }, () => source.pick(NUMBERS));
  const params = types(source.below(3));
  const results = types(1 + source.below(3));
  for (const t of params) expression(b, t, 3);
  b.construct('block', b.plan.blockType(params, results), { types: results }, () => {
    takeResults(b, params);
    statements(b, 1);
    for (const t of results) expression(b, t, 3);
    condition(b);
    b.op('br_if', 0);
    takeResults(b, results);
    for (const t of results) expression(b, t, 3);
  });
  takeResults(b, results);
  return true;
}

function bulk(b: Body): boolean {
  if (!b.affords(60)) return false;
  b.cost += b.trips * 50;
  const place = () => {
    expression(b, 'i32', 3);
    b.op('i32.const', b.source.chance(1) ? -1 : 0x3ff).op('i32.and');
  };
  place();
  if (b.source.chance(50)) {
    place();
    place();
    b.op('memory.copy', pickMemory(b), pickMemory(b));
  } else {
    expression(b, 'i32', 3);
    place();
    b.op('memory.fill', pickMemory(b));
  }
  return true;
}

function grow(b: Body): boolean {
  if (b.trips > 100) return false;
  expression(b, 'i32', 3);
  b.op('i32.const', 1).op('i32.and').op('memory.grow', pickMemory(b)).op('local.set', b.target('i32'));
  return true;
}

function table(b: Body): boolean {
  const { plan, source } = b;
  if (!plan.size.references || plan.tableFrom >= plan.functions.length) return false;
  const slot = () => {
    if (source.chance(10)) expression(b, 'i32', 3);
    else b.op('i32.const', source.below(plan.table.length));
  };
  switch (source.weighted([40, 20, 15, 8, 8, 4])) {
    case 0: {
      // A function of the type that was in the slot, so that calls through it go on.
      const at = source.below(plan.table.length);
      const was = plan.table[at];
      const fitting = plan.functions.slice(plan.tableFrom).filter((f) => f.type === was?.type);
      b.op('i32.const', at);
      if (fitting.length > 0) b.op('ref.func', source.pick(fitting).index);
      else expression(b, 'funcref', 3);
      b.op('table.set', 0);
      break;
    }
    case 1:
      slot();
      expression(b, 'funcref', 3);
      b.op('table.set', 0);
      break;
    case 2:
      expression(b, 'funcref', 3);
      b.op('ref.is_null').op('local.set', b.target('i32'));
      break;
    case 3:
      slot();
      expression(b, 'funcref', 3);
      b.op('i32.const', source.below(4)).op('table.fill', 0);
      break;
    case 4:
      slot();
      slot();
      b.op('i32.const', source.below(4)).op('table.copy', 0, 0);
      break;
    default:
      if (b.trips > 30) return false;
      expression(b, 'funcref', 3);
      b.op('i32.const', 1).op('table.grow', 0).op('local.set', b.target('i32'));
  }
  return true;
}

function returnIf(b: Body): boolean {
  condition(b);
  b.construct('if', 'void', null, () => {
    for (const t of b.func.results) expression(b, t, 3);
    b.op('return');
  });
  return true;
}

function trapIf(b: Body): boolean {
  b.op('local.get', b.target('i32')).op('i32.const', 0x51ed270b).op('i32.eq');
  b.construct('if', 'void', null, () => {
    b.op('unreachable');
  });
  return true;
}
