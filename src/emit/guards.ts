/** Guards: a condition under which the fragment is left, and the way to the exit stub. */
import type { Block, Ins, Snapshot } from '../ir/ir.ts';
import { CTL } from '../machine/layout.ts';
import type { ModuleBuilder } from '../wasm/builder.ts';
import { CodeWriter } from '../wasm/code.ts';
import { emitExit } from './exits.ts';
import type { Frag } from './frag.ts';
import { Out } from './out.ts';

/**
 * Leaves by `snap` when the i32 on the stack is not 0. The stub stands inside an `if` that is hinted unlikely; the host's
 * optimizing compiler moves it behind the code. A `br_if` to a stub behind the loop makes the same machine code (0.487
 * against 0.493 ns an iteration of a sum with two guards, differences within noise) and a module one byte larger.
 */
export function leaveIf(f: Frag, block: Block, snap: Snapshot): void {
  const { out } = f;
  out.hint(false).begin('if');
  emitExit(f, block, snap);
  out.end();
}

/** Leaves by the guard's snapshot when `failed` (which pushes an i32) says so, or when the forcing schedule does. */
export function emitGuard(f: Frag, guard: Ins, failed: () => void): void {
  const { out } = f;
  failed();
  // Guards at the entry are left alone: all that lies behind them would never run.
  if (f.force !== -1 && guard.snap!.pc !== f.region.entry.pc) {
    // Only a guard that holds is made to fail: so CTL.forced counts exactly what the schedule did.
    out.begin('if', null, 'i32').i32(1).else().op('call', f.force).end();
  }
  leaveIf(f, guard.block, guard.snap!);
}

/** Defines () -> i32: the next step of the schedule; 1 and counted when the guard has to fail. */
export function defineForce(b: ModuleBuilder, machine: number): number {
  const func = b.declare(b.type([], ['i32']), 'wynamo.force');
  const code = new CodeWriter();
  const out = new Out(code);
  const x = 0;
  const below = 1;
  out.i32(0).op('i32.load', machine, CTL.forceState).set(x);
  for (const [shift, n] of [
    ['i32.shl', 13],
    ['i32.shr_u', 17],
    ['i32.shl', 5],
  ] as const) {
    out.get(x).get(x).i32(n).op(shift).op('i32.xor').set(x);
  }
  out.i32(0).get(x).op('i32.store', machine, CTL.forceState);
  out.i32(0).op('i32.load', machine, CTL.forceBelow).set(below);
  // 0xffffffff means always, also for the one value that is not below it.
  out.get(x).get(below).op('i32.lt_u').get(below).i32(-1).op('i32.eq').op('i32.or').op('i32.eqz').begin('if');
  out.i32(0).op('return').end();
  out.i32(0).i32(0).op('i64.load', machine, CTL.forced).i64(1n).op('i64.add').op('i64.store', machine, CTL.forced);
  out.i32(1);
  out.finish();
  b.define(func, ['i32', 'i32'], code);
  return func;
}
