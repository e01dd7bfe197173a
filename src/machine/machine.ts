/**
 * One guest under the machine: wires guest, interpreter, recorder, optimizer and fragment cache together and answers
 * the questions that generated code asks (hooks).
 */

import { FragmentCache, leavesAtEntry } from '../cache/cache.ts';
import type { Fragment } from '../cache/fragment.ts';
import { cachePolicyOf } from '../cache/policies/index.ts';
import { rawFrames } from '../deopt/raw-frames.ts';
import type { EmittedModule } from '../emit/types.ts';
import { UserError } from '../errors.ts';
import type { CompileOptions } from '../guest/compile-imports.ts';
import { helpersOf, type NamedHelper } from '../guest/helpers.ts';
import { functionGlobals, identifier } from '../guest/identify.ts';
import { createGuest, type Guest } from '../guest/instance.ts';
import { firstGlobals } from '../guest/twins.ts';
import { HostInstance, HostModule } from '../host.ts';
import { generateInterpreter, LOOPS } from '../interp/module.ts';
import type { RegionFacts } from '../ir/ir.ts';
import { LivenessMap } from '../ir/liveness.ts';
import { type FirstNames, firstNames } from '../ir/names.ts';
import { specialize } from '../opt/passes/specialize.ts';
import { passSet } from '../opt/pipeline.ts';
import type { Options } from '../options.ts';
import { fragmentInstructions } from '../profile/flow.ts';
import { type EventLog, openLog } from '../profile/log.ts';
import { Timers } from '../profile/timers.ts';
import { ABORT_REASONS, type AbortReason } from '../record/aborts.ts';
import { History } from '../record/history.ts';
import { firstLook, Observer } from '../record/observe.ts';
import { policyOf } from '../record/policies/index.ts';
import type { SelectionPolicy, Selector } from '../record/policy.ts';
import { Recorder } from '../record/recorder.ts';
import { Regions } from '../region/regions.ts';
import { BodyReader } from '../wasm/body.ts';
import { disassembleModule } from '../wasm/disasm.ts';
import { topType, topTypes } from '../wasm/hierarchy.ts';
import type { WasmModule } from '../wasm/module.ts';
import { shownName } from '../wasm/names.ts';
import type { ValType } from '../wasm/row.ts';
import { ArmSet } from './arm.ts';
import { type Signature, windowBytes } from './arms/call.ts';
import { haltArm } from './arms/control.ts';
import { CodeMap } from './code-map.ts';
import { FragmentCompiler, liftEnv } from './compiler.ts';
import { dropReferences } from './drop.ts';
import { SegmentLengths } from './dropped.ts';
import { FuelError, isUncatchable, MemoryLimitError, stackOverflow, TimeoutError } from './errors.ts';
import { Heads } from './heads.ts';
import { CTL, FUNCS, STOP, UNWIND } from './layout.ts';
import { MachineMemory } from './memory.ts';
import { TableMirrors } from './mirrors.ts';
import { preloadArms } from './preload.ts';
import { Segments } from './segments.ts';
import { createSides, usedSides } from './sides.ts';
import type { TranslateEnv } from './translate/env.ts';
import { translate } from './translate/translate.ts';
import { canonicalTypes } from './types.ts';
import { unwind } from './unwind.ts';
import { startLooking, startWatchdog } from './watchdog.ts';

/** Guest instructions between two visits to the driver: at first, later, and while another thread compiles. */
const SLICE = { first: 100_000n, later: 2_000_000n, busy: 20_000n } as const;

/** Bytes of a page of memory. */
const PAGE = 65536;

const memoryBytes = ({ memories }: Guest) => memories.reduce((sum, m) => sum + m.buffer.byteLength, 0);

export interface AbortRecord {
  pc: number;
  reason: AbortReason;
  count: number;
  blacklisted: boolean;
}

export interface TimelinePoint {
  ms: number;
  event: string;
  fragment?: number | undefined;
  /** Guest instructions so far: in the interpreter and in fragments. */
  instructions: number;
  fragmentInstructions: number;
}

/** Milliseconds between two counts for the timeline. */
const COUNT_EVERY = 20;

