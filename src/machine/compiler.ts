/**
 * From a recording to an installed fragment: lift, optimize, emit, compile, install. Each step is timed and can say why
 * it gives up.
 */

import { STRIP } from '../cache/cache.ts';
import type { ExitPoint, Fragment, FragmentCode, FragmentExit } from '../cache/fragment.ts';
import { rearmExit } from '../cache/rearm.ts';
import { compileModule, sharedModules } from '../emit/compile.ts';
import { emitFragments } from '../emit/emit.ts';
import { EmitError } from '../emit/errors.ts';
import { trapSites } from '../emit/traps.ts';
import type { EmitEnv, EmittedModule } from '../emit/types.ts';
import { MACHINE_MAX_PAGES } from '../interp/module.ts';
import type { GuestLoc, Ins, Region, Snapshot } from '../ir/ir.ts';
import { LiftAbort, type LiftEnv, type Lifter } from '../ir/lift.ts';
import { LinearLifter } from '../ir/lift-linear.ts';
import { RegionLifter } from '../ir/lift-region.ts';
import { print } from '../ir/print.ts';
import { OptFuel } from '../opt/fuel.ts';
import type { PassReport } from '../opt/pass.ts';
import { hostTraps } from '../opt/passes/host-traps.ts';
import { optimize, type PassSet, passSet } from '../opt/pipeline.ts';
import { type Options, parseForceExits } from '../options.ts';
import type { AbortReason } from '../record/aborts.ts';
import { cutAtReturn, loopOfSameCallers } from '../record/cut.ts';
import { describeTrace } from '../record/describe.ts';
import type { Recording } from '../record/recorder.ts';
import { printTraceText } from '../record/text.ts';
import type { RegionGraph } from '../region/graph.ts';
import { describeRegion } from '../region/text.ts';
import { Background } from './background.ts';
import { catches } from './catches.ts';
import { CTL, EXIT, FRAGMENT, FUNCS } from './layout.ts';
import type { Machine } from './machine.ts';
import { framesHoldReferences } from './sides.ts';

export interface PassTotals {
  removed: number;
  added: number;
  ms: number;
  rules: Map<string, number>;
}

/** A region with its steps; those of each block begin at `first`. */
interface Lifted {
  readonly lifter: Lifter;
  readonly pcs: readonly number[];
  readonly first?: ReadonlyMap<number, number>;
  readonly behind?: ReadonlySet<number>;
}

/** A region to be made. */
export interface RegionSource {
  readonly start: number;
  readonly graph: RegionGraph;
  /** First trigger of its exits. */
  readonly trigger: number;
  readonly from?: Recording['from'];
}

/** What a fragment is made of. */
interface Source {
  readonly kind: Fragment['kind'];
  readonly start: number;
  readonly from: Recording['from'];
  readonly loops: boolean;
  readonly graph: RegionGraph | null;
  /** First trigger of its exits, and iterations until it leaves. */
  readonly trigger: number;
  readonly strip: number;
  /** The recorded trace or the blocks, as text. */
  text(id: number, name: string): string;
}

/** Passes that put guards before the loop, and how often these may fail at one head until they are left out there. */
const HOISTING = new Set(['licm', 'strips', 'disambiguate']);
const HOIST_FAILURES = 2;

export class FragmentCompiler {
  readonly passes = new Map<string, PassTotals>();
  /** What of optimizing was done, and may be. */
  readonly fuel: OptFuel;
  /** Fragments that are compiled while the guest goes on. */
  background: Background;
  /** Whether somebody wants to know how often blocks are executed; else regions have no counters. */
  counts = true;
  private readonly machine: Machine;
  private readonly enabled: PassSet;
  private readonly force: boolean;
  private nextId = 1;
  private emitEnv: EmitEnv | null = null;

  constructor(machine: Machine) {
    this.machine = machine;
    this.enabled = passSet(machine.options.passes);
    this.fuel = new OptFuel(machine.options.passFuel, machine.options.ruleFuel);
    const force = parseForceExits(machine.options.forceExits);
    this.force = force !== null;
    this.background = new Background(inBackground(machine.options));
    if (force) {
      const { memory } = machine;
      memory.setWord(CTL.forceState, force.seed | 0);
      memory.setWord(CTL.forceBelow, force.below | 0);
    }
  }

  private env(): EmitEnv {
    const { machine } = this;
    this.emitEnv ??= {
      guest: machine.module,
      options: {
        fuel: machine.options.fuel > 0,
        force: this.force,
        countIterations: true,
        sample: machine.sampling,
        poll: machine.polls,
        suspends: machine.suspends,
      },
      machinePages: MACHINE_MAX_PAGES,
      sideTypes: [...machine.sides.keys()],
      callee: (func) => machine.cache.callTarget(machine.memory.word(FUNCS + 4 * func)),
      mirror: (table) => machine.mirrors.address(table),
      helpers: machine.helpers,
    };
    return this.emitEnv;
  }

