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
import type { Locals } from './locals.ts';
import { emitValue } from './values.ts';

/** Locals for every loop that has a `strip.check`. */
export function planStrips(region: Region, locals: Locals, count: boolean): Map<Block, Strip> {
  const strips = new Map<Block, Strip>();
  for (const block of region.blocks) {
    if (!block.body.some((ins) => ins.op === 'strip.check')) continue;
    strips.set(block, { left: locals.fresh('i32'), start: count ? locals.fresh('i32') : -1 });
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
      .set(strip.left);
    if (strip.start !== -1) out.get(strip.left).set(strip.start);
  }
}

/** Tells the sampler that this fragment runs. */
export function emitState(f: Frag): void {
  f.out
    .i32(0)
    .i32(STATE.fragment + f.region.id)
    .op('i32.store', f.links.machine, CTL.state);
}

/** Counts an arrival at the loop header; the check for 0 has been made. */
export function countIteration(f: Frag, header: Block): void {
  const { left } = f.strips.get(header)!;
  f.out.get(left).i32(1).op('i32.sub').set(left);
}

/** `strip.limit`: left = min(left, n), and start by as much less. */
export function lowerStrip(f: Frag, ins: Ins): void {
  const { out } = f;
  const header = f.region.blocks.find((b) => b.id === ins.imm.loop);
  const strip = header && f.strips.get(header);
  if (!strip) throw new EmitError('operation', `strip.limit of b${ins.imm.loop}, which has no strip.check`);
  const n = f.locals.fresh('i64');
  emitValue(f, ins.args[0]!);
  out.set(n).get(n).get(strip.left).op('i64.extend_i32_u').op('i64.lt_u').begin('if');
  if (strip.start !== -1) {
    out.get(strip.start).get(strip.left).op('i32.sub').get(n).op('i32.wrap_i64').op('i32.add').set(strip.start);
  }
  out.get(n).op('i32.wrap_i64').set(strip.left).end();
}

/** At the end of every exit: adds what the locals have counted to the records. */
export function flushCounters(f: Frag): void {
  const { out } = f;
  for (const { left, start } of f.strips.values()) {
    if (start === -1) continue;
    addTo(f, f.input.fragRecord + FRAGMENT.iterations, () =>
      out.get(start).get(left).op('i32.sub').op('i64.extend_i32_u'),
    );
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