let nextMachine = 1;

export class Machine {
  readonly id = nextMachine++;
  readonly options: Options;
  readonly guest: Guest;
  readonly module: WasmModule;
  readonly memory: MachineMemory;
  readonly map = new CodeMap();
  readonly arms = new ArmSet();
  readonly heads: Heads;
  readonly cache: FragmentCache;
  readonly recorder: Recorder | null;
  readonly policy: SelectionPolicy;
  /** What the interpreter has executed last, where the policy wants to know. */
  readonly history: History | null;
  private readonly selector: Selector | null;
  readonly compiler: FragmentCompiler;
  readonly regions: Regions;
  /** Looks for locals that are constant; null where no pass wants to know. */
  readonly observer: Observer | null;
  /** Which locals are alive where. */
  readonly liveness: LivenessMap;
  readonly mirrors: TableMirrors;
  /** Memories and globals that the guest imports twice; null where it does not. */
  readonly names: FirstNames | null;
  private readonly identify: (f: unknown) => number;
  readonly timers: Timers;
  /** Times that a fragment at a head was taken out, by address. */
  readonly retired = new Map<number, number>();
  /** Times that an exception left a frame at a place, by address. */
  readonly lost = new Map<number, number>();
  readonly aborts = new Map<string, AbortRecord>();
  readonly timeline: TimelinePoint[] = [];
  readonly env: TranslateEnv;
  readonly halt: number;
  /** Side tables of references, by the top type of the hierarchy. */
  readonly sides: ReadonlyMap<ValType, WebAssembly.Table>;
  private readonly signatures: Signature[] = [];
  private readonly loops: WebAssembly.Table;
  private generated = 0;
  /** Makes the side tables that long. */
  private reach: (entries: number) => void = () => {};
  /** Calls of the host may suspend. */
  readonly suspends: boolean;
  private readonly segments: Segments;
  /** Clears the side tables between two addresses. */
  clear: (from: number, to: number) => void = () => {};
  readonly log: EventLog | null;
  private readonly watchdog: { stop(): void } | null;
  private looker: { stop(): void } | null = null;
  private onLook: (() => void) | null = null;

  helpers: readonly NamedHelper[] = [];
  readonly bytes: Uint8Array;
  /** True where a sampler looks at CTL.state. */
  readonly sampling: boolean;