  /** Makes a fragment of a recorded trace. Returns the reason where none came of it. */
  compile(recording: Recording): AbortReason | null {
    const source: Source = {
      ...recording,
      graph: null,
      trigger: this.exitTrigger(),
      strip: STRIP,
      text: (id, name) => printTraceText(describeTrace(this.machine, id, name, recording)),
    };
    this.machine.regions.edges.note(recording.pcs, recording.end);
    const cut = (this.machine.regions.enabled ? cutAtReturn : loopOfSameCallers)(this.machine, recording);
    return this.build({ ...source, ...cut }, (id, name, bypass) => {
      const { pcs, end, loops } = cut;
      const lifter = new LinearLifter(this.liftEnv(), { id, name, pcs, end, loops, bypass });
      lifter.run();
      return { lifter, pcs: pcs.slice(0, lifter.steps) };
    });
  }

  /**
   * Makes a fragment of a region; at a head it takes the place of one that is there. `from`: it begins at that exit, and
   * where no head is there, only the exit leads to it.
   */
  compileRegion({ start, graph, trigger, from = null }: RegionSource): AbortReason | null {
    const kind = this.machine.heads.kindAt(start);
    const source: Source = {
      kind: kind === 'enter' ? 'entry' : kind === 'head' ? 'root' : 'side',
      start,
      from,
      loops: graph.loops > 0,
      graph,
      trigger,
      strip: this.machine.regions.strip(graph),
      text: (id, name) => describeRegion(this.machine, id, name, graph),
    };
    return this.build(source, (id, name, bypass) => {
      const lifter = new RegionLifter(this.liftEnv(), graph, id, name, bypass);
      lifter.run();
      return { lifter, pcs: lifter.pcs, first: lifter.first, behind: lifter.exitsBehind };
    });
  }

  private build(source: Source, lift: (id: number, name: string, bypass: number) => Lifted): AbortReason | null {
    const { machine } = this;
    const id = this.nextId;
    if (id > machine.options.maxFragments) return 'bound';
    const outer = machine.timers.start('record');
    try {
      const at = machine.map.at(source.start);
      const name = at ? `${machine.functionName(at.code.func)}+0x${at.offset.toString(16)}` : '?';
      const lifted = lift(id, name, source.kind === 'side' ? source.start : machine.heads.bypass(source.start));
      const { region } = lifted.lifter;
      if (source.kind !== 'side') region.observed = machine.observer?.constants(source.start) ?? [];
      if (!this.counts) dropCounters(region);
      const irBefore = size(region);
      const code = machine.options.keepCode ? this.keepTrace(id, source, region) : null;
      const t1 = machine.timers.start('optimize');
      optimize(region, {
        enabled: this.passesFor(source.start),
        verify: machine.options.check,
        fuel: this.fuel,
        onPass: (r, report) => this.passDone(r, report, code),
      });
      machine.timers.stop('optimize', t1);
      const t2 = machine.timers.start('compile');
      const reason = this.install(id, source, lifted, irBefore, code);
      machine.timers.stop('compile', t2);
      machine.regions.budget.spend(source.start, lifted.pcs.length);
      if (reason === null) this.nextId++;
      return reason;
    } catch (error) {
      if (error instanceof LiftAbort) return error.reason as AbortReason;
      if (error instanceof EmitError) return 'not-structured';
      throw error;
    } finally {
      machine.timers.stop('record', outer);
    }
  }

  /** Where hoisted guards have failed before, nothing is hoisted. */
  private passesFor(start: number): PassSet {
    const times = this.machine.retired.get(start) ?? 0;
    if (times < HOIST_FAILURES) return this.enabled;
    return { ...this.enabled, names: new Set([...this.enabled.names].filter((n) => !HOISTING.has(n))) };
  }

  private liftEnv(): LiftEnv {
    return { ...liftEnv(this.machine), liveness: this.machine.liveness };
  }

  private keepTrace(id: number, source: Source, region: Region): FragmentCode {
    const names = (f: number) => this.machine.functionName(f);
    return {
      guest: '',
      trace: source.text(id, region.name),
      ir: [{ pass: 'lift', text: print(region, { funcName: names }), removed: 0, rules: {} }],
      wat: '',
    };
  }

