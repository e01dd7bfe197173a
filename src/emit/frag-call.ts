/**
 * Calls of guest functions that are not inlined. The callee's fragment is called on the host's stack; it returns pc and fp
 * of where control is then. That is behind the call, or anywhere else when the callee went on in the interpreter: then
 * this fragment is over, too. Its frame was written before, so nothing else has to be done.
 *
 * A function that calls itself does so directly, which the host can inline. When another fragment takes the place of this
 * one, calls in progress go on in the old one, which stays valid, until it is left for the interpreter.
 */
import type { Ins } from '../ir/ir.ts';
import { slotBytes } from '../machine/arms/call.ts';
import { catches } from '../machine/catches.ts';
import { CTL } from '../machine/layout.ts';
import { refreshLimits } from './bounds.ts';
import { EmitError } from './errors.ts';
import { emitThrown, leaveToCaller, writeState } from './exits.ts';
import { type Frag, PARAM } from './frag.ts';
import { loadSlot } from './frame.ts';
import { leaveIf } from './guards.ts';
import { emitState } from './strips.ts';

export function emitFragCall(f: Frag, ins: Ins): void {
  const { out, links, back } = f;
  const snap = ins.snap!;
  const callee = f.env.callee?.(ins.imm.func ?? 0);
  if (!callee || !back) throw new EmitError('import', `call of function ${ins.imm.func}`);
  writeState(f, snap);
  const call = () => {
    out.get(PARAM.fp);
    if (snap.fp !== 0) out.i32(snap.fp).op('i32.add');
    out.i32(callee.record);
    if (ins.imm.func === f.input.enters) out.op('call', f.self);
    else out.i32(callee.slot).op('call_indirect', links.fragmentType, links.fragments);
  };
  if (!catches(f.env.guest)) call();
  else {
    const results = links.blockType(['i32', 'i32']);
    const [done, caught] = [{}, {}];
    out.begin('block', done, results).begin('block', caught, 'exnref').beginTry(caught, results);
    call();
    out.end().br(done).end();
    emitThrown(f, snap);
    out.end();
  }
  // An inner activation of the same code may have left at the same address, so the frame is compared, too.
  out.set(back.fp).set(back.pc).get(back.pc).i32(snap.pc).op('i32.ne');
  out.get(back.fp).get(PARAM.fp).op('i32.sub');
  if (ins.imm.off) out.i32(ins.imm.off).op('i32.ne');
  out.op('i32.or').hint(false).begin('if');
  out.get(back.fp).set(PARAM.fp);
  leaveToCaller(f, snap);
  out.end();
  if (f.env.options.sample) emitState(f);
  refreshLimits(f);
  let off = snap.fp;
  for (const type of ins.imm.types ?? []) {
    loadSlot(f, off, type);
    off += slotBytes(type);
  }
}

export function emitDepthGuard(f: Frag, ins: Ins): void {
  const { out, links } = f;
  out
    .get(PARAM.fp)
    .i32(ins.imm.off ?? 0)
    .op('i32.add');
  out.i32(0).op('i32.load', links.machine, CTL.callLimit).op('i32.gt_u');
  leaveIf(f, ins.block, ins.snap!);
}
