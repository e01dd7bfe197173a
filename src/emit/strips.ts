/**
 * Counters of a fragment: entries, strips of loop iterations, and completed guest instructions.
 *
 * A loop counts down a local; the fragment leaves when it is 0. How far it came is known at every exit, so iterations
 * are counted exactly without a second counter. A counter in memory would cost 1.74 times in an inner loop, in a local 1.01.
 */
import type { Block, Ins, Region, Snapshot } from '../ir/ir.ts';
import { CTL, FRAGMENT, STATE } from '../machine/layout.ts';
import { EmitError } from './errors.ts';
import type { Frag, Strip } from './frag.ts';
import { type Induction, longestStrip } from './induction.ts';
import type { Locals } from './locals.ts';
import { emitValue } from './values.ts';

/** Locals for every loop that has a `strip.check`. */
export function planStrips(
  region: Region,
  locals: Locals,
  inductions: ReadonlyMap<Block, Induction>,
): Map<Block, Strip> {
  const strips = new Map<Block, Strip>();
  for (const block of region.blocks) {
    if (!block.body.some((ins) => ins.op === 'strip.check')) continue;
    const start = locals.fresh('i32');
    const induction = inductions.get(block);
    if (!induction) strips.set(block, { kind: 'counted', start, left: locals.fresh('i32') });
    else
      strips.set(block, { kind: 'induction', induction, start, stop: locals.fresh('i32'), now: locals.fresh('i32') });
  }
  return strips;
}

/** Adds `amount`, which it pushes, to the i64 at a machine address. */
export function addTo(f: Frag, address: number, amount: () => void): void {
  const { out, links } = f;
  out.i32(0).i32(0).op('i64.load', links.machine, address);
  amount();
  out.op('i64.add').op('i64.store', links.machine, address);
}

/** Counts the entry and sets up the strips. */
export function emitEntry(f: Frag): void {
  const { out, links, input } = f;
  addTo(f, input.fragRecord + FRAGMENT.entries, () => out.i64(1n));
  if (f.env.options.sample) emitState(f);
  for (const strip of f.strips.values()) {
    out
      .i32(0)
      .op('i32.load', links.machine, input.fragRecord + FRAGMENT.strip)
      .set(strip.start);
    if (strip.kind === 'induction') {
      const { step } = strip.induction;
      const longest = longestStrip(step);
      out.get(strip.start).i32(longest).get(strip.start).i32(longest).op('i32.lt_u').op('select').set(strip.start);
    }
    setStrip(f, strip);
  }
}

/** The strip in `start` begins. */
function setStrip(f: Frag, strip: Strip): void {
  if (strip.kind === 'counted') f.out.get(strip.start).set(strip.left);
  else {
    f.out.get(strip.start);
    if (strip.induction.step !== 1) f.out.i32(strip.induction.step).op('i32.mul');
    f.out.set(strip.stop);
  }
}

/** True when something has to be done on the edge, besides moving values. */
export function entersStrip(f: Frag, from: Block, to: Block): boolean {
  return f.strips.get(to)?.kind === 'induction' && !f.p.dom.dominates(to, from);
}

/** Control enters the loop; its phis have their values. */
export function enterStrip(f: Frag, header: Block): void {
  const strip = f.strips.get(header);
  if (strip?.kind !== 'induction') return;
  f.out.get(strip.stop).get(f.locals.of(strip.induction.phi)).op('i32.add').set(strip.stop);
}

/** Tells the sampler that this fragment runs. */
export function emitState(f: Frag): void {
  f.out
    .i32(0)
    .i32(STATE.fragment + f.region.id)
    .op('i32.store', f.links.machine, CTL.state);
}