  private passDone(region: Region, report: PassReport, code: FragmentCode | null): void {
    let totals = this.passes.get(report.name);
    if (!totals) {
      totals = { removed: 0, added: 0, ms: 0, rules: new Map() };
      this.passes.set(report.name, totals);
    }
    totals.removed += report.removed;
    totals.added += report.added;
    totals.ms += report.ms;
    for (const [rule, fires] of Object.entries(report.rules))
      totals.rules.set(rule, (totals.rules.get(rule) ?? 0) + fires);
    if (code && (report.removed > 0 || report.added > 0 || Object.keys(report.rules).length > 0)) {
      const text = print(region, { funcName: (f) => this.machine.functionName(f) });
      code.ir.push({ pass: report.name, text, removed: report.removed, rules: { ...report.rules } });
    }
  }

  private install(
    id: number,
    source: Source,
    { lifter, pcs, first, behind }: Lifted,
    irBefore: number,
    code: FragmentCode | null,
  ): AbortReason | null {
    const { machine } = this;
    const { memory, cache } = machine;
    const { region } = lifter;
    const started = performance.now();
    const live = liveExits(region);
    if (this.env().options.poll || framesHoldReferences(machine.module)) live.set(region.entry.id, false);
    const record = memory.alloc(FRAGMENT.bytes);
    const counters = region.counters ? memory.alloc(8 * region.counters) : 0;
    const records = memory.alloc(EXIT.bytes * region.exits.length);
    const slot = cache.reserve(region.exits.length);
    const exitRecords = region.exits.map((_, i) => records + EXIT.bytes * i);
    const exitSlots = region.exits.map((_, i) => slot + 1 + i);
    const name = `T${id} ${region.name}`;
    const enters = source.kind === 'entry' ? machine.map.at(source.start)?.code.func : undefined;
    const emitted = emitFragments(
      [
        {
          region,
          fragmentSlot: slot,
          fragRecord: record,
          counterRecords: counters,
          exitRecords,
          exitSlots,
          name,
          enters,
        },
      ],
      this.env(),
    );
    const bytes = emitted.bytes.length;
    const room = cache.makeRoom(bytes, machine.options.hotLoop);
    if (room === 'too-large' || room === 'full') return room;
    if (room === 'changed' && source.from && !source.from.fragment.live) return 'flushed';
    const origin = (snap: Snapshot) => snap.origin ?? snap.id;
    const exits: FragmentExit[] = region.exits.map((snap, i) => ({
      id: i,
      snap: exitPoint(snap),
      record: exitRecords[i] as number,
      slot: exitSlots[i] as number,
      link: null,
      linkedAt: 0,
      viaLink: 0,
      icount: snap.icount,
      step: lifter.exitSteps[origin(snap)] ?? 0,
      behind: behind?.has(i) === true,
      places: lifter.exitPlaces[origin(snap)] ?? [source.start],
      inLoop: live.get(i) === true,
      live: live.has(i),
    }));
    const header = region.blocks.find((b) => b.loop);
    const fragment: Fragment = {
      id,
      kind: source.kind,
      name: region.name,
      loc: region.entry.loc,
      pc: source.start,
      parent: source.kind === 'side' ? (source.from?.exit ?? null) : null,
      parentFragment: source.from?.fragment ?? null,
      loops: source.loops,
      region: source.graph && first ? { graph: source.graph, first, counters } : null,
      pcs,
      stepIcounts: lifter.stepIcounts,
      slot,
      record,
      exits,
      assumed: region.assumed ?? [],
      loopIcount: header?.icount ?? 0,
      irBefore,
      irAfter: size(region),
      bytes,
      stubBytes: emitted.fragments[0]?.stubBytes ?? 0,
      compileMs: 0,
      traps: this.enabled.names.has(hostTraps.name) ? places(trapSites(emitted)) : NO_TRAPS,
      live: true,
      code,
      emitted: code ? emitted.bytes : null,
    };
    if (code) code.wat = machine.disassemble(emitted);
    fragment.compileMs = performance.now() - started;
    const { background } = this;
    if (background.takes(bytes, cache.all.length) && !sharedModules.find(emitted.bytes)) {
      this.quiet(source);
      background.submit(place(source), emitted.bytes, (module) => this.arrived(fragment, source, emitted, module));
    } else this.finish(fragment, source, emitted);
    return null;
  }

  /** Neither the head nor the exit where a fragment in work begins asks for another one. */
  private quiet({ kind, start, from }: Source): void {
    const { heads, memory, options } = this.machine;
    if (kind !== 'side') heads.rearm(start, Number.POSITIVE_INFINITY);
    // A head's fragment may be given up later, and then the exit is asked again.
    if (from) rearmExit(memory, from.exit, kind === 'side' ? Number.POSITIVE_INFINITY : options.hotExit);
  }