  /** Throws the host's own errors for modules that do not compile or link. */
  constructor(
    bytes: Uint8Array,
    imports: WebAssembly.Imports | undefined,
    options: Options,
    compile: CompileOptions | null = null,
  ) {
    const origin = performance.now();
    const { policy, params } = policyOf(options.policy);
    this.options = options;
    this.policy = policy;
    this.bytes = bytes;
    this.sampling = options.sample;
    this.log = options.log === '' ? null : openLog(options.log);
    this.guest = createGuest(bytes, imports, {
      twin: false,
      compile,
      helpers: (module) => {
        this.helpers = helpersOf(module);
        return this.helpers;
      },
    });
    const begins = memoryBytes(this.guest);
    if (options.maxMemory > 0 && begins > options.maxMemory)
      throw new UserError(
        `option maxMemory allows ${options.maxMemory} bytes, but the module begins with ${begins}; allow as much at least`,
      );
    this.identify = identifier(this.guest);
    this.names = firstNames(this.guest.memories, firstGlobals(this.guest.module.globals, this.guest.globals));
    const { module } = this.guest;
    this.module = module;
    const functions = module.functions.length;
    this.memory = new MachineMemory(functions, options.stack);
    this.timers = new Timers(this.memory, origin);
    this.suspends = this.guest.importedFunctions.some((f) => f instanceof WebAssembly.Suspending);
    this.segments = new Segments(this.memory, (entries) => this.reach(entries));
    this.heads = new Heads(this.memory, this.arms, this.map);
    this.loops = new WebAssembly.Table({ element: 'anyfunc', initial: 2 });
    const canonical = canonicalTypes(module);
    module.functions.forEach((type, i) => this.memory.setWord(this.memory.sigs + 4 * i, canonical[type] as number));
    this.sides = createSides(usedSides(module), this.memory.stackLimit);
    const tracing = options.mode === 'trace';
    const never = -1;
    this.observer = tracing && passSet(options.passes).names.has(specialize.name) ? new Observer(this) : null;
    // The last execution before a head is asked about, or before it is looked at for the first time.
    const trigger = (threshold: number) => (this.observer && firstLook(threshold)) || threshold - 1;
    const lengths = new SegmentLengths(module, this.memory);
    this.env = {
      module,
      arms: this.arms,
      signature: (func) => this.typeSignature(module.functions[func] as number),
      typeSignature: (type) => this.typeSignature(type),
      exactSignature: (type) => this.exactSignature(type),
      canonical: (type) => canonical[type] as number,
      headTrigger: tracing ? (policy.eager ? 0 : trigger(options.hotLoop)) : never,
      enterTrigger: tracing ? (policy.eager ? 0 : trigger(options.hotEntry)) : never,
      memoryLimited: options.maxMemory > 0,
      segment: (kind, index, key) => ({
        helper: this.helpers.findIndex((helper) => helper.key === key),
        length: lengths.address(kind, index),
      }),
    };
    this.cache = new FragmentCache(this.memory, this.heads, {
      ...cachePolicyOf(options.cachePolicy),
      budget: options.cacheSize,
      linking: options.fuel === 0,
      instructions: () => this.memory.count(CTL.icount) + (options.fuel > 0 ? 0 : fragmentInstructions(this)),
      given: (fragments, bytes, all) => {
        if (all) this.log?.flush(fragments, bytes);
        else this.log?.evict(fragments, bytes);
        this.mark(all ? 'flush' : 'evict');
      },
    });
    this.mirrors = new TableMirrors(this.guest, this.memory, this.identify);
    this.compiler = new FragmentCompiler(this);
    this.regions = new Regions(this);
    this.liveness = new LivenessMap(() => liftEnv(this));
    this.history = tracing && policy.history ? new History(this.memory) : null;
    this.selector = tracing ? policy.create(this, params) : null;
    this.recorder = this.selector
      ? new Recorder({
          memory: this.memory,
          heads: this.heads,
          map: this.map,
          arms: this.arms,
          selector: this.selector,
          maxTrace: options.maxTrace,
          retry: { root: options.hotLoop, entry: options.hotEntry, side: options.hotExit },
          affordable: (size, pc, exits) =>
            this.regions.budget.allows(size, { executions: this.regions.budget.unpaid(pc), exits }),
          window: (func) => windowBytes(this.env.signature(func)),
          aborted: (pc, reason, blacklisted) => this.abort(pc, reason, blacklisted),
        })
      : null;
    this.halt = this.memory.alloc(8);
    this.memory.setWord(
      this.halt,
      this.arms.index(haltArm.key, () => haltArm),
    );
    preloadArms(this.arms, module, this.env);
    this.setDeadline();
    this.generate();
    this.watchdog = options.timeout > 0 ? startWatchdog(this.memory.memory, options.timeout) : null;
  }

  get facts(): RegionFacts {
    const { module } = this;
    return {
      // Memories never shrink, so what one has now is a lower bound for good.
      memMin: this.guest.memories.map((m) => m.buffer.byteLength),
      sharedMem: module.memories.map((m) => m.shared === true),
      mem64: module.memories.map((m) => m.i64 === true),
      globals: module.globals.map((g) => ({
        type: topType(module.types, g.type),
        mutable: g.mutable,
        foreign: this.guest.foreignGlobal(g),
      })),
    };
  }

  /** Ends the machine's workers; the guest can still run. */
  dispose(): void {
    this.compiler.background.close();
    this.watchdog?.stop();
    this.looker?.stop();
  }

  /**
   * Calls `look` in the guest's thread every so many milliseconds while the guest runs, between two of its instructions.
   * Fragments that exist already need not notice, so this comes before the guest runs.
   */
  watch(ms: number, look: () => void): void {
    this.onLook = look;
    this.looker ??= startLooking(this.memory.memory, ms);
  }

