/** Opens a guest under the machine, or natively where that was asked for or nothing else is possible. */
import { sha256 } from '../builtin.ts';
import { hostTrapPlace } from '../deopt/host-trap.ts';
import { knowStacks } from '../deopt/stacks.ts';
import { dumpState, type Place, placeOf, type StateDump } from '../deopt/state.ts';
import { UserError } from '../errors.ts';
import type { CompileOptions } from '../guest/compile-imports.ts';
import { instantiateGuest } from '../guest/foreign.ts';
import { HostModule } from '../host.ts';
import { OPTION_BY_NAME, type Options } from '../options.ts';
import { openNativeFirst } from '../osr/open.ts';
import { collectStats, nativeStats } from '../profile/collect.ts';
import { Sampler } from '../profile/sampler.ts';
import type { Stats } from '../profile/schema.ts';
import { decodeModule } from '../wasm/decode.ts';
import { Machine } from './machine.ts';
import { unsupported } from './unsupported.ts';

/** What the caller sees of the machine. */
export interface GuestMachine {
  /** Why the module runs natively although the machine was asked for; null where it does not. */
  readonly nativeReason: string | null;
  /** All figures of the run so far. */
  stats(): Stats;
  /** The guest's state at its last stop (fuel, trap, host call in progress); null natively. */
  state(): StateDump | null;
  /**
   * Where the guest stopped, without the rest of its state; null natively. In the native-first tier only the error with
   * which it stopped tells.
   */
  place(error?: unknown): Place | null;
  /** SHA-256 of all memories of the guest, hexadecimal. */
  memoryDigest(): string;
  /**
   * Gives the figures every `ms` milliseconds while the guest runs, from inside its thread. Call it before the guest runs;
   * natively nothing comes.
   */
  watch(ms: number, look: (stats: Stats) => void): void;
  /** The module that was emitted for a fragment, where the run keeps code (option keepCode); null without one. */
  emitted?(id: number): Uint8Array | null;
  /** Ends workers. The instance stays usable. */
  dispose(): void;
}

export function openMachine(
  bytes: Uint8Array,
  imports: WebAssembly.Imports | undefined,
  options: Options,
  /** The same bytes, compiled before. */
  given?: WebAssembly.Module,
  compile: CompileOptions | null = null,
): { instance: WebAssembly.Instance; module: WebAssembly.Module; machine: GuestMachine } {
  const started = performance.now();
  // The host validates first and reports broken modules in its own words.
  const module = given ?? new HostModule(bytes as BufferSource, compile ?? undefined);
  if (options.nativeFirst === 'on') return openFast(bytes, module, imports, options, compile, started);
  const reason = options.mode === 'native' ? null : unsupported(decodeModule(bytes));
  if (options.mode === 'native' || reason !== null) {
    const unkept = (['fuel', 'timeout', 'maxMemory'] as const).find((name) => options[name] > 0);
    const why =
      reason === null ? 'in mode native nothing sees the guest' : `the module can only run natively: ${reason}`;
    if (unkept) throw new UserError(`option ${unkept} cannot be kept, because ${why}; leave it out`);
    if (reason !== null) process.emitWarning(`the module runs natively: ${reason}`, 'WynamoWarning');
    const instance = instantiateGuest(module, imports);
    const machine: GuestMachine = {
      nativeReason: reason,
      stats: () => nativeStats(bytes, options, reason, performance.now() - started),
      state: () => null,
      place: () => null,
      memoryDigest: () => digest(Object.values(instance.exports).filter((e) => e instanceof WebAssembly.Memory)),
      watch() {},
      dispose() {},
    };
    return { instance, module, machine };
  }
  const machine = new Machine(bytes, imports, options, compile);
  knowStacks({ machine });
  const sampler = Sampler.start(machine);
  machine.start();
  return {
    instance: machine.guest.instance,
    module,
    machine: {
      nativeReason: null,
      stats: () => collectStats(machine, sampler),
      state: () => dumpState(machine),
      place: (error) => hostTrapPlace(machine, error) ?? placeOf(machine),
      memoryDigest: () => digest(machine.guest.memories),
      watch: (ms, look) => machine.watch(ms, () => look(collectStats(machine, sampler))),
      emitted: (id) => machine.cache.all.find((f) => f.id === id)?.emitted ?? null,
      dispose() {
        sampler?.stop();
        machine.dispose();
      },
    },
  };
}

/** Options that the native-first tier cannot keep. */
const COUNTING = [
  'fuel',
  'timeout',
  'maxMemory',
  'forceExits',
  'deterministic',
  'check',
  'keepCode',
  'log',
  'sample',
] as const;

function openFast(
  bytes: Uint8Array,
  module: WebAssembly.Module,
  imports: WebAssembly.Imports | undefined,
  options: Options,
  compile: CompileOptions | null,
  started: number,
): ReturnType<typeof openMachine> {
  const unkept = COUNTING.find((name) => options[name] !== OPTION_BY_NAME.get(name)?.default);
  if (unkept)
    throw new UserError(
      `--native-first=on counts and checks nothing, so it cannot go with option ${unkept}; leave one out`,
    );
  if (options.mode !== 'trace')
    throw new UserError(`--native-first=on is a form of --mode=trace and cannot go with --mode=${options.mode}`);
  const { instance, memories, moved, spent, place } = openNativeFirst(
    decodeModule(bytes),
    module,
    imports,
    options,
    compile,
  );
  return {
    instance,
    module,
    machine: {
      nativeReason: null,
      stats() {
        const stats = nativeStats(bytes, options, null, performance.now() - started);
        return { ...stats, time_ms: { ...stats.time_ms, ...spent() }, nativeFirst: moved() };
      },
      state: () => null,
      place,
      memoryDigest: () => digest(memories),
      watch() {},
      dispose() {},
    },
  };
}

function digest(memories: readonly WebAssembly.Memory[]): string {
  return sha256(...memories.map((m) => new Uint8Array(m.buffer)));
}
