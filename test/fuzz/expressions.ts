/** Random expressions: each writes code that leaves exactly one value of the wanted type. */
import type { OpRow, ValType } from '../../src/wasm/row.ts';
import type { Body } from './body.ts';
import { callDirect, callIndirect } from './calls.ts';
import { writeConstant, writeZero } from './constants.ts';
import {
  isDivision,
  isTrappingTruncation,
  LOADS,
  laneCount,
  makesVectorNaNs,
  SCALAR_OPS,
  showsBits,
  VECTOR_OPS,
} from './operators.ts';
import { PAGE } from './plan.ts';

const MAX_DEPTH = 5;

/** The forms that an expression can have, simplest first, with their weights. */
const FORMS: readonly [weight: number, write: (b: Body, type: ValType, depth: number) => boolean][] = [
  [14, constant],
  [26, readLocal],
  [38, operator],
  [10, load],
  [5, readGlobal],
  [5, select],
  [3, choose],
  [3, block],
  [3, tee],
  [1, size],
  [4, (b, type) => callDirect(b, type)],
  [4, (b, type) => callIndirect(b, type)],
];
const WEIGHTS = FORMS.map(([weight]) => weight);

function constant(b: Body, type: ValType): boolean {
  b.cost += b.trips;
  writeConstant(b.code, type, b.source);
  return true;
}

export function expression(b: Body, type: ValType, depth = 0): void {
  b.source.within(() => {
    if (type === 'funcref' || type === 'externref') return reference(b, type);
    b.room--;
    const form = b.room > 0 && depth < MAX_DEPTH ? b.source.weighted(WEIGHTS) : b.source.nothing();
    if (FORMS[form]![1](b, type, depth)) return;
    if (!readLocal(b, type)) constant(b, type);
  });
}

/** A condition: often a comparison, sometimes any number. */
export function condition(b: Body): void {
  if (b.room > 0 && b.source.chance(70)) {
    const compare = b.source.pick([
      'i32.eqz',
      'i32.lt_s',
      'i32.eq',
      'i32.ne',
      'i32.gt_u',
      'i64.eq',
      'i64.lt_s',
      'f64.lt',
      'f32.ge',
    ]);
    const type = compare.slice(0, 3) as ValType;
    expression(b, type, 3);
    if (compare !== 'i32.eqz') expression(b, type, 3);
    b.op(compare);
  } else expression(b, 'i32', 2);
}

function readLocal(b: Body, type: ValType): boolean {
  const locals = b.localsOf(type, false);
  if (locals.length === 0) return false;
  b.op('local.get', b.source.pick(locals));
  return true;
}

function operator(b: Body, type: ValType, depth: number): boolean {
  const vectors = b.plan.size.vectors && (type === 'v128' || b.source.chance(6));
  const rows = (vectors ? VECTOR_OPS : SCALAR_OPS).get(type);
  if (!rows) return false;
  const row = b.source.pick(rows);
  // Truncations trap on most floats; once in a while is enough.
  if (isTrappingTruncation(row) && !b.source.chance(15)) return false;
  row.sig!.params.forEach((t, i) => {
    expression(b, t, depth + 1);
    if (showsBits(row) && (t === 'f32' || t === 'f64')) canonical(b, t);
    if (isDivision(row) && i === 1 && !b.source.chance(6)) b.op(`${t}.const`, t === 'i64' ? 1n : 1).op(`${t}.or`);
  });
  b.op(row.name, ...laneImmediates(b, row));
  const shape = makesVectorNaNs(row);
  if (shape) canonicalLanes(b, shape);
  return true;
}

function laneImmediates(b: Body, row: OpRow): unknown[] {
  return row.imms.map((imm) =>
    imm === 'lane' ? b.source.below(laneCount(row)) : Array.from({ length: 16 }, () => b.source.below(32)),
  );
}

/** Replaces a NaN on the stack by the canonical one. */
export function canonical(b: Body, type: 'f32' | 'f64'): void {
  const local = b.scratch(type);
  b.op('local.tee', local).op(`${type}.const`, type === 'f32' ? 0x7fc00000 : 0x7ff8000000000000n);
  b.op('local.get', local).op('local.get', local).op(`${type}.eq`).op('select');
}

