/**
 * Generates the interpreter of one guest as a Wasm module: the dispatch loop in two copies (one records), the driver
 * around them, an entry for each function signature, and the function to which unlinked fragment exits go.
 *
 * The machine memory is imported first, because the host keeps the base address of a module's first memory in a
 * register. The dispatch loop is one function with one `br_table`: measured faster than tail-called handlers.
 */
import type { NamedHelper } from '../guest/helpers.ts';
import type { ArmSet } from '../machine/arm.ts';
import { slotBytes, windowBytes } from '../machine/arms/call.ts';
import { PAD } from '../machine/arms/exception.ts';
import { catches, handles } from '../machine/catches.ts';
import { CTL, EXIT, FUNCS, STATE, STATUS, UNWIND } from '../machine/layout.ts';
import { framesHoldReferences } from '../machine/sides.ts';
import { ModuleBuilder } from '../wasm/builder.ts';
import { type CatchClause, CodeWriter } from '../wasm/code.ts';
import { topType } from '../wasm/hierarchy.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { ValType } from '../wasm/row.ts';
import { cleanFunction, clearFunction, reachFunction } from './clean.ts';
import { ArmGen, type Copy, type InterpIndices, isNumeric, LOCAL, LOCAL_TYPES, LOG, MACHINE } from './gen.ts';

/** Largest size of the machine memory in pages: 2 GiB. */
export const MACHINE_MAX_PAGES = 32768;

export interface InterpInput {
  module: WasmModule;
  arms: ArmSet;
  /** Type indices of guest functions, one entry adaptor each. */
  entryTypes: readonly number[];
  /** Reference types that have a side table. */
  sideTypes: readonly ValType[];
  fuel: boolean;
  timeLimit: boolean;
  /** Calls of the host may suspend: each activation has a frame stack of its own. */
  suspends: boolean;
  /** Machine address of the halt instruction. */
  halt: number;
  sigs: number;
  /** Where the frame stack begins. */
  stackBase: number;
  mirror(table: number): number | null;
  helpers: readonly NamedHelper[];
  /** Machine addresses of the ring that keeps the last executed instructions; null without a history. */
  history: { readonly base: number; readonly end: number } | null;
}

/** Slots of the table through which the driver reaches the dispatch loops. */
export const LOOPS = { run: 0, record: 1 } as const;

