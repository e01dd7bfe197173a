/**
 * Exit stubs. A stub brings memory, globals and frame into the state that the interpreter (or the next fragment) expects,
 * and leaves by `return_call_indirect` through the exit's slot in the fragment table. What is the same for all exits
 * (counting, leaving) is written once per fragment, as the `tail`:
 *
 *     block $tail
 *       ... code ...
 *       if (guard failed)  [stores, globals, slots]  exit = record; slot = index; br $tail  end
 *     end
 *     [counters]  record.count += 1  return_call_indirect (fp, exit) slot
 */
import type { Block, Snapshot } from '../ir/ir.ts';
import { CTL, EXIT, REF_AGE } from '../machine/layout.ts';
import { framesHoldReferences } from '../machine/sides.ts';
import { EmitError } from './errors.ts';
import { type Frag, PARAM } from './frag.ts';
import { storeSlot } from './frame.ts';
import { countInstructions, flushCounters, noteProgress, openIcount } from './strips.ts';
import { emitValue, narrow } from './values.ts';

/** Writes what a snapshot says to memory, globals and frame. */
export function writeState(f: Frag, snap: Snapshot): void {
  for (const s of snap.stores) {
    emitValue(f, s.addr);
    emitValue(f, s.value);
    f.out.op(s.op, f.links.memory(s.mem), s.offset);
  }
  for (const g of snap.globals) {
    emitValue(f, g.value);
    narrow(f, f.env.guest.globals[g.index]?.type ?? 'i32', g.value.type);
    f.out.op('global.set', f.links.global(g.index));
  }
  for (const s of f.p.exits.slots(snap)) storeSlot(f, s.off, s.value);
}

/** Writes the stub of an exit taken in `block`. Control does not come back. */
export function emitExit(f: Frag, block: Block, snap: Snapshot): void {
  const from = f.out.written;
  writeStub(f, block, snap);
  f.stubBytes += f.out.written - from;
}

function writeStub(f: Frag, block: Block, snap: Snapshot): void {
  f.out.at(snap.loc);
  writeState(f, snap);
  countInstructions(f, openIcount(block, snap));
  noteProgress(f, snap);
  // A strip is a long time: what the guest has dropped meanwhile is looked for.
  if (snap.reason === 'loop' && framesHoldReferences(f.env.guest)) {
    f.out.i32(0).i32(REF_AGE).op('i32.store', f.links.machine, CTL.refAge);
  }
  if (snap.ret !== undefined && f.back) {
    const { out, links, back } = f;
    out
      .get(f.base)
      .op('i32.load', links.machine, snap.ret + f.bias)
      .set(back.pc);
    out
      .get(f.base)
      .op('i32.load', links.machine, snap.ret + 4 + f.bias)
      .set(PARAM.fp);
    leaveToCaller(f, snap);
    return;
  }
  go(f, snap);
}

/** Goes back to the caller; `fp` and the local for pc say where it goes on. */
export function leaveToCaller(f: Frag, snap: Snapshot): void {
  const record = f.input.exitRecords[snap.id];
  if (record === undefined || !f.back) throw new EmitError('import', `record of exit ${snap.id}`);
  f.out.i32(record).set(PARAM.exit).br(f.back.label);
}

/** At entry: leaves at once, with nothing changed, when somebody asked the guest to stop. */
export function emitPoll(f: Frag): void {
  f.out.i32(0).op('i32.load', f.links.machine, CTL.stop).hint(false).begin('if');
  go(f, f.region.entry);
  f.out.end();
}

/** At entry: leaves when fragments have gone round for long without the interpreter, which clears dropped references. */
export function emitAge(f: Frag): void {
  const { out, links } = f;
  const age = () => out.i32(0).op('i32.load', links.machine, CTL.refAge);
  out.i32(0);
  age();
  out.i32(1).op('i32.add').op('i32.store', links.machine, CTL.refAge);
  age();
  out
    .i32(REF_AGE << 8)
    .op('i32.gt_u')
    .hint(false)
    .begin('if');
  go(f, f.region.entry);
  out.end();
}

/** The state is written: names the exit and leaves. */
function go(f: Frag, snap: Snapshot): void {
  const { out, input } = f;
  const record = input.exitRecords[snap.id];
  const slot = input.exitSlots[snap.id];
  if (record === undefined || slot === undefined) throw new EmitError('import', `record of exit ${snap.id}`);
  if (snap.fp !== 0) out.get(PARAM.fp).i32(snap.fp).op('i32.add').set(PARAM.fp);
  out.i32(record).set(PARAM.exit);
  if (f.tail) {
    out.i32(slot).set(f.tail.slot).br(f.tail.label);
    return;
  }
  leave(f, () => out.i32(slot));
}

/** Counts and returns to whoever called the fragment. */
export function goBack(f: Frag, pc: number): void {
  countExit(f);
  f.out.get(pc).get(PARAM.fp).op('return');
}

/** Leaves by the exception on the stack, and counts that. */
export function emitThrown(f: Frag, snap: Snapshot): void {
  const { out, input } = f;
  noteProgress(f, snap);
  // Instructions were counted before the call.
  if (f.icount !== -1) out.i64(0n).set(f.icount);
  out.i32(input.exitRecords[snap.id] ?? 0).set(PARAM.exit);
  countExit(f);
  out.op('throw_ref');
}

function countExit(f: Frag): void {
  const { out, links } = f;
  flushCounters(f);
  out.get(PARAM.exit).get(PARAM.exit).op('i64.load', links.machine, EXIT.count);
  out.i64(1n).op('i64.add').op('i64.store', links.machine, EXIT.count);
}

/** Counts and leaves; `exit` holds the record, `fp` the frame that goes on. */
export function leave(f: Frag, slot: () => void): void {
  const { out, links } = f;
  countExit(f);
  out.get(PARAM.fp).get(PARAM.exit);
  slot();
  out.op('return_call_indirect', links.fragmentType, links.fragments);
}
