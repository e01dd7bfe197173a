/**
 * Atomic accesses: `[arm, dst (where there is a result), addr, operands..., offset]`. The host performs them, also for
 * other threads; an access that is out of bounds or not aligned is left to the interpreter, which traps. Waiting and
 * waking are never part of a trace.
 */
import type { ArmGen } from '../../interp/gen.ts';
import type { Ins } from '../../ir/ir.ts';
import type { Lifter } from '../../ir/lift.ts';
import type { OpRow, ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import { accessKey, effective, offsetWords, type Target } from './memory.ts';

/** Guards that address + off is a multiple of the width of the access. */
function alignGuard(l: Lifter, addr: Ins, off: number, bytes: number): void {
  if (bytes === 1) return;
  const low = addr.type === 'i64' ? l.ins('i32.wrap_i64', 'i32', [addr]) : addr;
  const rest = off % bytes;
  const sum = rest === 0 ? low : l.ins('i32.add', 'i32', [low, l.constant('i32', BigInt(rest))]);
  l.guard('guard.false', l.ins('i32.and', 'i32', [sum, l.constant('i32', BigInt(bytes - 1))]), 'align');
}

/** Where an address is out of bounds and not aligned, too, the host complains about the alignment. */
function trapUnaligned(g: ArmGen, sum: number, bytes: number, { mem, addr }: Target): void {
  const load = LOADS[bytes];
  if (!load) return;
  g.get(sum);
  if (addr === 'i64') g.op('i32.wrap_i64');
  g.i32(bytes - 1)
    .op('i32.and')
    .begin('if');
  g.op(`${addr}.const`, addr === 'i64' ? 1n : 1)
    .op(load, g.ix.memory(mem), 0)
    .op('drop')
    .end();
}

/** A load by the width that must be aligned. */
const LOADS: Record<number, string> = { 2: 'i32.atomic.load16_u', 4: 'i32.atomic.load', 8: 'i64.atomic.load' };

export function atomicArm(row: OpRow, form: 'z' | 'o' | 'w', target: Target): Arm {
  const { mem, addr } = target;
  const operands = row.sig?.params.slice(1) ?? [];
  const result = row.sig?.results[0] as ValType | undefined;
  const first = result ? 2 : 1;
  const offset = first + 1 + operands.length;
  const bytes = row.bytes as number;
  const lift = (l: Lifter) => {
    const off = form === 'z' ? 0 : l.word(offset) >>> 0;
    const at = l.get(first, addr);
    const args = [at, ...operands.map((type, i) => l.get(first + 1 + i, type))];
    l.bounds(at, mem, off + bytes);
    alignGuard(l, at, off, bytes);
    const value = l.ins(row.name, result ?? 'void', args, { mem, off });
    if (result) l.put(1, value);
  };
  const traced = form !== 'w' && !row.name.startsWith('memory.atomic');
  return {
    key: accessKey(row, form, mem, {}),
    kind: 'plain',
    words: offset + offsetWords(form),
    gen(g) {
      g.position();
      const push = () => {
        effective(g, first, form, offset, target, (sum) => trapUnaligned(g, sum, bytes, target));
        operands.forEach((type, i) => {
          g.slot(first + 1 + i, type);
        });
        g.op(row.name, g.ix.memory(mem), 0);
      };
      if (result) {
        g.dest(1, result);
        push();
        g.put(result);
      } else push();
      g.next();
    },
    ...(traced ? { lift } : {}),
  };
}

/** `[arm]` */
export const fenceArm: Arm = {
  key: 'atomic.fence',
  kind: 'plain',
  words: 1,
  gen(g) {
    g.op('atomic.fence', 0).next();
  },
  lift(l) {
    l.ins('atomic.fence', 'void', []);
  },
};
