/**
 * Runs a guest with instrumentation, at the host's own speed.
 *
 *     const run = openInstrumented(bytes, imports, { counts: true, home: 'local', observers: [] });
 *     run.instance.exports.work(1000);
 *     run.counts().of(7)?.entries;
 *
 * The instance is genuine and shows the guest's own exports only. Counts are exact for whatever returned. Where an error
 * passed through the guest, `unwound` has to be told, and then they are exact, too; except, with counters in locals, in
 * loops that a trap ended.
 */
import { showExports } from '../guest/exports.ts';
import { instantiateGuest } from '../guest/foreign.ts';
import { mapImports, replayImports } from '../guest/imports.ts';
import { HostModule } from '../host.ts';
import { decodeModule } from '../wasm/decode.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { CounterHome } from './counters.ts';
import { Counts } from './counts.ts';
import { EventDrain, type EventReader, type Site } from './events.ts';
import { hasHandlers } from './graph.ts';
import { drainFunction } from './helper.ts';
import { type InstrumentedModule, instrument, type Observer } from './instrument.ts';
import { type Frame, framesNow, framesOf, keepWholeStacks } from './stack.ts';

/** An observer with what becomes of its events. */
export interface EventObserver extends Observer {
  event(site: Site, event: EventReader): void;
}

export interface OpenOptions {
  readonly counts: boolean;
  readonly home: CounterHome;
  readonly observers: readonly EventObserver[];
}

type HostFunction = (...args: unknown[]) => unknown;

/**
 * Calls `note` with what the function throws, and throws what that gives. The host calls functions without adapting their
 * arguments where they take as many as the import has, so there is a form for each number of them.
 */
function watchedBy(f: HostFunction, params: number, note: (error: unknown) => unknown): HostFunction {
  const attempt = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw note(error);
    }
  };
  switch (params) {
    case 0:
      return () => attempt(() => f());
    case 1:
      return (a) => attempt(() => f(a));
    case 2:
      return (a, b) => attempt(() => f(a, b));
    case 3:
      return (a, b, c) => attempt(() => f(a, b, c));
    case 4:
      return (a, b, c, d) => attempt(() => f(a, b, c, d));
    default:
      return (...args) => attempt(() => f(...args));
  }
}

export class InstrumentedRun {
  readonly module: WasmModule;
  readonly instance: WebAssembly.Instance;
  readonly code: InstrumentedModule;
  private readonly memory: WebAssembly.Memory;
  /** Brings the counters into the memory. */
  private readonly read: () => void;
  private readonly end: WebAssembly.Global | null;
  private readonly drain: EventDrain | null;
  /** Depth of calls in the guest, where contexts are recorded. */
  private readonly depth: WebAssembly.Global | null;
  private readonly lost = new Map<number, Map<number, number>>();
  /** Calls of functions that found no room on the stack. */
  private readonly notBegun = new Map<number, number>();
  /** Exceptions of host functions that passed into the guest, with the frames that were there. */
  private readonly thrown = new Map<unknown, Frame[]>();
  /** Frames of an error that are accounted for. */
  private readonly seen = new WeakMap<object, number>();
  private readonly restore: () => void;
  /** Functions whose counts lack what a loop counted that a trap ended. */
  readonly inexact = new Set<number>();

  constructor(bytes: Uint8Array, imports: WebAssembly.Imports | undefined, options: OpenOptions) {
    this.module = decodeModule(bytes);
    this.code = instrument(this.module, options);
    const compiled = new HostModule(this.code.bytes);
    this.restore = keepWholeStacks();
    const watch = options.counts && !hasHandlers(this.module);
    const values: unknown[] = [];
    const given = mapImports(imports, (value) => {
      const given = this.module.imports[values.push(value) - 1];
      const plain = typeof value === 'function' && !/^\d+$/.test(value.name);
      return watch && plain && given?.kind === 'func' ? this.watched(value as HostFunction, given.index) : value;
    });
    try {
      this.instance = instantiateGuest(compiled, given);
    } catch (error) {
      // A segment trapped. Functions that are in tables of others by now must not need this host.
      if (error instanceof WebAssembly.RuntimeError && values.length === this.module.imports.length)
        instantiateGuest(new HostModule(bytes as BufferSource), replayImports(values));
      throw error;
    }
    const { names, events, buffer } = this.code;
    const all = this.instance.exports;
    const visible = Object.create(null) as Record<string, unknown>;
    for (const e of this.module.exports) visible[e.name] = all[e.name];
    showExports(this.instance, Object.freeze(visible));
    this.memory = all[names.memory] as WebAssembly.Memory;
    this.read = all[names.read] as () => void;
    new BigUint64Array(this.memory.buffer, 8 * this.code.counters, this.code.constants.length).set(
      this.code.constants.map((n) => BigInt.asUintN(64, n)),
    );
    this.end = null;
    this.drain = null;
    this.depth = (all[names.depth] as WebAssembly.Global | undefined) ?? null;
    if (events) {
      const observers = options.observers.map(
        (o) => (number: number, event: EventReader) => o.event((events.sites[number] as { site: Site }).site, event),
      );
      const drain = new EventDrain(this.memory, buffer, events, observers);
      this.drain = drain;
      this.end = all[names.end] as WebAssembly.Global;
      (all[names.drain] as WebAssembly.Table).set(
        0,
        drainFunction((end) => drain.read(end)),
      );
    }
    (all[names.start] as (() => void) | undefined)?.();
  }

