/**
 * What a monitor is: something that watches a guest and changes nothing about it. Each is one file in `monitors/` and one
 * line in `catalogue.ts`; one of your own is a file that exports such an object as `monitor`, given by its path.
 *
 *     export const monitor: Monitor = {
 *       name: 'stores', doc: 'how many stores there were', counts: true,
 *       start: ({ module }) => ({
 *         result: (counts) => counts.functions().reduce((sum, f) => sum + storesOf(module, f), 0),
 *         text: (n) => `${n} stores`,
 *       }),
 *     };
 *
 * There are two sources of knowledge. *Counts* are exact executions of every instruction, edge and loop; they cost little
 * and need no code in the monitor. *Events* are records of single executions with the values at hand; a monitor says for
 * which instructions it wants them (`instruction`, `entries`, `trips`) and gets each in `event`, in order.
 */
import type { Counts } from '../instrument/counts.ts';
import type { EventObserver } from '../instrument/open.ts';
import type { WasmModule } from '../wasm/module.ts';

/** The guest that is watched. */
export interface MonitoredGuest {
  readonly module: WasmModule;
  readonly bytes: Uint8Array;
  /** Name of a function, from the name section or its export; `f7` where it has none. */
  name(func: number): string;
  /** Where an instruction is: `$name+0x2a`, with the byte offset in the module. */
  place(func: number, offset: number): string;
}

export interface MonitorRun<R> extends Partial<EventObserver> {
  /** What was seen, as plain data. `counts` is empty unless the monitor asked for counts. */
  result(counts: Counts, instance: WebAssembly.Instance): R;
  /** The result for a terminal; tables have `top` rows at most. JSON where a monitor has no text of its own. */
  text?(result: R, top: number): string;
}

// biome-ignore lint/suspicious/noExplicitAny: catalogues hold monitors of every result type
export interface Monitor<R = any> {
  readonly name: string;
  /** What it tells, in half a sentence. */
  readonly doc: string;
  /** True where it needs exact counts. */
  readonly counts: boolean;
  start(guest: MonitoredGuest): MonitorRun<R>;
}

/** Keeps the type of a monitor's result. */
export function defineMonitor<R>(monitor: Monitor<R>): Monitor<R> {
  return monitor;
}
