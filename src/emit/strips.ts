/**
 * Counters of a fragment: entries, strips of loop iterations, and completed guest instructions.
 *
 * A loop counts down a local; the fragment leaves when it is 0. How far it came is known at every exit, so iterations
 * are counted exactly without a second counter. A counter in memory would cost 1.74 times in an inner loop, in a local 1.01.
 */
import { findLoops, type Loop } from '../ir/dom.ts';
import type { Block, Ins, Region, Snapshot } from '../ir/ir.ts';
import { CTL, FRAGMENT, STATE } from '../machine/layout.ts';
import { EmitError } from './errors.ts';
import type { Frag, Strip } from './frag.ts';
import { advance, type Induction, longestStrip } from './induction.ts';
import type { Locals } from './locals.ts';
import type { Placement } from './place.ts';
import { emitValue } from './values.ts';

/** Iterations that an inner loop may run each time it is entered. */
const INNER_STRIP = 1 << 16;

/** Locals for every loop that has a `strip.check`. */
export function planStrips(
  region: Region,
  p: Placement,
  locals: Locals,
  inductions: ReadonlyMap<Block, Induction>,
): Map<Block, Strip> {
  const strips = new Map<Block, Strip>();
  const loops = findLoops(p.dom);
  for (const header of region.blocks) {
    if (!header.body.some((ins) => ins.op === 'strip.check')) continue;
    // Without counters the iterations of all loops are summed, and all strips begin at entry.
    const before = region.counters ? blockBefore(region, loops.find((l) => l.header === header) as Loop) : null;
    const start = locals.fresh('i32');
    const induction = region.counters ? inLocal(header, p) : inductions.get(header);
    if (!induction) strips.set(header, { kind: 'counted', before, start, left: locals.fresh('i32') });
    else {
      const stop = locals.fresh('i32');
      strips.set(header, {
        kind: 'induction',
        before,
        induction,
        start,
        stop,
        now: region.counters ? -1 : locals.fresh('i32'),
      });
    }
  }
  return strips;
}

/** Where the strip of an inner loop begins; null for an outermost one. */
function blockBefore(region: Region, { header, parent, preheader }: Loop): Block | null {
  if (!parent) return null;
  // Where another loop may run some of the iterations, that is in front of both.
  const both = region.blocks.find((b) => b.body.some((i) => i.op === 'strip.left' && i.imm.loop === header.id));
  if (both) return both;
  if (!preheader) throw new EmitError('operation', `no single block before loop b${header.id} of T${region.id}`);
  return preheader;
}

/** An induction phi of the header that has a local; iterations need not be known. */
function inLocal(header: Block, p: Placement): Induction | undefined {
  for (const phi of header.body) {
    if (phi.op !== 'phi') return undefined;
    const found = p.place(phi) === 'local' ? advance(header, phi, p.dom) : null;
    if (found) return { header, phi, step: found.step, progress: new Map() };
  }
  return undefined;
}

/** Locals for the counters in the innermost loops; the others are rare enough to be kept in memory. */
export function planCounters(region: Region, p: Placement, locals: Locals): number[] {
  const loops = findLoops(p.dom);
  const found: { index: number; depth: number }[] = [];
  for (const b of region.blocks) {
    for (const ins of b.body) {
      if (ins.op !== 'profile.count' && ins.op !== 'profile.add') continue;
      found.push({ index: ins.imm.index ?? 0, depth: loops.filter((l) => l.blocks.has(b)).length });
    }
  }
  found.sort((a, b) => b.depth - a.depth);
  const list = new Array<number>(region.counters ?? 0).fill(-1);
  for (const { index } of found.slice(0, LOCAL_COUNTERS)) list[index] = locals.fresh('i64');
  return list;
}

/** More would compete with the guest's values for the host's registers. */
const LOCAL_COUNTERS = 8;

/** Address of a counter. */
function counterRecord(f: Frag, index: number): number {
  if (f.input.counterRecords === undefined) throw new EmitError('import', `counters of T${f.region.id}`);
  return f.input.counterRecords + 8 * index;
}

/** `profile.count` and `profile.add` */
export function bumpCounter(f: Frag, ins: Ins): void {
  const index = ins.imm.index ?? 0;
  const local = f.counters[index] ?? -1;
  const [n] = ins.args;
  const amount = () => {
    if (n) emitValue(f, n);
    else f.out.i64(1n);
  };
  if (local === -1) addTo(f, counterRecord(f, index), amount);
  else {
    f.out.get(local);
    amount();
    f.out.op('i64.add').set(local);
  }
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
    if (strip.before) continue;
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

/** At the start of the block before an inner loop. */
export function beginInnerStrips(f: Frag, block: Block): void {
  for (const strip of f.strips.values()) {
    if (strip.before !== block) continue;
    const longest = strip.kind === 'induction' ? longestStrip(strip.induction.step) : INNER_STRIP;
    f.out.i32(Math.min(INNER_STRIP, longest)).set(strip.start);
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

/** The strip of the loop that an instruction names. */
function stripOf(f: Frag, ins: Ins): Strip {
  const header = f.region.blocks.find((b) => b.id === ins.imm.loop);
  const strip = header && f.strips.get(header);
  if (!strip) throw new EmitError('operation', `${ins.op} of b${ins.imm.loop}, which has no strip.check`);
  return strip;
}

/** `strip.left` */
export function stripLeft(f: Frag, ins: Ins): void {
  const strip = stripOf(f, ins);
  f.out.get(strip.kind === 'counted' ? strip.left : strip.start);
}

/** `strip.skip`: the iterations count as if the loop had run them itself. */
export function skipStrip(f: Frag, ins: Ins): void {
  const { out } = f;
  const strip = stripOf(f, ins);
  const local = strip.kind === 'counted' ? strip.left : strip.stop;
  out.get(local);
  emitValue(f, ins.args[0]!);
  if (strip.kind === 'induction' && strip.induction.step !== 1) out.i32(strip.induction.step).op('i32.mul');
  out.op('i32.sub').set(local);
}

/** `strip.limit`: lowers the iterations that are left to n. */
export function lowerStrip(f: Frag, ins: Ins): void {
  const { out } = f;
  const strip = stripOf(f, ins);
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
  if (!f.env.options.countIterations || f.region.counters) return;
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
  for (const [i, local] of f.counters.entries()) {
    if (local !== -1) addTo(f, counterRecord(f, i), () => f.out.get(local));
  }
  if (f.env.options.countIterations && !f.region.counters) {
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