function canonicalLanes(b: Body, shape: 'f32x4' | 'f64x2'): void {
  const local = b.scratch('v128');
  const half = shape === 'f32x4' ? 0x7fc000007fc00000n : 0x7ff8000000000000n;
  b.op('local.tee', local).op('v128.const', half | (half << 64n));
  b.op('local.get', local).op('local.get', local).op(`${shape}.eq`).op('v128.bitselect');
}

/** Leaves an address for an access of some bytes; nearly always inside the memory. Returns the static offset to use. */
export function address(b: Body, depth: number): number {
  const { source } = b;
  const offset = source.weighted([500, 300, 100, 3, 2]);
  const statics = [
    0,
    4 + 4 * source.below(16),
    source.below(300),
    PAGE - 8 - source.below(12),
    0xffffffff - source.below(9),
  ];
  switch (source.weighted([150, 450, 300, 6, 3])) {
    case 0:
      b.op('i32.const', 4 * source.below(32));
      break;
    case 1: {
      if (b.counters.length === 0) return masked(b, depth, statics[offset] as number);
      b.op('local.get', source.pick(b.counters));
      const scale = source.pick([0, 1, 2, 3]);
      if (scale > 0) b.op('i32.const', scale).op(source.pick(['i32.shl', 'i32.mul']));
      if (source.chance(30)) b.op('i32.const', source.below(64)).op(source.pick(['i32.add', 'i32.xor', 'i32.sub']));
      break;
    }
    case 2:
      return masked(b, depth, statics[offset] as number);
    case 3: {
      // Near the end of the memory: some of these accesses trap.
      b.op('i32.const', PAGE - source.below(24));
      break;
    }
    default:
      expression(b, 'i32', depth + 1);
  }
  return statics[offset] as number;
}

function masked(b: Body, depth: number, offset: number): number {
  expression(b, 'i32', depth + 1);
  b.op('i32.const', b.source.pick([0xf8, 0x3ff, 0x7ffc, 0xff])).op('i32.and');
  return offset;
}

export function pickMemory(b: Body): number {
  return b.plan.memories > 1 && b.source.chance(25) ? 1 : 0;
}

function load(b: Body, type: ValType, depth: number): boolean {
  const rows = LOADS.get(type);
  if (!rows) return false;
  const row = b.source.pick(rows);
  const memory = pickMemory(b);
  const offset = address(b, depth);
  b.op(row.name, memory, offset);
  return true;
}

function readGlobal(b: Body, type: ValType): boolean {
  const globals = b.plan.globals.flatMap((g, i) => (g.type === type ? [i] : []));
  if (globals.length === 0) return false;
  b.op('global.get', b.source.pick(globals));
  return true;
}

function select(b: Body, type: ValType, depth: number): boolean {
  expression(b, type, depth + 1);
  expression(b, type, depth + 1);
  condition(b);
  if (b.source.chance(20)) b.op('select_t', [type]);
  else b.op('select');
  return true;
}

function choose(b: Body, type: ValType, depth: number): boolean {
  condition(b);
  b.construct('if', type, { types: [type] }, () => {
    expression(b, type, depth + 1);
    b.code.op('else');
    expression(b, type, depth + 1);
  });
  return true;
}

/** A block whose value may come from an early exit. */
function block(b: Body, type: ValType, depth: number): boolean {
  b.construct('block', type, { types: [type] }, () => {
    expression(b, type, depth + 1);
    condition(b);
    b.op('br_if', b.source.pick(b.branchTargets([type]))).op('drop');
    expression(b, type, depth + 1);
  });
  return true;
}

function tee(b: Body, type: ValType, depth: number): boolean {
  expression(b, type, depth + 1);
  b.op('local.tee', b.target(type));
  return true;
}

function size(b: Body, type: ValType): boolean {
  if (type !== 'i32') return false;
  if (b.plan.size.references && b.source.chance(50)) b.op('table.size', 0);
  else b.op('memory.size', pickMemory(b));
  return true;
}

/** Function references from the functions that may be in tables. */
function reference(b: Body, type: ValType): void {
  const { plan, source } = b;
  const targets = plan.functions.slice(plan.tableFrom);
  const locals = b.localsOf(type, false);
  if (type === 'externref' || targets.length === 0) writeZero(b.code, type);
  else if (locals.length > 0 && source.chance(30)) b.op('local.get', source.pick(locals));
  else if (source.chance(30)) b.op('i32.const', source.below(plan.table.length)).op('table.get', 0);
  else if (source.chance(10)) writeZero(b.code, type);
  else b.op('ref.func', source.pick(targets).index);
}
