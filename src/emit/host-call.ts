/**
 * Calls of imported functions. The host may look at everything and may enter the guest again, so the call is made with
 * the frame, globals and memory as the interpreter would have them, and with CTL naming position and free frame stack.
 */
import type { Ins } from '../ir/ir.ts';
import { CTL, STATE } from '../machine/layout.ts';
import { refreshLimits } from './bounds.ts';
import { emitThrown, writeState } from './exits.ts';
import { type Frag, PARAM } from './frag.ts';
import { countInstructions, emitState, flushIcount, openIcount } from './strips.ts';
import { emitOperands } from './values.ts';

/** Pushes fp + off. */
function frameAddress(f: Frag, off: number): void {
  f.out.get(PARAM.fp);
  if (off !== 0) f.out.i32(off).op('i32.add');
}

export function emitHostCall(f: Frag, ins: Ins): void {
  const { out, links } = f;
  const snap = ins.snap!;
  const control = (address: number, push: () => void): void => {
    out.i32(0);
    push();
    out.op('i32.store', links.machine, address);
  };
  writeState(f, snap);
  control(CTL.pc, () => out.i32(snap.pc));
  control(CTL.fp, () => frameAddress(f, snap.fp));
  control(CTL.top, () => frameAddress(f, ins.imm.off ?? 0));
  if (f.icount !== -1) {
    // Up to here exactly, for guest code that the host enters; the block's end counts the rest.
    const open = openIcount(ins.block, snap);
    countInstructions(f, open);
    flushIcount(f);
    out.i64(BigInt(-open)).set(f.icount);
  }
  if (f.env.options.sample) control(CTL.state, () => out.i32(STATE.host));
  const { guest } = f.env;
  const own = f.env.options.suspends ? OWN.map((address) => ({ address, local: f.locals.fresh('i32') })) : [];
  for (const { address, local } of own) out.i32(0).op('i32.load', links.machine, address).set(local);
  const type = guest.types[guest.functions[ins.imm.func ?? 0] ?? -1];
  const call = () => {
    emitOperands(f, ins.args, type?.kind === 'func' ? type.params : null);
    out.op('call', links.func(ins.imm.func ?? 0));
  };
  if (snap.reason !== 'thrown') call();
  else {
    // The guest may catch what the host throws, and the host may have run other code of the guest: say the place again.
    const results = links.blockType(type?.kind === 'func' ? type.results : []);
    const [done, caught] = [{}, {}];
    out.begin('block', done, results).begin('block', caught, 'exnref').beginTry(caught, results);
    call();
    out.end().br(done).end();
    control(CTL.pc, () => out.i32(snap.pc));
    control(CTL.fp, () => frameAddress(f, snap.fp));
    emitThrown(f, snap);
    out.end();
  }
  for (const { address, local } of own) control(address, () => out.get(local));
  if (f.env.options.sample) emitState(f);
  refreshLimits(f);
}

/** Words that belong to one activation. */
const OWN = [CTL.limit, CTL.callLimit, CTL.refTop];
