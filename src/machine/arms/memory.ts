/**
 * Accesses to linear memory, and memory.size, memory.grow and the bulk instructions.
 *
 * A load is `[arm, dst, addr, offset]`, a store `[arm, addr, value, offset]`. Offsets are operands, not static
 * immediates, so that one arm serves them all; the sum must not wrap, and where it would the access is out of bounds in
 * any memory, so the arm performs one that certainly is. Addresses are i64 where the memory says so.
 */

import { type ArmGen, LOCAL } from '../../interp/gen.ts';
import type { Lifter } from '../../ir/lift.ts';
import type { OpRow, ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import { constWords, immKey, immList, type StaticImm } from './numeric.ts';

/** Type of addresses and sizes of a memory or table. */
export type AddressType = 'i32' | 'i64';

export function addressType(def: { readonly i64: boolean } | undefined): AddressType {
  return def?.i64 ? 'i64' : 'i32';
}

/** `z`: offset 0, no sum needed. `o`: offset in one word, `w`: in two. `k` in front: constant value to store. */
export type AccessForm = 'z' | 'o' | 'w' | 'kz' | 'ko' | 'kw';

/** Words that the offset takes. */
export function offsetWords(form: AccessForm): number {
  return form.endsWith('z') ? 0 : form.endsWith('o') ? 1 : 2;
}

/** Form of an access with that offset. */
export function offsetForm(off: number | bigint): 'z' | 'o' | 'w' {
  return BigInt(off) === 0n ? 'z' : BigInt(off) < 1n << 32n ? 'o' : 'w';
}

export function accessKey(row: OpRow, form: AccessForm, mem: number, imm: StaticImm): string {
  return `${row.name}:${form}:${mem}${immKey(imm)}`;
}

/** The memory of an access and what its addresses are. */
export interface Target {
  readonly mem: number;
  readonly addr: AddressType;
}

/**
 * Pushes the effective address of the operand slot in word `at` plus the offset in word `off`. `beyond` comes first where
 * the sum does not fit; it finds that in the local that it is given.
 */
export function effective(
  g: ArmGen,
  at: number,
  form: AccessForm,
  off: number,
  { mem, addr }: Target,
  beyond?: (sum: number) => void,
): void {
  g.slot(at, addr);
  if (offsetWords(form) === 0) return;
  const sum = addr === 'i32' ? LOCAL.b : LOCAL.i64;
  const offset = () => {
    if (addr === 'i32') g.word(off);
    else if (form.endsWith('w')) g.word64(off);
    else g.word(off).op('i64.extend_i32_u');
  };
  offset();
  g.op(`${addr}.add`).tee(sum);
  offset();
  g.op(`${addr}.lt_u`).begin('if');
  beyond?.(sum);
  // No memory reaches a sum with one more bit. This load traps in every memory.
  if (addr === 'i32') g.i32(-1);
  else g.op('i64.const', -1n);
  g.op('i64.load', g.ix.memory(mem), 0xffffffff).op('drop').op('unreachable').end().get(sum);
}

/** Local that holds an effective address for a moment. */
function addressLocal(addr: AddressType): number {
  return addr === 'i32' ? LOCAL.a : LOCAL.i64;
}

export function loadArm(row: OpRow, form: AccessForm, target: Target, imm: StaticImm = {}): Arm {
  const { mem, addr } = target;
  const sig = row.sig;
  const result = sig?.results[0] as ValType;
  const lane = sig?.params.length === 2;
  const offset = lane ? 4 : 3;
  const lift = (l: Lifter) => {
    const off = form === 'z' ? 0 : l.word(offset) >>> 0;
    const at = l.get(2, addr);
    const args = lane ? [at, l.get(3, 'v128')] : [at];
    l.bounds(at, mem, off + (row.bytes as number));
    l.put(1, l.ins(row.name, result, args, { mem, off, index: imm.lane }));
  };
  return {
    key: accessKey(row, form, mem, imm),
    kind: 'plain',
    words: offset + offsetWords(form),
    gen(g) {
      g.position();
      effective(g, 2, form, offset, target);
      const at = addressLocal(addr);
      g.set(at).dest(1, result).get(at);
      if (lane) g.slot(3, 'v128');
      g.op(row.name, g.ix.memory(mem), 0, ...immList(imm))
        .put(result)
        .next();
    },
    ...(form === 'w' ? {} : { lift }),
  };
}

export function storeArm(row: OpRow, form: AccessForm, target: Target, imm: StaticImm = {}): Arm {
  const { mem, addr } = target;
  const type = row.sig?.params[1] as ValType;
  const k = form[0] === 'k';
  const valueWords = k ? constWords(type) : 1;
  const offset = 2 + valueWords;
  const lift = (l: Lifter) => {
    const off = form.endsWith('z') ? 0 : l.word(offset) >>> 0;
    const at = l.get(1, addr);
    const value = k ? l.constantAt(2, type) : l.get(2, type);
    l.bounds(at, mem, off + (row.bytes as number));
    l.ins(row.name, 'void', [at, value], { mem, off, index: imm.lane });
  };
  return {
    key: accessKey(row, form, mem, imm),
    kind: 'plain',
    words: offset + offsetWords(form),
    gen(g) {
      g.position();
      effective(g, 1, form, offset, target);
      if (k) g.constant(2, type);
      else g.slot(2, type);
      g.op(row.name, g.ix.memory(mem), 0, ...immList(imm)).next();
    },
    ...(form.endsWith('w') ? {} : { lift }),
  };
}

/** dst := memory.size. */
export function memorySizeArm(mem: number, type: AddressType): Arm {
  return {
    key: `memory.size:${mem}`,
    kind: 'plain',
    words: 2,
    gen(g) {
      g.dest(1, type).op('memory.size', g.ix.memory(mem)).put(type).next();
    },
    lift(l) {
      l.put(1, l.ins('memory.size', type, [], { mem, index: mem }));
    },
  };
}

/** dst := memory.grow(src). */
export function memoryGrowArm(mem: number, type: AddressType): Arm {
  return {
    key: `memory.grow:${mem}`,
    kind: 'plain',
    words: 3,
    gen(g) {
      g.dest(1, type).slot(2, type).op('memory.grow', g.ix.memory(mem)).put(type).next();
    },
    lift(l) {
      l.put(1, l.ins('memory.grow', type, [l.get(2, type)], { mem, index: mem }));
    },
  };
}

/** The same where memory is limited: the machine is asked first. Only the interpreter does that. */
export function limitedGrowArm(mem: number, type: AddressType): Arm {
  return {
    key: `memory.grow:${mem}:limited`,
    kind: 'plain',
    words: 3,
    gen(g) {
      g.position().frame().slot(2, type);
      if (type === 'i32') g.op('i64.extend_i32_u');
      g.op('call', g.ix.memoryAsked);
      memoryGrowArm(mem, type).gen(g);
    },
  };
}

/**
 * memory.copy, memory.fill: words are the three operand slots. Ranges are guarded, so fragments do them too, except where
 * addresses have 64 bits.
 */
export function bulkArm(row: OpRow, mems: readonly number[], types: readonly ValType[]): Arm {
  const lift = (l: Lifter) => {
    const [d, s, n] = [l.get(1, 'i32'), l.get(2, 'i32'), l.get(3, 'i32')];
    l.rangeGuard(d, n, mems[0] as number);
    if (mems.length === 2) l.rangeGuard(s, n, mems[1] as number);
    l.ins(row.name, 'void', [d, s, n], { mem: mems[0] as number, index: mems[0] as number, index2: mems[1] });
  };
  return {
    key: `${row.name}:${mems.join(',')}`,
    kind: 'plain',
    words: 4,
    gen(g) {
      g.position();
      types.forEach((type, i) => {
        g.slot(1 + i, type);
      });
      g.op(row.name, ...mems.map((m) => g.ix.memory(m))).next();
    },
    ...(types.includes('i64') ? {} : { lift }),
  };
}
