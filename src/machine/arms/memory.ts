/**
 * Accesses to linear memory, and memory.size, memory.grow and the bulk instructions.
 *
 * A load is `[arm, dst, addr, offset]`, a store `[arm, addr, value, offset]`. Offsets are operands, not static
 * immediates, so that one arm serves them all; the sum must not wrap, and where it would the access is out of bounds in
 * any memory, so the arm performs one that certainly is.
 */

import { type ArmGen, LOCAL } from '../../interp/gen.ts';
import type { OpRow, ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import { constWords, immKey, immList, type StaticImm } from './numeric.ts';

/** `z`: offset 0, no sum needed. `o`: offset in the code. `k` in front: constant value to store. */
export type AccessForm = 'z' | 'o' | 'kz' | 'ko';

export function accessKey(row: OpRow, form: AccessForm, mem: number, imm: StaticImm): string {
  return `${row.name}:${form}:${mem}${immKey(imm)}`;
}

/** Pushes the effective address of the operand slot in word `at` plus the offset in word `off`. */
function effective(g: ArmGen, at: number, off: number | null): void {
  g.slot(at, 'i32');
  if (off === null) return;
  g.tee(LOCAL.a).word(off).op('i32.add').tee(LOCAL.b).get(LOCAL.a).op('i32.lt_u').begin('if');
  // A 33-bit sum: no memory reaches it. This load traps in every memory with 32-bit addresses.
  g.i32(-1).op('i64.load', g.ix.memory(0), 0xffffffff).op('drop').op('unreachable').end().get(LOCAL.b);
}

export function loadArm(row: OpRow, form: AccessForm, mem: number, imm: StaticImm = {}): Arm {
  const sig = row.sig;
  const result = sig?.results[0] as ValType;
  const lane = sig?.params.length === 2;
  const withOffset = form === 'o';
  return {
    key: accessKey(row, form, mem, imm),
    kind: 'plain',
    words: (withOffset ? 4 : 3) + (lane ? 1 : 0),
    gen(g) {
      g.position();
      effective(g, 2, withOffset ? (lane ? 4 : 3) : null);
      g.set(LOCAL.a).dest(1, result).get(LOCAL.a);
      if (lane) g.slot(3, 'v128');
      g.op(row.name, g.ix.memory(mem), 0, ...immList(imm))
        .put(result)
        .next();
    },
    lift(l) {
      const off = withOffset ? l.word(lane ? 4 : 3) >>> 0 : 0;
      const addr = l.get(2, 'i32');
      const args = lane ? [addr, l.get(3, 'v128')] : [addr];
      l.bounds(addr, mem, off + (row.bytes as number));
      l.put(1, l.ins(row.name, result, args, { mem, off, index: imm.lane }));
    },
  };
}

export function storeArm(row: OpRow, form: AccessForm, mem: number, imm: StaticImm = {}): Arm {
  const type = row.sig?.params[1] as ValType;
  const k = form[0] === 'k';
  const withOffset = form.endsWith('o');
  const valueWords = k ? constWords(type) : 1;
  return {
    key: accessKey(row, form, mem, imm),
    kind: 'plain',
    words: 2 + valueWords + (withOffset ? 1 : 0),
    gen(g) {
      g.position();
      effective(g, 1, withOffset ? 2 + valueWords : null);
      if (k) g.constant(2, type);
      else g.slot(2, type);
      g.op(row.name, g.ix.memory(mem), 0, ...immList(imm)).next();
    },
    lift(l) {
      const off = withOffset ? l.word(2 + valueWords) >>> 0 : 0;
      const addr = l.get(1, 'i32');
      const value = k ? l.constantAt(2, type) : l.get(2, type);
      l.bounds(addr, mem, off + (row.bytes as number));
      l.ins(row.name, 'void', [addr, value], { mem, off, index: imm.lane });
    },
  };
}

/** dst := memory.size. */
export function memorySizeArm(mem: number): Arm {
  return {
    key: `memory.size:${mem}`,
    kind: 'plain',
    words: 2,
    gen(g) {
      g.dest(1, 'i32').op('memory.size', g.ix.memory(mem)).put('i32').next();
    },
    lift(l) {
      l.put(1, l.ins('memory.size', 'i32', [], { mem, index: mem }));
    },
  };
}

/** dst := memory.grow(src). Rare, and it moves memory: the interpreter does it. */
export function memoryGrowArm(mem: number): Arm {
  return {
    key: `memory.grow:${mem}`,
    kind: 'interp',
    words: 3,
    gen(g) {
      g.dest(1, 'i32').slot(2, 'i32').op('memory.grow', g.ix.memory(mem)).put('i32').next();
    },
  };
}

/** memory.copy, memory.fill: words are the three operand slots. Ranges are guarded, so fragments do them too. */
export function bulkArm(row: OpRow, mems: readonly number[]): Arm {
  return {
    key: `${row.name}:${mems.join(',')}`,
    kind: 'plain',
    words: 4,
    gen(g) {
      g.position().slot(1, 'i32').slot(2, 'i32').slot(3, 'i32');
      g.op(row.name, ...mems.map((m) => g.ix.memory(m))).next();
    },
    lift(l) {
      const [d, s, n] = [l.get(1, 'i32'), l.get(2, 'i32'), l.get(3, 'i32')];
      l.rangeGuard(d, n, mems[0] as number);
      if (mems.length === 2) l.rangeGuard(s, n, mems[1] as number);
      l.ins(row.name, 'void', [d, s, n], { mem: mems[0] as number, index: mems[0] as number, index2: mems[1] });
    },
  };
}
