/**
 * What an exporter is: a format in which others read a profile. Each is one file here and one line in `catalogue.ts`.
 *
 * Profiles of calls are calling context trees with exact counts; where a format speaks of samples or time, an instruction
 * of the guest stands for a nanosecond (or whatever is the smallest unit), so widths are shares of instructions.
 */
import type { Counts } from '../instrument/counts.ts';
import type { ContextNode } from '../monitor/monitors/contexts.ts';
import type { Stats } from '../profile/schema.ts';
import type { GuestSource } from '../source/source.ts';
import type { WasmModule } from '../wasm/module.ts';

/** A run of a guest with instrumentation. */
export interface CountedRun {
  readonly bytes: Uint8Array;
  readonly module: WasmModule;
  readonly contexts: readonly ContextNode[];
  readonly counts: Counts;
  /** The guest's source, where the module has debug information. */
  readonly source: GuestSource | null;
}

/** What a profile is about. */
export interface Subject {
  /** Path of the module. */
  readonly path: string;
  /** Path of the file that is written. */
  readonly output: string;
  readonly version: string;
}

interface Row {
  readonly name: string;
  readonly doc: string;
  /** Usual end of a file's name. */
  readonly extension: string;
}

/** Files by name: the output itself has the name ''; others are named by what is appended to it. */
export type Files = Record<string, string | Uint8Array>;

/** From exact counts of an instrumented run. */
export interface CountsExporter extends Row {
  readonly from: 'counts';
  write(run: CountedRun, subject: Subject): Files;
}

/** From the statistics of a run under the machine. */
export interface StatsExporter extends Row {
  readonly from: 'stats';
  write(stats: Stats, subject: Subject): Files;
}

export type Exporter = CountsExporter | StatsExporter;
