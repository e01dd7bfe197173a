/**
 * What an IR operation is, whether it is a pseudo-op or a guest opcode: its effect, result type and kind of access.
 * Everything comes from `PSEUDO_OPS` or from the opcode table; passes ask here and keep no lists.
 */
import { findOpcode } from '../wasm/opcodes.ts';
import type { Effect, OpRow } from '../wasm/row.ts';
import { type Ins, type IrType, PSEUDO_OPS, type PseudoOp } from './ir.ts';

/** Effects of the table and of pseudo-ops together. */
export type IrEffect = Effect | (typeof PSEUDO_OPS)[PseudoOp]['effect'];

/** All that passes ask about one operation. */
export interface OpInfo {
  readonly name: string;
  readonly effect: IrEffect;
  /** `null` for pseudo-ops. */
  readonly row: OpRow | null;
  /** Result type where it does not depend on the instruction. */
  readonly result: IrType | null;
  /** Bytes of a load or store. */
  readonly bytes: number;
  readonly commutes: boolean;
  readonly isConst: boolean;
}

/** Result types of pseudo-ops that always have the same one. */
const PSEUDO_RESULT: Partial<Record<PseudoOp, IrType>> = {
  'frame.addr': 'i32',
  'stack.limit': 'i32',
  'guard.true': 'void',
  'guard.false': 'void',
  'guard.bounds': 'void',
  'strip.check': 'void',
  'strip.limit': 'void',
  'strip.left': 'i32',
  'strip.skip': 'void',
  'profile.count': 'void',
  'profile.add': 'void',
  'guard.depth': 'void',
  'mem.bytes': 'i64',
  'mirror.get': 'i32',
  'segment.length': 'i32',
  'segment.init': 'void',
  'segment.drop': 'void',
  'table.changed': 'void',
  'func.id': 'i32',
};

const cache = new Map<string, OpInfo | null>();

function describe(name: string): OpInfo | null {
  if (Object.hasOwn(PSEUDO_OPS, name)) {
    const op = name as PseudoOp;
    const result = PSEUDO_RESULT[op] ?? null;
    return { name, effect: PSEUDO_OPS[op].effect, row: null, result, bytes: 0, commutes: false, isConst: false };
  }
  const row = findOpcode(name);
  if (!row) return null;
  const results = row.sig?.results;
  const writes = row.effect === 'global.set' || row.effect === 'table.set';
  const result = results === undefined ? (writes ? 'void' : null) : results.length > 1 ? null : (results[0] ?? 'void');
  const isConst = row.effect === 'pure' && name.endsWith('.const');
  return { name, effect: row.effect, row, result, bytes: row.bytes ?? 0, commutes: row.commutes === true, isConst };
}

/** The operation called `name`, or null when there is none. */
export function findOp(name: string): OpInfo | null {
  let info = cache.get(name);
  if (info === undefined) {
    info = describe(name);
    cache.set(name, info);
  }
  return info;
}

/** The operation called `name`. Throws when there is none: the region was built wrongly. */
export function opInfo(name: string): OpInfo {
  const info = findOp(name);
  if (!info) throw new Error(`unknown IR operation ${name}`);
  return info;
}

export function effectOf(ins: Ins): IrEffect {
  return opInfo(ins.op).effect;
}

/** Only constants have bits: asked so often that the operation is not looked up. */
export function isConst(ins: Ins): boolean {
  return ins.imm.bits !== undefined;
}

/** Raw bits of a constant, or null for anything else. */
export function constBits(ins: Ins): bigint | null {
  return ins.imm.bits ?? null;
}

/** True for calls, whose snapshot says what is in memory meanwhile. */
export function isCall(ins: Ins): boolean {
  return ins.op === 'host.call' || ins.op === 'frag.call';
}

export function isLoad(ins: Ins): boolean {
  return effectOf(ins) === 'load';
}

export function isStore(ins: Ins): boolean {
  return effectOf(ins) === 'store';
}

/** True for instructions that may leave the region. */
export function isGuard(ins: Ins): boolean {
  return effectOf(ins) === 'guard';
}

/** Width of a number type in bits; 0 for references and `void`. */
export function bitsOf(type: IrType): number {
  return type === 'i32' || type === 'f32' ? 32 : type === 'i64' || type === 'f64' ? 64 : type === 'v128' ? 128 : 0;
}

/** True where the instruction has results that others may name (also those of several results, through `proj`). */
export function isNamed(ins: Ins): boolean {
  return ins.type !== 'void' || (ins.imm.types !== undefined && ins.imm.types.length > 1);
}

/** True for operations whose `imm.mem` is always set: loads, stores and what belongs to them. */
export function namesMemory(op: string): boolean {
  const effect = findOp(op)?.effect;
  return effect === 'load' || effect === 'store' || op === 'guard.bounds' || op === 'mem.bytes';
}