/** `strip.check`: `leave` writes what happens when the i32 on the stack is not 0. */
export function checkStrip(f: Frag, header: Block, leave: () => void): void {
  const { out } = f;
  const strip = f.strips.get(header)!;
  if (strip.kind === 'induction') {
    out.get(f.locals.of(strip.induction.phi)).get(strip.stop).op('i32.eq');
    leave();
  } else {
    out.get(strip.left).op('i32.eqz');
    leave();
    out.get(strip.left).i32(1).op('i32.sub').set(strip.left);
  }
}

/** `strip.limit`: lowers the iterations that are left to n. */
export function lowerStrip(f: Frag, ins: Ins): void {
  const { out } = f;
  const header = f.region.blocks.find((b) => b.id === ins.imm.loop);
  const strip = header && f.strips.get(header);
  if (!strip) throw new EmitError('operation', `strip.limit of b${ins.imm.loop}, which has no strip.check`);
  const n = f.locals.fresh('i64');
  // Before the loop, where an induction strip is, all of it is left.
  const left = strip.kind === 'counted' ? strip.left : strip.start;
  emitValue(f, ins.args[0]!);
  out.set(n).get(n).get(left).op('i64.extend_i32_u').op('i64.lt_u').begin('if');
  if (strip.kind === 'counted') {
    out.get(strip.start).get(strip.left).op('i32.sub').get(n).op('i32.wrap_i64').op('i32.add').set(strip.start);
    out.get(n).op('i32.wrap_i64').set(strip.left);
  } else {
    out.get(n).op('i32.wrap_i64').set(strip.start);
    setStrip(f, strip);
  }
  out.end();
}

/** In an exit: notes how far the loops came, for `flushCounters`. */
export function noteProgress(f: Frag, snap: Snapshot): void {
  if (!f.env.options.countIterations) return;
  for (const { header, at } of f.p.exits.progress(snap)) {
    const strip = f.strips.get(header);
    if (strip?.kind !== 'induction') continue;
    emitValue(f, at.value);
    if (at.ahead) f.out.i32(strip.induction.step).op('i32.add');
    f.out.set(strip.now);
  }
}

/** Pushes how many iterations of the loop have begun. */
function iterations(f: Frag, strip: Strip): void {
  const { out } = f;
  out.get(strip.start);
  if (strip.kind === 'counted') {
    out.get(strip.left).op('i32.sub');
    return;
  }
  const { step } = strip.induction;
  out.get(strip.stop).get(strip.now).op('i32.sub');
  const shift = Math.log2(step);
  if (shift > 0 && Number.isInteger(shift)) out.i32(shift).op('i32.shr_s');
  else if (step !== 1) out.i32(step).op('i32.div_s');
  out.op('i32.sub');
}

/** At the end of every exit: adds what the locals have counted to the records. */
export function flushCounters(f: Frag): void {
  if (f.env.options.countIterations) {
    for (const strip of f.strips.values()) {
      addTo(f, f.input.fragRecord + FRAGMENT.iterations, () => {
        iterations(f, strip);
        f.out.op('i64.extend_i32_u');
      });
    }
  }
  if (f.icount !== -1) flushIcount(f);
}

export function flushIcount(f: Frag): void {
  addTo(f, CTL.icount, () => f.out.get(f.icount));
  addTo(f, CTL.fragIcount, () => f.out.get(f.icount));
}

/** Adds a constant to the local instruction count. */
export function countInstructions(f: Frag, n: number): void {
  if (f.icount !== -1 && n !== 0) f.out.get(f.icount).i64(BigInt(n)).op('i64.add').set(f.icount);
}

/**
 * Instructions of `snap` that the local count lacks when control is in `block`. Blocks add theirs at their ends;
 * `snap.icount` counts from the last loop head, merge or entry on the only path from there.
 */
export function openIcount(block: Block, snap: Snapshot): number {
  let counted = 0;
  for (let b = block; !b.loop && b.preds.length === 1; ) {
    b = b.preds[0]!;
    counted += b.icount;
    if (b.loop) break;
  }
  return snap.icount - counted;
}
