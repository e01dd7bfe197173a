/**
 * From a recording to an installed fragment: lift, optimize, emit, compile, install. Each step is timed and can say why
 * it gives up.
 */

import { STRIP } from '../cache/cache.ts';
import type { Fragment, FragmentCode, FragmentExit } from '../cache/fragment.ts';
import { compileModule } from '../emit/compile.ts';
import { emitFragments } from '../emit/emit.ts';
import { EmitError } from '../emit/errors.ts';
import type { EmitEnv } from '../emit/types.ts';
import { MACHINE_MAX_PAGES } from '../interp/module.ts';
import type { Region } from '../ir/ir.ts';
import { LiftAbort } from '../ir/lift.ts';
import { LinearLifter, type RecordedTrace } from '../ir/lift-linear.ts';
import { print } from '../ir/print.ts';
import type { PassReport } from '../opt/pass.ts';
import { optimize, type PassSet, passSet } from '../opt/pipeline.ts';
import { parseForceExits } from '../options.ts';
import type { AbortReason } from '../record/aborts.ts';
import { describeTrace } from '../record/describe.ts';
import type { Recording } from '../record/recorder.ts';
import { printTraceText } from '../record/text.ts';
import { CTL, EXIT, FRAGMENT, STATE } from './layout.ts';
import type { Machine } from './machine.ts';

export interface PassTotals {
  removed: number;
  added: number;
  ms: number;
  rules: Map<string, number>;
}

/** Passes that put guards before the loop, and how often these may fail at one head until they are left out there. */
const HOISTING = new Set(['licm', 'strips', 'disambiguate']);
const HOIST_FAILURES = 2;

export class FragmentCompiler {
  readonly passes = new Map<string, PassTotals>();
  private readonly machine: Machine;
  private readonly enabled: PassSet;
  private readonly force: boolean;
  private nextId = 1;
  private emitEnv: EmitEnv | null = null;

