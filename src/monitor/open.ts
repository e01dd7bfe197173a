/**
 * Runs a guest under monitors.
 *
 *     const run = openMonitored(bytes, imports, [monitorByName('branches')]);
 *     run.instance.exports.work();
 *     run.results().get('branches');
 */
import type { CounterHome } from '../instrument/counters.ts';
import type { Counts } from '../instrument/counts.ts';
import { type EventObserver, openInstrumented } from '../instrument/open.ts';
import { decodeModule } from '../wasm/decode.ts';
import { shownName } from '../wasm/names.ts';
import type { Monitor, MonitoredGuest, MonitorRun } from './monitor.ts';

export interface MonitoredRun {
  readonly instance: WebAssembly.Instance;
  /** Tells that an error came out of the guest, for exact counts. */
  unwound(error: unknown): void;
  /** Where an error came up in the guest: function and byte offset. */
  place(error: unknown): { name: string; offset: number } | null;
  /** Results by monitor, in the order in which they were given. */
  results(): Map<string, unknown>;
  /** The same for a terminal. */
  text(top: number): string;
  /** All exact counts of control flow, where they were asked for. */
  counts(): Counts;
  /** Names of functions whose counts lack what a loop counted that a trap ended. */
  inexact(): string[];
  dispose(): void;
}

export interface MonitorOptions {
  readonly home?: CounterHome;
  /** Counts control flow also where no monitor asks for that. */
  readonly counts?: boolean;
}

/** Throws the host's own errors for broken modules and imports. */
export function openMonitored(
  bytes: Uint8Array,
  imports: WebAssembly.Imports | undefined,
  monitors: readonly Monitor[],
  { home = 'local', counts = false }: MonitorOptions = {},
): MonitoredRun {
  const module = decodeModule(bytes);
  const name = (func: number) => shownName(module, func);
  const guest: MonitoredGuest = {
    module,
    bytes,
    name,
    place: (func, offset) => `$${name(func)}+0x${offset.toString(16)}`,
  };
  const started = monitors.map((monitor) => ({ monitor, run: monitor.start(guest) as MonitorRun<unknown> }));
  const observers = started.flatMap(({ run }) => (run.event ? [run as EventObserver] : []));
  const run = openInstrumented(bytes, imports, { counts: counts || monitors.some((m) => m.counts), home, observers });
  let results: Map<string, unknown> | null = null;
  const collect = () => {
    if (results) return results;
    run.flush();
    const counts = run.counts();
    results = new Map(started.map((s) => [s.monitor.name, s.run.result(counts, run.instance)]));
    return results;
  };
  return {
    instance: run.instance,
    unwound: (error) => run.unwound(error),
    place(error) {
      const at = run.place(error);
      return at && { name: name(at.func), offset: at.offset };
    },
    results: collect,
    text: (top) =>
      started
        .map(({ monitor, run: r }) => {
          const result = collect().get(monitor.name);
          const text = r.text?.(result, top) ?? JSON.stringify(result, null, 1);
          return `${monitor.name}: ${monitor.doc}\n${text.trimEnd()}\n`;
        })
        .join('\n'),
    counts: () => run.counts(),
    inexact: () => [...run.inexact].map(name),
    dispose: () => run.dispose(),
  };
}