export function generateInterpreter(input: InterpInput): Uint8Array {
  const { module } = input;
  const b = new ModuleBuilder();
  b.copyTypes(module);
  const step = b.type(['i32', 'i32'], ['i32', 'i32']);
  const ask = b.type(['i32', 'i32'], ['i32']);
  const tell = b.type(['i32'], []);
  const plain = b.type([], []);
  const tell2 = b.type(['i32', 'i32'], []);

  const importFuncs: number[] = [];
  for (let i = 0; i < module.importedFunctions; i++) {
    importFuncs.push(b.importFunc('import', String(i), module.functions[i] as number));
  }
  const hook = {
    hot: b.importFunc('hook', 'hot', ask),
    recordAt: b.importFunc('hook', 'recordAt', ask),
    fuelStrip: b.importFunc('hook', 'fuelStrip', ask),
    translate: b.importFunc('hook', 'translate', tell),
    hotExit: b.importFunc('hook', 'hotExit', tell2),
    overflow: b.importFunc('hook', 'overflow', plain),
    memoryAsked: b.importFunc('hook', 'memoryAsked', b.type(['i64'], [])),
    heal: b.importFunc('hook', 'heal', plain),
    openSegment: b.importFunc('hook', 'openSegment', b.type([], ['i32'])),
    closeSegment: b.importFunc('hook', 'closeSegment', tell2),
    slice: b.importFunc('hook', 'slice', plain),
    recorded: b.importFunc('hook', 'recorded', tell2),
    tableChanged: b.importFunc('hook', 'tableChanged', tell),
    unwind: b.importFunc('hook', 'unwind', b.type(['i32', 'i32', 'i32'], ['i32'])),
    uncatchable: b.importFunc('hook', 'uncatchable', b.type(['externref'], ['i32'])),
    identify: b.importFunc('hook', 'identify', b.type(['funcref'], ['i32'])),
  };
  const helpers = new Map(
    input.helpers.map((h, i) => [h.key, b.importFunc('helper', String(i), b.type(h.params, h.results))]),
  );
  b.importMemory('machine', 'memory', { min: 1, max: MACHINE_MAX_PAGES, shared: true });
  const memories = module.memories.map((m, i) => b.importMemory('memory', String(i), m));
  const fragments = b.importTable('machine', 'fragments', { type: 'funcref', min: 0 });
  const loops = b.importTable('machine', 'loops', { type: 'funcref', min: 2 });
  const tables = module.tables.map((t, i) => b.importTable('table', String(i), t));
  const sides = new Map(input.sideTypes.map((t) => [t, b.importTable('side', t, { type: t, min: 0 })]));
  const globals = module.globals.map((g, i) => b.importGlobal('global', String(i), g));
  const tags = module.tags.map((t, i) => b.importTag('tag', String(i), t.type));
  const jsTag = b.importTag('host', 'JSTag', b.type(['externref'], []));

  const indices: InterpIndices = {
    ...hook,
    fragmentType: step,
    fragmentTable: fragments,
    importFunc: (f) => importFuncs[f] as number,
    table: (i) => tables[i] as number,
    global: (i) => globals[i] as number,
    memory: (i) => memories[i] as number,
    tag: (i) => tags[i] as number,
    jsTag,
    timeLimit: input.timeLimit,
    suspends: input.suspends,
    references: framesHoldReferences(module),
    catching: catches(module),
    blockType: (results) =>
      results.length === 0 ? 'void' : results.length === 1 ? (results[0] as ValType) : b.type([], results),
    type: (i) => i,
    types: module.types,
    side(type) {
      const at = sides.get(topType(module.types, type));
      if (at === undefined) throw new Error(`no side table for ${type}`);
      return at;
    },
    sigs: input.sigs,
    mirror: input.mirror,
    helper(key) {
      const at = helpers.get(key);
      if (at === undefined) throw new Error(`no helper for ${key}`);
      return at;
    },
  };

  for (const copy of ['run', 'record'] as const) {
    const f = b.declare(step, `wynamo.${copy}`);
    const { code, extra } = dispatchLoop(input, indices, copy === 'run' && input.history ? 'history' : copy);
    b.define(f, [...LOCAL_TYPES, 'i32', ...extra], code);
    b.export(copy, 'func', f);
    b.compileHint(f);
  }

  const drive = b.declare(tell2, 'wynamo.drive');
  b.define(drive, [], driver(step, loops, hook.slice, hook.recorded));

  const exit = b.declare(step, 'wynamo.exit');
  b.define(exit, [], exitFunction(hook.hotExit));
  b.export('exit', 'func', exit);

  const clean = b.declare(tell, 'wynamo.clean');
  const clear = b.declare(tell2, 'wynamo.clear');
  b.define(clear, [], clearFunction(sides));
  b.export('clear', 'func', clear);
  const reach = b.declare(tell, 'wynamo.reach');
  b.define(reach, [], reachFunction(sides));
  b.export('reach', 'func', reach);
  b.define(clean, [], cleanFunction(clear, MACHINE));

  for (const type of input.entryTypes) {
    const sig = module.types[type];
    if (sig?.kind !== 'func') throw new Error(`type ${type} is not a function type`);
    const entry = b.declare(b.type([...sig.params, 'i32'], sig.results), `wynamo.enter${type}`);
    const code = entryAdaptor(input, indices, sig, { ...hook, drive, clean });
    b.define(entry, ['i32', 'i32', 'i32', 'exnref', 'i32'], code);
    b.export(`entry${type}`, 'func', entry);
  }
  return b.finish();
}