  /** Another thread has compiled the fragment, or could not (null). */
  private arrived(fragment: Fragment, source: Source, emitted: EmittedModule, module: WebAssembly.Module | null): void {
    const { cache, heads, memory, options, timers } = this.machine;
    const started = timers.start('compile');
    if (module) sharedModules.add(emitted.bytes, module);
    const { from, kind, start } = source;
    const wanted = () => kind !== 'side' || from?.fragment.live === true;
    const room = wanted() ? cache.makeRoom(fragment.bytes, options.hotLoop) : 'full';
    if ((room === 'room' || room === 'changed') && wanted()) this.finish(fragment, source, emitted);
    else if (kind !== 'side') heads.rearm(start, options.hotLoop);
    else if (from?.fragment.live) rearmExit(memory, from.exit, options.hotExit);
    timers.stop('compile', started);
  }

  /** Instantiates the fragment and makes it reachable. */
  private finish(fragment: Fragment, source: Source, emitted: EmittedModule): void {
    const { machine } = this;
    const { cache, memory } = machine;
    // What is newer knows more ways than what may be in work there.
    this.background.supersede(place(source));
    const started = performance.now();
    const exports = compileModule(emitted, machine.fragmentImports());
    fragment.compileMs += performance.now() - started;
    const before = source.kind === 'side' ? undefined : cache.at(source.start);
    if (before) cache.replace(before);
    cache.install(fragment, exports[emitted.fragments[0]?.export ?? ''], source.trigger);
    memory.setWord(fragment.record + FRAGMENT.strip, source.strip);
    machine.regions.lengths.watch(fragment);
    machine.installed(fragment);
  }

  /**
   * First trigger of an exit. It rises with the number of fragments: in branchy code each exit spawns further ones, and
   * what the hundredth side trace saves must be worth its compilation.
   */
  private exitTrigger(): number {
    return machineTrigger(this.machine.options.hotExit, this.machine.cache.all.length);
  }

  /** Sets how many iterations the fragment may run with `left` guest instructions of fuel; false: none at all. */
  limitStrip(fragment: Fragment, left: number): boolean {
    const most = Math.max(fragment.loopIcount, ...fragment.exits.map((e) => e.icount), 1);
    const trips = Math.floor(left / most) - 1;
    if (trips < 1) return false;
    this.machine.memory.setWord(fragment.record + FRAGMENT.strip, Math.min(STRIP, trips));
    return true;
  }
}

/**
 * True where another thread may compile. What arrives when depends on the clock, so not where counts are to repeat; a limit
 * in instructions and the checks of recordings go by the same order of events in each run.
 */
const inBackground = ({ compile, deterministic, fuel, check }: Options) =>
  compile === 'background' && !deterministic && fuel === 0 && !check;

/** What tells fragments in work apart: the head, or the exit behind which one begins. */
const place = ({ kind, start, from }: Source) => (kind === 'side' && from ? from.exit.record : start);

const NO_TRAPS: ReadonlyMap<number, GuestLoc> = new Map();

/** Only the places: instructions would keep their whole region alive. */
const places = (sites: ReadonlyMap<number, Ins>) => new Map([...sites].map(([offset, { loc }]) => [offset, loc]));

function size(region: Region): number {
  return region.blocks.reduce((n, b) => n + b.body.length, 0);
}

function exitPoint({ reason, pc, fp, ret, loc }: Snapshot): ExitPoint {
  return ret === undefined ? { reason, pc, fp, loc } : { reason, pc, fp, ret, loc };
}

/** Ids of the exits that the region can still take; true for those inside a loop. */
function liveExits(region: Region): Map<number, boolean> {
  const live = new Map<number, boolean>();
  for (const b of region.blocks) {
    const inLoop = b !== region.blocks[0];
    for (const ins of b.body)
      if (ins.snap && (ins.op !== 'host.call' || ins.snap.reason === 'thrown')) live.set(ins.snap.id, inLoop);
    if (b.term.kind === 'exit') live.set(b.term.snap.id, inLoop);
  }
  return live;
}

function dropCounters(region: Region): void {
  for (const b of region.blocks) b.body = b.body.filter((ins) => ins.op !== 'profile.count');
}

/** Fragments after which the trigger has doubled. */
const TRIGGER_GROWTH = 32;

function machineTrigger(hotExit: number, fragments: number): number {
  return hotExit === 1 ? 1 : Math.round(hotExit * (1 + fragments / TRIGGER_GROWTH));
}

/** Where lifting finds code and facts of a machine. */
export function liftEnv(machine: Machine): LiftEnv {
  return {
    liveness: null,
    words: machine.memory.i32,
    arms: machine.arms,
    map: machine.map,
    facts: machine.facts,
    names: machine.names,
    stackLimit: machine.suspends ? null : machine.memory.stackLimit,
    halt: machine.halt,
    catches: catches(machine.module),
    mirrored: (table) => machine.mirrors.address(table) !== null,
    signature: (func) => machine.env.signature(func),
    leaveByReturn: machine.regions.enabled,
  };
}