  /** True where CTL.stop may be set while the guest runs. */
  get polls(): boolean {
    return this.options.timeout > 0 || this.onLook !== null;
  }

  /** Runs the guest's start function, if it has one. Throws what the guest throws. */
  start(): void {
    this.guest.runStart();
  }

  private typeSignature(type: number): Signature {
    let sig = this.signatures[type];
    if (!sig) {
      const { params, results } = this.exactSignature(type);
      const { types } = this.module;
      sig = { params: topTypes(types, params), results: topTypes(types, results) };
      this.signatures[type] = sig;
    }
    return sig;
  }

  private exactSignature(type: number): Signature {
    const t = this.module.types[type];
    if (t?.kind !== 'func') throw new Error(`type ${type} is not a function type`);
    return t;
  }

  /** Generates and installs the interpreter with all arms known now. */
  private generate(): void {
    const started = this.timers.start('translate');
    const { guest, module } = this;
    this.generated = this.arms.list.length;
    const bytes = generateInterpreter({
      module,
      arms: this.arms,
      entryTypes: guest.entryTypes,
      sideTypes: [...this.sides.keys()],
      fuel: this.options.fuel > 0,
      timeLimit: this.options.timeout > 0,
      halt: this.halt,
      sigs: this.memory.sigs,
      suspends: this.suspends,
      stackBase: this.memory.stackBase,
      mirror: (table) => this.mirrors.address(table),
      helpers: this.helpers,
      history: this.history,
    });
    const instance = new HostInstance(new HostModule(bytes), this.interpreterImports());
    const { exports } = instance;
    this.loops.set(LOOPS.run, exports.run);
    this.loops.set(LOOPS.record, exports.record);
    this.cache.setExitFunction(exports.exit);
    this.clear = exports.clear as (from: number, to: number) => void;
    this.reach = exports.reach as (entries: number) => void;
    guest.connect((type) => exports[`entry${type}`]);
    this.timers.stop('translate', started);
  }

  private interpreterImports(): WebAssembly.Imports {
    const { guest } = this;
    const list = (values: readonly unknown[]) => Object.fromEntries(values.map((v, i) => [String(i), v]));
    return {
      import: list(guest.importedFunctions),
      hook: {
        hot: (pc: number, fp: number) => (this.hot(pc, fp) ? 1 : 0),
        recordAt: (pc: number, fp: number) => (this.headPassed(pc, fp) ? 1 : 0),
        fuelStrip: (fp: number, pc: number) => this.fuelStrip(fp, pc),
        translate: (func: number) => this.translate(func),
        hotExit: (record: number, fp: number) => this.hotExit(record, fp),
        overflow: () => {
          throw stackOverflow();
        },
        memoryAsked: (pages: bigint) => this.checkMemory(Number(BigInt.asUintN(64, pages)) * PAGE),
        heal: () => this.heal(),
        openSegment: () => this.segments.open(),
        closeSegment: (base: number, failed: number) => {
          if (failed) this.clear(base, this.segments.end(base));
          this.segments.close(base);
        },
        slice: () => this.slice(),
        recorded: (pc: number) => this.recorder?.recorded(pc),
        tableChanged: (table: number) => this.mirrors.refresh(table),
        identify: this.identify,
        unwind: (pc: number, fp: number, flags: number) => this.unwind(pc, fp, flags),
        uncatchable: (error: unknown) => (isUncatchable(error) ? 1 : 0),
      },
      helper: list(guest.helpers),
      machine: { memory: this.memory.memory, fragments: this.cache.table, loops: this.loops },
      memory: list(guest.memories),
      table: list(guest.tables),
      side: Object.fromEntries(this.sides),
      global: list(guest.globals),
      tag: list(guest.tags),
      host: { JSTag: WebAssembly.JSTag },
    };
  }

  // --- hooks -------------------------------------------------------------------------------------------------------