function dispatchLoop(input: InterpInput, ix: InterpIndices, copy: Copy): { code: CodeWriter; extra: ValType[] } {
  const c = new CodeWriter();
  const g = new ArmGen(c, ix, copy, input.fuel);
  const { recording } = g;
  const arms = input.arms.list;
  g.reload();
  g.i32(0).i32(STATUS.done).op('i32.store', MACHINE, CTL.status);
  g.i32(0)
    .i32(recording ? STATE.record : STATE.interpret)
    .op('i32.store', MACHINE, CTL.state);
  g.frame();
  if (recording) g.ctl(CTL.log).set(LOG);
  if (ix.suspends) g.keepOwn();
  const exception = ix.catching ? beginCatching(g) : -1;
  g.op('loop', 'void');
  for (let i = 0; i <= arms.length; i++) g.op('block', 'void');
  if (recording) {
    // The log of executed instructions is all that a trace needs.
    g.get(LOG).get(LOCAL.pc).op('i32.store', MACHINE, 0).get(LOG).i32(4).op('i32.add').set(LOG);
    g.i32(0).get(LOG).op('i32.store', MACHINE, CTL.log);
  }
  if (g.history && input.history) {
    const { base, end } = input.history;
    g.get(LOG).get(LOCAL.pc).op('i32.store', MACHINE, 0);
    g.get(LOG).i32(4).op('i32.add').tee(LOG).i32(end).op('i32.eq').op('if', 'void');
    g.i32(0).ctl(CTL.logTurns).i32(1).op('i32.add').op('i32.store', MACHINE, CTL.logTurns);
    g.i32(base).set(LOG).op('end');
    g.i32(0).get(LOG).op('i32.store', MACHINE, CTL.log);
  }
  g.get(LOCAL.pc).op('i32.load', MACHINE, 0);
  g.op(
    'br_table',
    arms.map((_, i) => i),
    arms.length,
  );
  arms.forEach((arm, i) => {
    g.op('end');
    g.depth = arms.length - i;
    g.words = arm.words;
    if (recording) {
      g.get(LOG).ctl(CTL.logEnd).op('i32.ge_u').begin('if').leave('recorded').end();
    }
    arm.gen(g);
  });
  // An arm that this copy does not have yet: back to the driver, which has the newer copy.
  g.op('end').leave('slice');
  g.op('end').op('unreachable');
  if (ix.catching) endCatching(g, exception, handles(input.module));
  return { code: c, extra: [...g.refScratch.keys()] };
}

/** Opens what catches exceptions around the dispatch loop. Returns the local that keeps them. */
function beginCatching(g: ArmGen): number {
  const { ix } = g;
  const exception = g.scratch('exnref');
  g.op('loop', 'void');
  g.op('block', 'exnref').op('block', ix.blockType(['externref', 'exnref']));
  g.op('try_table', 'void', [
    { kind: 1, tag: ix.jsTag, label: 0 },
    { kind: 3, tag: 0, label: 1 },
  ] satisfies CatchClause[]);
  return exception;
}

/**
 * What was thrown goes to the landing pad of the guest function that handles it, if there is one, and out of the loop if
 * not. Traps do not come here: no code catches them. Errors with which the machine ends a guest pass.
 */
function endCatching(g: ArmGen, exception: number, handled: boolean): void {
  const { ix } = g;
  g.op('end').op('unreachable').op('end');
  const unwind = (flags: number) => {
    g.get(LOCAL.pc)
      .get(LOCAL.fp)
      .i32(flags | (g.recording ? UNWIND.recording : 0))
      .op('call', ix.unwind);
  };
  g.set(exception).op('call', ix.uncatchable).op('if', 'void');
  unwind(UNWIND.ends);
  g.op('drop').get(exception).op('throw_ref').op('end');
  g.get(exception).op('end').set(exception);
  if (ix.suspends) g.takeOwn();
  unwind(0);
  if (!handled) {
    g.op('drop').get(exception).op('throw_ref').op('end').op('unreachable');
    return;
  }
  g.op('i32.eqz').op('if', 'void');
  g.get(exception).op('throw_ref').op('end');
  g.ctl(CTL.pc).set(LOCAL.pc).ctl(CTL.fp).set(LOCAL.fp).reload();
  g.i32(0)
    .i32(g.recording ? STATE.record : STATE.interpret)
    .op('i32.store', MACHINE, CTL.state);
  g.dest(PAD.slot, 'exnref').get(exception).put('exnref');
  g.op('ref.null', 'exn').set(exception);
  // A trace does not go through exceptions.
  if (g.recording) g.leave('recorded');
  else g.op('br', 0);
  g.op('end').op('unreachable');
}

function driver(step: number, loops: number, slice: number, recorded: number): CodeWriter {
  const c = new CodeWriter();
  const status = () => c.op('i32.const', 0).op('i32.load', MACHINE, CTL.status);
  c.op('loop', 'void');
  c.op('local.get', 0).op('local.get', 1).op('i32.const', LOOPS.run).op('call_indirect', step, loops);
  c.op('local.set', 1).op('local.set', 0);
  status().op('i32.eqz').op('if', 'void').op('return').op('end');
  status().op('i32.const', STATUS.slice).op('i32.eq').op('if', 'void');
  c.op('call', slice);
  c.op('else');
  c.op('local.get', 0).op('local.get', 1).op('i32.const', LOOPS.record).op('call_indirect', step, loops);
  c.op('local.set', 1).op('local.set', 0);
  c.op('local.get', 0).op('local.get', 1).op('call', recorded);
  status().op('i32.eqz').op('if', 'void').op('return').op('end');
  c.op('end');
  c.op('br', 0).op('end');
  return c;
}