  constructor(machine: Machine) {
    this.machine = machine;
    this.enabled = passSet(machine.options.passes);
    const force = parseForceExits(machine.options.forceExits);
    this.force = force !== null;
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
        poll: machine.options.timeout > 0,
      },
      machinePages: MACHINE_MAX_PAGES,
      sideTypes: [...machine.sides.keys()],
      mirror: (table) => machine.mirrors.address(table),
    };
    return this.emitEnv;
  }

  /** Returns the reason where no fragment came of it. */
  compile(recording: Recording): AbortReason | null {
    const { machine } = this;
    const id = this.nextId;
    const outer = machine.timers.start(STATE.record);
    try {
      const lifter = this.lift(id, recording);
      const { region } = lifter;
      const irBefore = size(region);
      const code = machine.options.keepCode ? this.keepTrace(id, recording, region) : null;
      const t1 = machine.timers.start(STATE.optimize);
      optimize(region, {
        enabled: this.passesFor(recording),
        verify: machine.options.check,
        onPass: (r, report) => this.passDone(r, report, code),
      });
      machine.timers.stop('optimize', t1);
      const t2 = machine.timers.start(STATE.compile);
      const reason = this.install(id, recording, lifter, irBefore, code);
      machine.timers.stop('compile', t2);
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
  private passesFor(recording: Recording): PassSet {
    const times = this.machine.retired.get(recording.start) ?? 0;
    if (times < HOIST_FAILURES) return this.enabled;
    return { ...this.enabled, names: new Set([...this.enabled.names].filter((n) => !HOISTING.has(n))) };
  }

  private lift(id: number, recording: Recording): LinearLifter {
    const { machine } = this;
    const at = machine.map.at(recording.start);
    const name = at ? `${machine.functionName(at.code.func)}+0x${at.offset.toString(16)}` : '?';
    const trace: RecordedTrace = {
      id,
      name,
      pcs: recording.pcs,
      end: recording.end,
      loops: recording.loops,
      bypass: recording.kind === 'side' ? recording.start : machine.heads.bypass(recording.start),
    };
    const lifter = new LinearLifter(
      {
        words: machine.memory.i32,
        arms: machine.arms,
        map: machine.map,
        facts: machine.facts,
        stackLimit: machine.memory.stackLimit,
        halt: machine.halt,
      },
      trace,
    );
    lifter.run();
    return lifter;
  }

  private keepTrace(id: number, recording: Recording, region: Region): FragmentCode {
    const names = (f: number) => this.machine.functionName(f);
    return {
      guest: '',
      trace: printTraceText(describeTrace(this.machine, id, region.name, recording)),
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
    recording: Recording,
    lifter: LinearLifter,
    irBefore: number,
    code: FragmentCode | null,
  ): AbortReason | null {
    const { machine } = this;
    const { memory, cache } = machine;
    const { region } = lifter;
    const started = performance.now();
    const live = liveExits(region);
    const record = memory.alloc(FRAGMENT.bytes);
    const records = memory.alloc(EXIT.bytes * region.exits.length);
    const slot = cache.reserve(region.exits.length);
    const exitRecords = region.exits.map((_, i) => records + EXIT.bytes * i);
    const exitSlots = region.exits.map((_, i) => slot + 1 + i);
    const name = `T${id} ${region.name}`;
    const emitted = emitFragments(
      [{ region, fragmentSlot: slot, fragRecord: record, exitRecords, exitSlots, name }],
      this.env(),
    );
    const bytes = emitted.bytes.length;
    if (cache.isFull(bytes)) {
      if (bytes > machine.options.cacheSize) return 'too-large';
      machine.log?.flush(cache.all.filter((f) => f.live).length, cache.stats.bytes);
      cache.flush(machine.options.hotLoop);
      machine.mark('flush');
      if (recording.from) return 'flushed';
    }
    const exports = compileModule(emitted, machine.fragmentImports());
    const exits: FragmentExit[] = region.exits.map((snap, i) => ({
      id: i,
      snap,
      record: exitRecords[i] as number,
      slot: exitSlots[i] as number,
      link: null,
      linkedAt: 0,
      viaLink: 0,
      icount: snap.icount,
      // Exits that passes added leave before the first instruction.
      step: lifter.exitSteps[i] ?? 0,
      inLoop: live.get(i) === true,
      live: live.has(i),
    }));
    const header = region.blocks.find((b) => b.loop);
    const fragment: Fragment = {
      id,
      kind: recording.kind,
      name: region.name,
      loc: region.entry.loc,
      pc: recording.start,
      parent: recording.kind === 'side' ? (recording.from?.exit ?? null) : null,
      parentFragment: recording.from?.fragment ?? null,
      loops: recording.loops,
      pcs: recording.pcs.slice(0, lifter.steps),
      stepIcounts: lifter.stepIcounts,
      slot,
      record,
      exits,
      loopIcount: header?.icount ?? 0,
      irBefore,
      irAfter: size(region),
      bytes,
      compileMs: performance.now() - started,
      live: true,
      code,
    };
    if (code) code.wat = machine.disassemble(emitted.bytes);
    cache.install(fragment, exports[emitted.fragments[0]?.export ?? ''], this.exitTrigger());
    machine.installed(fragment);
    return null;
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

function size(region: Region): number {
  return region.blocks.reduce((n, b) => n + b.body.length, 0);
}

/** Ids of the exits that the region can still take; true for those inside a loop. */
function liveExits(region: Region): Map<number, boolean> {
  const live = new Map<number, boolean>();
  for (const b of region.blocks) {
    const inLoop = b !== region.blocks[0];
    for (const ins of b.body) if (ins.snap && ins.op !== 'host.call') live.set(ins.snap.id, inLoop);
    if (b.term.kind === 'exit') live.set(b.term.snap.id, inLoop);
  }
  return live;
}

/** Fragments after which the trigger has doubled. */
const TRIGGER_GROWTH = 32;

function machineTrigger(hotExit: number, fragments: number): number {
  return hotExit === 1 ? 1 : Math.round(hotExit * (1 + fragments / TRIGGER_GROWTH));
}
