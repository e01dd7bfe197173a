/**
 * Atomic accesses: `[arm, dst (where there is a result), addr, operands..., offset]`. The host performs them, also for
 * other threads; an access that is out of bounds or not aligned is left to the interpreter, which traps. Waiting and
 * waking are never part of a trace.
 */
import { type ArmGen, LOCAL } from '../../interp/gen.ts';
import type { Ins } from '../../ir/ir.ts';
import type { Lifter } from '../../ir/lift.ts';
import type { OpRow, ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import { CTL } from '../layout.ts';
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
  const waits = row.name.startsWith('memory.atomic.wait');
  const traced = form !== 'w' && !row.name.startsWith('memory.atomic');
  return {
    key: accessKey(row, form, mem, {}),
    kind: 'plain',
    words: offset + offsetWords(form),
    gen(g) {
      g.position();
      const push = () => {
        if (waits && g.ix.timeLimit) return waitInSlices(g, row, first, offset, form, target);
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

/** Nanoseconds after which a wait looks whether the guest is to stop. */
const SLICE = 10_000_000n;

/**
 * A wait that can be stopped: it waits again and again for a short time. When the value has changed between two of these,
 * somebody was about to wake the guest, or would have: it counts as woken.
 */
function waitInSlices(
  g: ArmGen,
  row: OpRow,
  first: number,
  offset: number,
  form: 'z' | 'o' | 'w',
  target: Target,
): void {
  const slice = () => g.op('i64.const', SLICE);
  const left = () => g.get(LOCAL.wait);
  // A negative time means forever; as an unsigned number it is long enough for that.
  g.slot(first + 2, 'i64')
    .set(LOCAL.wait)
    .i32(0)
    .set(LOCAL.c);
  g.begin('block', 'i32').begin('loop');
  g.ctl(CTL.stop).begin('if').leave('slice').end();
  effective(g, first, form, offset, target, (sum) => trapUnaligned(g, sum, row.bytes as number, target));
  g.slot(first + 1, row.sig?.params[1] as ValType);
  left();
  slice();
  left();
  slice();
  g.op('i64.lt_u').op('select').op(row.name, g.ix.memory(target.mem), 0).tee(LOCAL.a);
  // Woken, or not equal at the first look.
  g.i32(2).op('i32.ne').begin('if').get(LOCAL.a).i32(0).get(LOCAL.c).op('i32.eqz').op('select').op('br', 2).end();
  left();
  slice();
  g.op('i64.le_u').begin('if').i32(2).op('br', 2).end();
  left();
  slice();
  g.op('i64.sub').set(LOCAL.wait).i32(1).set(LOCAL.c).op('br', 0).end().op('unreachable').end();
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