/** (fp, exit record) -> (pc, fp). The stub has counted already. */
function exitFunction(hotExit: number): CodeWriter {
  const c = new CodeWriter();
  c.op('local.get', 1).op('i64.load', MACHINE, EXIT.count).op('local.get', 1).op('i64.load', MACHINE, EXIT.trigger);
  c.op('i64.eq').op('if', 'void').op('local.get', 1).op('local.get', 0).op('call', hotExit).op('end');
  c.op('local.get', 1).op('i32.load', MACHINE, EXIT.pc).op('local.get', 0);
  return c;
}

/** Functions that entries call. */
interface EntryHooks {
  readonly translate: number;
  readonly heal: number;
  readonly openSegment: number;
  readonly closeSegment: number;
  readonly drive: number;
  readonly clean: number;
}

/**
 * Enters the machine from the host: writes the operands where the callee's frame begins, runs, reads the results.
 * Exceptions of host functions pass through untouched, after the frame stack is set back; traps cannot be caught, and
 * what they leave is healed when the stack seems full.
 */
function entryAdaptor(
  input: InterpInput,
  ix: InterpIndices,
  sig: { params: readonly ValType[]; results: readonly ValType[] },
  hook: EntryHooks,
): CodeWriter {
  const c = new CodeWriter();
  const g = new ArmGen(c, ix, 'run', false);
  const n = sig.params.length;
  const func = n;
  const [base, state, pc, exn, refTop] = [n + 1, n + 2, n + 3, n + 4, n + 5];
  const window = windowBytes(sig);
  if (ix.suspends) g.op('call', hook.openSegment).set(base);
  else {
    g.ctl(CTL.top)
      .tee(base)
      .i32(window + 64)
      .op('i32.add')
      .ctl(CTL.limit)
      .op('i32.gt_u')
      .op('if', 'void');
    g.op('call', hook.heal).ctl(CTL.top).set(base).op('end');
  }
  g.ctl(CTL.state).set(state);
  if (ix.references && !ix.suspends) g.ctl(CTL.refTop).set(refTop);
  g.op('block', 'exnref');
  // try_table without results, one clause: catch_all_ref to the block around it.
  c.u8(0x1f);
  c.u8(0x40);
  c.u8(1);
  c.u8(3);
  c.u8(0);
  let off = 0;
  sig.params.forEach((type, i) => {
    if (isNumeric(type)) g.get(base).get(i).store(type, off);
    else g.get(base).i32(off).op('i32.add').i32(3).op('i32.shr_u').get(i).put(type);
    off += slotBytes(type);
  });
  g.get(base).i32(input.halt).op('i32.store', MACHINE, window);
  g.get(base)
    .i32(0)
    .op('i32.store', MACHINE, window + 4);
  const load = () => g.get(func).i32(2).op('i32.shl').op('i32.load', MACHINE, FUNCS);
  load().tee(pc).op('i32.eqz').op('if', 'void').get(func).op('call', hook.translate);
  load().set(pc).op('end');
  g.get(pc).get(base).op('call', hook.drive);
  g.op('end');
  const restore = (failed: 0 | 1) => {
    g.i32(0).get(base).op('i32.store', MACHINE, CTL.top);
    g.i32(0).get(state).op('i32.store', MACHINE, CTL.state);
    // After an exception CTL.refTop may be that of another activation.
    if (ix.references && !(failed && ix.suspends)) g.get(base).op('call', hook.clean);
    if (ix.suspends) g.get(base).i32(failed).op('call', hook.closeSegment);
    if (!ix.references || ix.suspends) return;
    // Frames of the activation below may be longer than what was in use of them.
    g.get(base).i32(input.stackBase).op('i32.ne').op('if', 'void');
    g.i32(0).get(refTop).op('i32.store', MACHINE, CTL.refTop).op('end');
  };
  off = 0;
  for (const type of sig.results) {
    g.get(base).load(type, off);
    off += slotBytes(type);
  }
  restore(0);
  g.op('return').op('end').set(exn);
  restore(1);
  g.get(exn).op('throw_ref');
  return c;
}
