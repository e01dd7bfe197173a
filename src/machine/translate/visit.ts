/** What is done for each instruction: by its name, or by its row where instructions of a kind are all alike. */
import { paramsOf } from '../../guest/helpers.ts';
import { heapSignature } from '../../wasm/exact.ts';
import { topOfHeap } from '../../wasm/hierarchy.ts';
import { instructionKey, type OpRow, type ValType } from '../../wasm/row.ts';
import { fenceArm } from '../arms/atomic.ts';
import { unreachableArm } from '../arms/control.ts';
import { nullArm, selectArm } from '../arms/data.ts';
import { globalGetArm, globalSetArm } from '../arms/global.ts';
import { castArm, testArm } from '../arms/heap.ts';
import { type AddressType, bulkArm, limitedGrowArm, memoryGrowArm, memorySizeArm } from '../arms/memory.ts';
import {
  asNonNullArm,
  refFuncArm,
  refIsNullArm,
  segmentArm,
  tableCopyArm,
  tableFillArm,
  tableGetArm,
  tableGrowArm,
  tableSetArm,
  tableSizeArm,
} from '../arms/table.ts';
import { atomic, load, store } from './accesses.ts';
import { doDelegate, doElse, doEnd, openBlock, openIf } from './blocks.ts';
import { doBr, doBrIf, doBrOnCast, doBrOnNull, doBrTable } from './branches.ts';
import { doCall, doCallIndirect, doCallRef, doReturnCall, doReturnCallIndirect } from './calls.ts';
import type { Draft } from './draft.ts';
import { doCatch, doThrow, openTry, throwFrom } from './exceptions.ts';
import { staticImm } from './immediates.ts';
import { emitReturn } from './returns.ts';
import { heap, numeric, setLocal } from './values.ts';

/** Writes the words of the instruction in progress, whose row that is. */
type Visitor = (d: Draft, row: OpRow) => void;

const constant: Visitor = (d, row) => {
  d.stack.push(row.sig?.results[0] as ValType, 'const', 0, d.body.big);
};

const test: Visitor = (d, row) => {
  const { type } = d.stack.peek();
  const { heap } = d.body;
  d.plain(`${row.name}:${heap}`, () => testArm(row, heap, type), 1, 'i32');
};

const cast: Visitor = (d, row) => {
  const { type } = d.stack.peek();
  const { heap } = d.body;
  d.plain(`${row.name}:${heap}`, () => castArm(row, heap, type), 1, type);
};

const select: Visitor = (d) => {
  const { type } = d.stack.peek(1);
  d.plain(`select:${type}`, () => selectArm(type), 3, type);
};

/** Instructions on segments. */
const segment: Visitor = (d, row) => {
  const imms = [d.body.a, d.body.b].slice(0, row.imms.length);
  const params = paramsOf(d.env.module, row, imms);
  const key = instructionKey(row, imms);
  const at = d.env.segment(row.imms[0] === 'data' ? 'data' : 'elem', imms[0] as number, key);
  d.plain(key, () => segmentArm(row, imms, params, at), params.length, null);
};

