/**
 * Writes values and instructions. A guest opcode is written as itself with its own immediates; only indices change to
 * those of the fragment module. Pseudo-operations have one function each in `pseudo.ts`.
 */
import { type Ins, PSEUDO_OPS, type PseudoOp } from '../ir/ir.ts';
import { opInfo } from '../ir/ops.ts';
import { exactOperands } from '../wasm/exact.ts';
import { castTo, isReference } from '../wasm/hierarchy.ts';
import { opByName } from '../wasm/opcodes.ts';
import type { OpRow, ValType } from '../wasm/row.ts';
import { refreshLimits } from './bounds.ts';
import { EmitError } from './errors.ts';
import type { Frag } from './frag.ts';
import { immediates } from './immediates.ts';
import { resultCount } from './place.ts';
import { PSEUDO_EMIT } from './pseudo.ts';

/** Pushes a value: from its local, by computing it here, or again. */
export function emitValue(f: Frag, value: Ins): void {
  const place = f.p.place(value);
  if (place === 'local') f.out.get(f.locals.of(value));
  else if (place === 'inline' || place === 'again') emitIns(f, value);
  else throw new EmitError('value', `v${value.id} ${value.op}`);
}

/** Pushes an i32 that is not 0 exactly when `value` is not 0, or with `negate` when it is 0. */
export function emitCondition(f: Frag, value: Ins, negate: boolean): void {
  if (!negate) {
    emitValue(f, value);
    return;
  }
  if (f.p.place(value) === 'inline') {
    if (value.op === 'i32.eqz') {
      emitValue(f, value.args[0]!);
      return;
    }
    const inverse = opInfo(value.op).row?.inverse;
    if (inverse) {
      const outer = f.out.at(value.loc);
      for (const a of value.args) emitValue(f, a);
      f.out.op(inverse).at(outer);
      return;
    }
  }
  emitValue(f, value);
  f.out.op('i32.eqz');
}

/** The opcode that is written for `ins`: references need the form of `select` that names its type. */
function rowOf(f: Frag, ins: Ins): OpRow {
  if (ins.op === 'select' && isReference(ins.type)) return opByName('select_t');
  const row = opInfo(ins.op).row;
  if (!row) throw new EmitError('operation', `${ins.op} in T${f.region.id}`);
  return row;
}

/** Casts the reference on the stack, which has the type `from`, to the static type that it has. */
export function narrow(f: Frag, type: ValType, from: string): void {
  for (const [name, ...imms] of castTo(f.env.guest.types, type, from)) f.out.op(name, ...imms);
}

/** Pushes operands; `exact`: the types that they must have, where these are not known to be right. */
export function emitOperands(f: Frag, args: readonly Ins[], exact: readonly ValType[] | null): void {
  for (const [i, a] of args.entries()) {
    emitValue(f, a);
    const type = exact?.[i];
    if (type) narrow(f, type, a.type);
  }
}

/** Executes an instruction; its results are left on the stack. */
export function emitIns(f: Frag, ins: Ins): void {
  const outer = f.out.at(ins.loc);
  emitOperation(f, ins);
  f.out.at(outer);
}

function emitOperation(f: Frag, ins: Ins): void {
  if (Object.hasOwn(PSEUDO_OPS, ins.op)) {
    PSEUDO_EMIT[ins.op as PseudoOp](f, ins);
    return;
  }
  const row = rowOf(f, ins);
  const exact = exactOperands(f.env.guest, ins.op, ins.imm.index ?? 0, ins.imm.index2 ?? 0);
  emitOperands(f, ins.args, exact);
  if (row.effect === 'trap' || row.effect === 'load' || row.effect === 'store') {
    f.traps.push({ offset: f.out.position(), ins });
  }
  // The fragment module has no guest functions: their references come in immutable globals.
  if (ins.op === 'ref.func') f.out.op('global.get', f.links.funcref(ins.imm.index ?? 0));
  else f.out.op(row.name, ...immediates(f.links, row, ins));
  if (row.effect === 'grow' && row.imms.includes('memory')) refreshLimits(f, ins.imm.index ?? ins.imm.mem ?? 0);
}

/** Executes an instruction where it stands and puts its results away. */
export function emitStatement(f: Frag, ins: Ins): void {
  if (ins.op === 'phi' || ins.op === 'proj') return;
  const place = f.p.place(ins);
  if (place !== 'local' && place !== 'effect') return;
  f.out.at(ins.loc);
  emitIns(f, ins);
  if (place === 'local') {
    f.out.set(f.locals.of(ins));
    return;
  }
  const results = f.p.results(ins);
  for (let i = resultCount(ins) - 1; i >= 0; i--) {
    const value = results[i];
    if (value) f.out.set(f.locals.of(value));
    else f.out.op('drop');
  }
}