  private translate(func: number): void {
    const started = this.timers.start('translate');
    const body = new BodyReader(this.module, func);
    const { code, frameBytes, locals, loops, handlers } = translate(this.env, func, body);
    const base = this.memory.alloc(4 * code.length);
    code.install(this.memory.i32, base);
    this.map.add({
      func,
      base,
      end: base + 4 * code.length,
      meta: Int32Array.from(code.meta),
      frameBytes,
      locals,
      loops,
      handlers,
    });
    this.memory.setWord(FUNCS + 4 * func, base);
    if (this.arms.list.length > this.generated) this.generate();
    this.timers.stop('translate', started);
  }

  /** Translates one of the guest's own functions before it is called. */
  ensureTranslated(func: number): void {
    if (!this.map.of(func) && func >= this.module.importedFunctions) this.translate(func);
  }

  /** A head is hot. True: record from here. */
  private hot(pc: number, fp: number): boolean {
    if (this.arrivals(pc)) return false;
    if (this.observer?.look(pc, fp)) return false;
    return this.selector?.hot(pc, fp) === true && this.recorder?.hot(pc, fp) === true;
  }

  /**
   * Takes in what was compiled meanwhile. True when the head at `pc` has got its fragment by that, or will: then it does not
   * ask before long, and the interpreter looks at the patched head again.
   */
  private arrivals(pc: number): boolean {
    const { background } = this.compiler;
    if (!background.busy) return false;
    const waited = background.has(pc);
    this.takeIn();
    if (waited || this.heads.isPatched(pc)) this.heads.rearm(pc, this.options.hotLoop);
    return waited || this.heads.isPatched(pc);
  }

  /** Installs what another thread has compiled; not while the heads that a recording passes may not change. */
  private takeIn(): void {
    if (!this.recorder?.recording) this.compiler.background.poll();
  }

  private hotExit(record: number, fp: number): void {
    this.takeIn();
    const known = this.cache.exitByRecord(record);
    if (!known?.fragment.live) return;
    const { fragment, exit } = known;
    if (exit.snap.reason === 'loop') {
      this.regions.lengths.revise(fragment, exit);
      return;
    }
    if (!leavesAtEntry(fragment, exit)) {
      const asked = this.selector?.hotExit(fragment, exit, fp);
      if (asked) this.recorder?.hotExit(fragment, exit, fp, asked === true ? null : asked);
      return;
    }
    if (exit.snap.reason === 'value') {
      this.observer?.failed(fragment.pc, fragment.assumed, fp);
      this.cache.retire(fragment, this.options.hotLoop);
      this.mark('retire', fragment.id);
      return;
    }
    // What was hoisted out of the loop does not hold any more; the next trace there assumes less.
    const times = (this.retired.get(fragment.pc) ?? 0) + 1;
    this.retired.set(fragment.pc, times);
    this.cache.retire(fragment, this.options.hotLoop * 2 ** Math.min(times, 10));
    this.mark('retire', fragment.id);
  }

  /** At a head, of a recording or of the history. True: the recording ends, or the head has got a fragment. */
  private headPassed(pc: number, fp: number): boolean {
    return this.history ? this.selector?.at?.(pc, fp) === true : this.recorder?.at(pc, fp) !== false;
  }

  private unwind(pc: number, fp: number, flags: number): number {
    const found = unwind(this, pc, fp, (flags & UNWIND.ends) === 0);
    if (flags & UNWIND.recording) this.recorder?.interrupt(pc, found);
    return found ? 1 : 0;
  }

  private setDeadline(): void {
    const { memory, options } = this;
    const now = BigInt(memory.count(CTL.icount));
    const usual = now < SLICE.later ? SLICE.first : SLICE.later;
    const slice = this.compiler.background.busy ? SLICE.busy : usual;
    const fuel = options.fuel > 0 ? BigInt(options.fuel) : now + slice;
    memory.setLong(CTL.deadline, fuel < now + slice ? fuel : now + slice);
  }

  /** The interpreter came back to its driver: a slice is over, or somebody asked for a stop. */
  private slice(): void {
    const { memory, options } = this;
    if (memory.word(CTL.stop) === STOP.timeout) throw new TimeoutError(options.timeout);
    // A time limit that comes in between stays.
    if (Atomics.compareExchange(memory.i32, CTL.stop >> 2, STOP.look, STOP.none) === STOP.look) this.onLook?.();
    if (options.fuel > 0 && memory.count(CTL.icount) >= options.fuel) throw new FuelError(options.fuel);
    dropReferences(this);
    this.takeIn();
    this.setDeadline();
  }