const VISITORS: Readonly<Record<string, Visitor>> = {
  nop() {},
  unreachable(d) {
    d.begin(d.arm(unreachableArm.key, () => unreachableArm));
    d.dead = true;
  },
  block: (d) => openBlock(d, 'block'),
  loop: (d) => openBlock(d, 'loop'),
  if: (d) => openIf(d),
  else: (d) => doElse(d),
  end: (d) => doEnd(d),

  br: (d) => doBr(d, d.body.a),
  br_if: (d) => doBrIf(d, d.body.a),
  br_table: (d) => doBrTable(d),
  br_on_null: (d) => doBrOnNull(d, d.body.a, true),
  br_on_non_null: (d) => doBrOnNull(d, d.body.a, false),
  br_on_cast: (d) => doBrOnCast(d, d.body.b, d.body.a, d.body.heap2, true),
  br_on_cast_fail: (d) => doBrOnCast(d, d.body.b, d.body.a, d.body.heap2, false),

  return(d) {
    emitReturn(d);
    d.dead = true;
  },
  call: (d) => doCall(d, d.body.a),
  call_indirect: (d) => doCallIndirect(d, d.body.a, d.body.b),
  call_ref: (d) => doCallRef(d, d.body.a),
  return_call: (d) => doReturnCall(d, d.body.a),
  return_call_indirect: (d) => doReturnCallIndirect(d, d.body.a, d.body.b),
  return_call_ref: (d) => doReturnCallIndirect(d, d.body.a, null),

  try: (d) => openTry(d),
  try_table: (d) => openTry(d),
  catch: (d) => doCatch(d, d.body.a),
  catch_all: (d) => doCatch(d, -1),
  delegate: (d) => doDelegate(d, d.body.a),
  throw: (d) => doThrow(d, d.body.a),
  throw_ref: (d) => throwFrom(d, d.source(d.stack.pop())),
  rethrow: (d) => throwFrom(d, d.at(d.body.a).exception),

  drop(d) {
    d.stack.pop();
  },
  select,
  select_t: select,
  'local.get'(d) {
    const local = d.locals[d.body.a] as { off: number; type: ValType };
    d.stack.push(local.type, 'local', local.off);
  },
  'local.set': (d) => setLocal(d, d.body.a, false),
  'local.tee': (d) => setLocal(d, d.body.a, true),
  'global.get'(d) {
    const index = d.body.a;
    const { type } = d.env.module.globals[index] as { type: ValType };
    const frame = d.frameType(type);
    d.plain(`global.get:${index}`, () => globalGetArm(index, type, frame), 0, frame);
  },
  'global.set'(d) {
    const index = d.body.a;
    const { type } = d.env.module.globals[index] as { type: ValType };
    d.plain(`global.set:${index}`, () => globalSetArm(index, type, d.frameType(type)), 1, null);
  },
  'i32.const': constant,
  'i64.const': constant,
  'f32.const': constant,
  'f64.const': constant,
  'v128.const': constant,

  'memory.size'(d) {
    const { mem, addr } = d.target(d.body.a);
    d.plain(`memory.size:${mem}`, () => memorySizeArm(mem, addr), 0, addr);
  },
  'memory.grow'(d) {
    const { mem, addr } = d.target(d.body.a);
    const arm = (d.env.memoryLimited ? limitedGrowArm : memoryGrowArm)(mem, addr);
    d.plain(arm.key, () => arm, 1, addr);
  },
  'memory.copy'(d, row) {
    const mems = [d.body.a, d.body.b];
    const types = copyTypes(d.target(d.body.a), d.target(d.body.b));
    d.plain(`memory.copy:${mems}`, () => bulkArm(row, mems, types), 3, null);
  },
  'memory.fill'(d, row) {
    const mems = [d.body.a];
    const { addr } = d.target(d.body.a);
    d.plain(`memory.fill:${mems}`, () => bulkArm(row, mems, [addr, 'i32', addr]), 3, null);
  },
  'memory.init': segment,
  'data.drop': segment,

  'table.get'(d) {
    const { table, type, frame, addr } = tableOf(d);
    d.plain(`table.get:${table}`, () => tableGetArm(table, type, frame, addr), 1, frame);
  },
  'table.set'(d) {
    const { table, type, frame, addr } = tableOf(d);
    d.plain(`table.set:${table}`, () => tableSetArm(table, type, frame, addr), 2, null);
  },
  'table.size'(d) {
    const { table, addr } = tableOf(d);
    d.plain(`table.size:${table}`, () => tableSizeArm(table, addr), 0, addr);
  },
  'table.grow'(d) {
    const { table, type, frame, addr } = tableOf(d);
    d.plain(`table.grow:${table}`, () => tableGrowArm(table, type, frame, addr), 2, addr);
  },
  'table.fill'(d) {
    const { table, type, frame, addr } = tableOf(d);
    d.plain(`table.fill:${table}`, () => tableFillArm(table, type, frame, addr), 3, null);
  },
  'table.copy'(d) {
    const [to, from] = [d.body.a, d.body.b];
    const types = copyTypes(d.tableTarget(to), d.tableTarget(from));
    d.plain(`table.copy:${to}:${from}`, () => tableCopyArm(to, from, types), 3, null);
  },
  'table.init': segment,
  'elem.drop': segment,

  'ref.null'(d) {
    const type = topOfHeap(d.env.module.types, d.body.heap) as ValType;
    d.plain(`null:${type}`, () => nullArm(type), 0, type);
  },
  'ref.func'(d) {
    const func = d.body.a;
    d.plain(`ref.func:${func}`, () => refFuncArm(func), 0, 'funcref');
  },
  'ref.is_null'(d) {
    const { type } = d.stack.peek();
    d.plain(`ref.is_null:${type}`, () => refIsNullArm(type), 1, 'i32');
  },
  'ref.as_non_null'(d) {
    const { type } = d.stack.peek();
    d.plain(`ref.as_non_null:${type}`, () => asNonNullArm(type), 1, type);
  },
  'ref.test': test,
  'ref.test_null': test,
  'ref.cast': cast,
  'ref.cast_null': cast,

  'atomic.fence': (d) => d.plain(fenceArm.key, () => fenceArm, 0, null),
};

const BY_NAME = new Map(Object.entries(VISITORS));

/** Translates the instruction in progress. */
export function visit(d: Draft, row: OpRow): void {
  const own = BY_NAME.get(row.name);
  if (own) return own(d, row);
  const imm = staticImm(row, d.body);
  if (row.effect === 'load') return load(d, row, imm);
  if (row.effect === 'store') return store(d, row, imm);
  if (row.effect === 'atomic') return atomic(d, row);
  if (isNumeric(row)) return numeric(d, row, imm);
  const sig = heapSignature(d.env.module.types, row.name, d.body.a, d.body.b);
  if (!sig) throw new Error(`no translation of ${row.name}`);
  heap(d, row, sig);
}

/** Computes one value of operands. */
function isNumeric(row: OpRow): boolean {
  return row.sig?.results.length === 1 && (row.effect === 'pure' || row.effect === 'trap');
}

/** The table of the instruction in progress: its type, as what frames keep its elements, and its address type. */
function tableOf(d: Draft): { table: number; type: ValType; frame: ValType; addr: AddressType } {
  const { table, addr } = d.tableTarget(d.body.a);
  const { type } = d.env.module.tables[table] as { type: ValType };
  return { table, type, frame: d.frameType(type), addr };
}

/** Operand types of a copy between memories or tables. */
function copyTypes(to: { addr: AddressType }, from: { addr: AddressType }): AddressType[] {
  return [to.addr, from.addr, to.addr === 'i64' && from.addr === 'i64' ? 'i64' : 'i32'];
}

/** True where the translator has an arm for the instruction. */
export function isTranslated(row: OpRow): boolean {
  if (BY_NAME.has(row.name) || row.since === 'gc') return true;
  if (row.imms.includes('memarg')) return true;
  return isNumeric(row) && !row.imms.some((i) => !PLAIN_IMMS.has(i));
}

const PLAIN_IMMS = new Set<string>(['lane', 'lanes16', 'i32', 'i64', 'f32', 'f64', 'v128']);
