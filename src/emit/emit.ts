/**
 * Makes one Wasm module of one or several regions; each becomes an exported function of type
 * (fp i32, exit record i32) -> (pc i32, fp i32), and leaves only by tail calls through the fragment table.
 */
import { domTree } from '../ir/dom.ts';
import { isCall } from '../ir/ops.ts';
import { CTL } from '../machine/layout.ts';
import { framesHoldReferences } from '../machine/sides.ts';
import { ModuleBuilder } from '../wasm/builder.ts';
import { CodeWriter } from '../wasm/code.ts';
import { isReference } from '../wasm/hierarchy.ts';
import { planLimits, refreshLimits } from './bounds.ts';
import { emitBlocks } from './control.ts';
import { emitAge, emitPoll, goBack, leave } from './exits.ts';
import { type Frag, PARAM, PARAMS } from './frag.ts';
import { defineForce } from './guards.ts';
import { findInductions } from './induction.ts';
import { addImports, type Links } from './links.ts';
import { assignLocals } from './locals.ts';
import { Out } from './out.ts';
import { type Placement, placeValues } from './place.ts';
import { emitEntry, planCounters, planStrips } from './strips.ts';
import type { EmitEnv, EmitInput, EmittedFragment, EmittedModule } from './types.ts';

/** Throws {@link EmitError} when one of the regions cannot be written. */
export function emitFragments(inputs: readonly EmitInput[], env: EmitEnv): EmittedModule {
  const b = new ModuleBuilder();
  b.copyTypes(env.guest);
  const links = addImports(
    b,
    inputs.map((i) => i.region),
    env,
  );
  const force = env.options.force ? defineForce(b, links.machine) : -1;
  const fragments: EmittedFragment[] = [];
  for (const [i, input] of inputs.entries()) {
    const func = b.declare(links.fragmentType, input.name);
    const f = emitFragment(input, func, env, links, force);
    b.define(func, [...f.locals.types], f.out.code);
    b.compileHint(func);
    b.export(`f${i}`, 'func', func);
    const { fragmentSlot } = input;
    const { places } = f.out;
    fragments.push({
      export: `f${i}`,
      func,
      fragmentSlot,
      bytes: f.out.position(),
      stubBytes: f.stubBytes,
      traps: f.traps,
      places,
    });
  }
  return { bytes: b.finish(), imports: links.imports, fragments };
}

/** Writes the body of one fragment. */
function emitFragment(input: EmitInput, self: number, env: EmitEnv, links: Links, force: number): Frag {
  const { region } = input;
  const dom = domTree(region);
  const inductions = findInductions(region, dom);
  const p = placeValues(region, dom, inductions);
  const locals = assignLocals(p, PARAMS);
  const bias = -lowestSlot(p);
  const references = framesHoldReferences(env.guest);
  const shared = countExits(p) + (env.options.poll ? 1 : 0) + (references ? 1 : 0) > 1;
  const f: Frag = {
    input,
    self,
    region,
    env,
    links,
    p,
    locals,
    out: new Out(new CodeWriter()),
    base: bias === 0 ? PARAM.fp : locals.fresh('i32'),
    bias,
    strips: planStrips(region, p, locals, inductions),
    counters: planCounters(region, p, locals),
    limits: planLimits(region, env, locals),
    icount: env.options.fuel ? locals.fresh('i64') : -1,
    force,
    tail: shared ? { label: {}, slot: locals.fresh('i32') } : null,
    back: returnsOrCalls(p) ? { label: {}, pc: locals.fresh('i32'), fp: locals.fresh('i32') } : null,
    traps: [],
    stubBytes: 0,
  };
  const { out, tail, back } = f;
  out.at(region.entry.loc);
  if (back) out.begin('block', back.label);
  if (tail) out.begin('block', tail.label);
  if (bias !== 0) out.get(PARAM.fp).i32(bias).op('i32.sub').set(f.base);
  emitEntry(f);
  if (references) markReferences(f);
  if (env.options.poll) emitPoll(f);
  if (references) emitAge(f);
  refreshLimits(f);
  emitBlocks(f);
  out.at(null);
  if (tail) {
    out.end();
    leave(f, () => out.get(tail.slot));
  } else {
    // For the validator, which takes the end of a loop for reachable.
    out.op('unreachable');
  }
  if (back) {
    out.end();
    goBack(f, back.pc);
  }
  out.finish();
  return f;
}

/** The frames of the region may be higher than those that the interpreter has entered. */
function markReferences(f: Frag): void {
  const { out, links, region } = f;
  const top = region.frames ?? 0;
  if (top === 0) return;
  const address = () => out.get(PARAM.fp).i32(top).op('i32.add');
  address();
  out.i32(0).op('i32.load', links.machine, CTL.refTop).op('i32.gt_u').begin('if').i32(0);
  address();
  out.op('i32.store', links.machine, CTL.refTop).end();
}

/** Lowest offset from fp of a slot in machine memory, at most 0: caller frames lie below. */
function lowestSlot(p: Placement): number {
  let lowest = 0;
  const see = (off: number, type: string): void => {
    if (!isReference(type) && off < lowest) lowest = off;
  };
  for (const block of p.dom.order) {
    for (const ins of block.body) {
      if (ins.op === 'slot.load') see(ins.imm.off ?? 0, ins.type);
      if (ins.snap) for (const s of p.exits.slots(ins.snap)) see(s.off, s.value.type);
    }
    if (block.term.kind === 'exit') for (const s of p.exits.slots(block.term.snap)) see(s.off, s.value.type);
  }
  return lowest;
}

/** True where the region returns out of its frame or calls another fragment. */
function returnsOrCalls(p: Placement): boolean {
  return p.dom.order.some(
    (b) => b.body.some((ins) => ins.op === 'frag.call') || (b.term.kind === 'exit' && b.term.snap.ret !== undefined),
  );
}

/** Places at which the region can be left. */
function countExits(p: Placement): number {
  let n = 0;
  for (const block of p.dom.order) {
    for (const ins of block.body) if (ins.snap && !isCall(ins)) n++;
    if (block.term.kind === 'exit') n++;
  }
  return n;
}
