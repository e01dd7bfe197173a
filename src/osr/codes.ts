/** Opcodes that the native-first tier looks at by number, and how to pass over the others. */
import { ONE_BYTE, opByCode, opByName } from '../wasm/opcodes.ts';
import type { Imm, OpRow } from '../wasm/row.ts';
import type { Cursor } from '../wasm/scan.ts';
import { CHANGES, UNKNOWN } from './heights.ts';

const code = (name: string) => opByName(name).code;
export const OP = {
  unreachable: code('unreachable'),
  block: code('block'),
  loop: code('loop'),
  if: code('if'),
  else: code('else'),
  end: code('end'),
  try: code('try'),
  catch: code('catch'),
  catchAll: code('catch_all'),
  delegate: code('delegate'),
  tryTable: code('try_table'),
  call: code('call'),
  callIndirect: code('call_indirect'),
  callRef: code('call_ref'),
  returnCallIndirect: code('return_call_indirect'),
  localGet: code('local.get'),
  localSet: code('local.set'),
  localTee: code('local.tee'),
  globalGet: code('global.get'),
  globalSet: code('global.set'),
  br: code('br'),
  brIf: code('br_if'),
  brTable: code('br_table'),
  return: code('return'),
  i32Const: code('i32.const'),
  i64Const: code('i64.const'),
  f32Const: code('f32.const'),
  f64Const: code('f64.const'),
  i32Add: code('i32.add'),
  i32Eqz: code('i32.eqz'),
  i32Less: code('i32.lt_s'),
} as const;

/** After these, what follows up to the end of the block is never executed. */
export const LEAVES: ReadonlySet<number> = new Set(
  [
    'unreachable',
    'br',
    'br_table',
    'return',
    'throw',
    'throw_ref',
    'rethrow',
    'return_call',
    'return_call_indirect',
    'return_call_ref',
  ].map(code),
);

/** Instructions that work only inside the module that they are in, because they name a segment or one of its functions. */
export const BOUND: ReadonlySet<number> = new Set(
  [
    'memory.init',
    'data.drop',
    'table.init',
    'elem.drop',
    'ref.func',
    'array.new_data',
    'array.new_elem',
    'array.init_data',
    'array.init_elem',
  ].map(code),
);

/** How the pass goes over an opcode: nothing follows, a number, a memarg; or it has to look closer. */
export const NOTHING = 0;
const NUMBER = 1;
const MEMARG = 2;
export const SPECIAL = 3;
const NUMBERS: ReadonlySet<Imm> = new Set(['local', 'global', 'label', 'i32', 'i64', 'table', 'memory']);

export const WAYS: Readonly<Uint8Array> = Uint8Array.from(ONE_BYTE, (row, op) => {
  if (!row || LEAVES.has(op) || BOUND.has(op) || CHANGES[op] === UNKNOWN || row.imms.length > 1) return SPECIAL;
  const [imm] = row.imms;
  if (imm === undefined) return NOTHING;
  if (imm === 'memarg') return MEMARG;
  return NUMBERS.has(imm) ? NUMBER : SPECIAL;
});

/** Behind what follows an opcode that is not special. */
export function passImmediate(bytes: Uint8Array, at: number, way: number): number {
  let p = at;
  if (way === NOTHING) return p;
  if (way === MEMARG) {
    // Bit 6 of the alignment: a memory index follows.
    if ((bytes[p] as number) & 0x40) while ((bytes[p++] as number) & 0x80);
    while ((bytes[p++] as number) & 0x80);
  }
  while ((bytes[p++] as number) & 0x80);
  return p;
}

/** The row of an opcode whose first byte has been read. Throws a RangeError where there is none. */
export function rowOf(c: Cursor, op: number): OpRow {
  const row = op >= 0xfb ? opByCode((op << 16) | c.leb()) : ONE_BYTE[op];
  if (!row) throw new RangeError(`no opcode 0x${op.toString(16)}`);
  return row;
}
