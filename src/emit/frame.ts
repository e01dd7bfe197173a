/**
 * Access to the guest's frame: numbers in machine memory at fp + off, references in the side table of their type at
 * index (fp + off) / 8.
 */
import type { Ins } from '../ir/ir.ts';
import { isReference } from '../wasm/hierarchy.ts';
import type { ValType } from '../wasm/row.ts';
import { EmitError } from './errors.ts';
import { type Frag, PARAM } from './frag.ts';
import { emitValue } from './values.ts';

/** Writes the index of a reference slot. */
function sideIndex(f: Frag, off: number): void {
  f.out.get(PARAM.fp);
  if (off !== 0) f.out.i32(off).op('i32.add');
  f.out.i32(3).op('i32.shr_u');
}

function accessOp(type: string, access: 'load' | 'store'): string {
  if (!['i32', 'i64', 'f32', 'f64', 'v128'].includes(type))
    throw new EmitError('operation', `frame slot of type ${type}`);
  return `${type}.${access}`;
}

/** Pushes the value of the slot at byte `off` from fp. */
export function loadSlot(f: Frag, off: number, type: ValType): void {
  if (isReference(type)) {
    sideIndex(f, off);
    f.out.op('table.get', f.links.side(type));
  } else f.out.get(f.base).op(accessOp(type, 'load'), f.links.machine, off + f.bias);
}

/** Stores `value` in the slot at byte `off` from fp. */
export function storeSlot(f: Frag, off: number, value: Ins): void {
  const type = value.type as ValType;
  if (isReference(type)) {
    sideIndex(f, off);
    emitValue(f, value);
    f.out.op('table.set', f.links.side(type));
  } else {
    f.out.get(f.base);
    emitValue(f, value);
    f.out.op(accessOp(type, 'store'), f.links.machine, off + f.bias);
  }
}