  /** With fuel, a fragment may run only as many iterations as the fuel certainly allows. */
  private fuelStrip(_fp: number, pc: number): number {
    const fragment = this.cache.at(pc);
    if (!fragment) return 0;
    const left = Number(this.memory.i64[CTL.deadline >> 3]) - this.memory.count(CTL.icount);
    return this.compiler.limitStrip(fragment, left) ? 1 : 0;
  }

  /** Ends the guest where its memories together would have more than they may, with `more` bytes. */
  private checkMemory(more: number): void {
    const { maxMemory } = this.options;
    const asked = memoryBytes(this.guest) + more;
    if (maxMemory > 0 && asked > maxMemory) throw new MemoryLimitError(asked, maxMemory);
  }

  /**
   * The frame stack seems full. A trap that passed through exported functions leaves it too high; if no activation of
   * any machine is on the host's stack it is empty in truth.
   */
  private heal(): void {
    const inside = rawFrames(Number.POSITIVE_INFINITY).some((frame) => frame.getFunctionName() === 'wynamo.drive');
    if (!inside) this.memory.setWord(CTL.top, this.memory.stackBase);
    else if (this.memory.word(CTL.top) + 4096 > this.memory.stackLimit) throw stackOverflow();
  }

  /** Notes that something was given up. */
  abort(pc: number, reason: AbortReason, blacklisted: boolean): void {
    const key = `${pc}:${reason}`;
    const known = this.aborts.get(key);
    if (known) {
      known.count++;
      known.blacklisted = blacklisted;
    } else this.aborts.set(key, { pc, reason, count: 1, blacklisted });
    const at = this.map.at(pc);
    this.log?.abort(
      at ? `$${this.functionName(at.code.func)}+0x${at.offset.toString(16)}` : `${pc}`,
      reason,
      blacklisted,
    );
    if (!(reason in ABORT_REASONS)) throw new Error(`unnamed abort reason ${reason}`);
  }

  /** What fragments import; the interpreter's object has it all under the names that the emitter uses. */
  fragmentImports(): WebAssembly.Imports {
    this.importObject ??= { ...this.interpreterImports(), func: functionGlobals(this.guest, this.helpers) };
    return this.importObject;
  }

  private importObject: WebAssembly.Imports | null = null;

  /** A fragment was installed. */
  installed(fragment: Fragment): void {
    this.mark('fragment', fragment.id);
    this.log?.fragment(fragment);
  }

  private counted = 0;

  /** Notes an event with the time since the machine was made. */
  mark(event: string, fragment?: number): void {
    const ms = performance.now() - this.timers.origin;
    const last = this.timeline.at(-1);
    let inFragments = last?.fragmentInstructions ?? 0;
    // Counts of fragments need a pass over all fragments: now and then, and only for reports.
    if (this.options.keepCode && ms - this.counted > COUNT_EVERY) {
      this.counted = ms;
      inFragments = fragmentInstructions(this);
    }
    this.timeline.push({
      ms,
      event,
      fragment,
      instructions: this.memory.count(CTL.icount) + inFragments,
      fragmentInstructions: inFragments,
    });
  }

  /** Text of an emitted module, each line with the guest instruction that it stands for. */
  disassemble({ bytes, fragments }: EmittedModule): string {
    const cursors = new Map(fragments.map((f) => [f.func, { places: f.places, next: 0 }]));
    return disassembleModule(bytes, (func, at) => {
      const cursor = cursors.get(func);
      if (!cursor) return '';
      while ((cursor.places[cursor.next]?.offset ?? Number.POSITIVE_INFINITY) <= at) cursor.next++;
      const loc = cursor.places[cursor.next - 1]?.loc;
      return loc ? `$${this.functionName(loc.func)}+0x${loc.offset.toString(16)}` : '';
    });
  }

  functionName(index: number): string {
    return shownName(this.module, index);
  }
}