  /** The function, noting what it throws: such exceptions leave the guest's functions in the middle of a line. */
  private watched(f: HostFunction, func: number): HostFunction {
    const note = (error: unknown) => {
      this.thrown.set(error, framesNow());
      return error;
    };
    const type = this.module.types[this.module.functions[func] as number];
    return watchedBy(f, type?.kind === 'func' ? type.params.length : -1, note);
  }

  /**
   * An error has come out of the guest and goes no further, or goes on outside of it. To be called where it was caught
   * (with the stack that is there), for exact counts.
   */
  unwound(error: unknown): void {
    const noted = this.thrown.get(error);
    this.thrown.delete(error);
    const frames = noted ?? (error instanceof Error ? framesOf(error.stack ?? '') : []);
    const before = typeof error === 'object' && error !== null ? (this.seen.get(error) ?? 0) : 0;
    const left = framesNow().length;
    const gone = Math.max(0, frames.length - left);
    if (this.depth) this.depth.value = left;
    if (typeof error === 'object' && error !== null) this.seen.set(error, gone);
    this.lose(frames.slice(before, gone), error, noted !== undefined);
  }

  private lose(frames: readonly Frame[], error: unknown, ofHost: boolean): void {
    const { module, code } = this;
    frames.forEach(({ func, offset }, i) => {
      const defined = func - module.importedFunctions;
      const plan = code.functions[defined];
      const body = code.bodies[defined];
      if (!plan || body === undefined) return;
      const at = plan.map.original(offset - body);
      const innermost = i === 0 && !ofHost;
      // A full stack is noticed before a function has begun.
      if (innermost && error instanceof RangeError) {
        this.notBegun.set(func, (this.notBegun.get(func) ?? 0) + 1);
        return;
      }
      if (innermost && code.options.home === 'local') this.inexact.add(func);
      const list = this.lost.get(func) ?? new Map<number, number>();
      list.set(at, (list.get(at) ?? 0) + 1);
      this.lost.set(func, list);
    });
  }

  /** Hands over events that are still in the buffer. */
  flush(): void {
    if (!this.drain || !this.end) return;
    this.drain.read(this.end.value as number);
    this.end.value = this.code.buffer;
  }

  /** All counts so far. Exceptions that nobody told of have left the guest altogether. */
  counts(): Counts {
    for (const [error, frames] of this.thrown) this.lose(frames, error, true);
    this.thrown.clear();
    this.read();
    return new Counts(this.code, this.memory, this.lost, this.notBegun);
  }

  /** Guest function and byte offset of the innermost frame in an error's stack. */
  place(error: unknown): { func: number; offset: number } | null {
    const frame = error instanceof Error ? framesOf(error.stack ?? '')[0] : undefined;
    const defined = (frame?.func ?? -1) - this.module.importedFunctions;
    const plan = this.code.functions[defined];
    if (!frame || !plan) return null;
    return { func: frame.func, offset: plan.map.original(frame.offset - (this.code.bodies[defined] as number)) };
  }

  /** Ends what watches the host's stacks. The instance stays usable. */
  dispose(): void {
    this.restore();
  }
}

/** Throws the host's own errors for broken modules and imports. */
export function openInstrumented(
  bytes: Uint8Array,
  imports: WebAssembly.Imports | undefined,
  options: OpenOptions,
): InstrumentedRun {
  // The host judges the original: an appended memory could make a wrong module right.
  new HostModule(bytes as BufferSource);
  return new InstrumentedRun(bytes, imports, options);
}
