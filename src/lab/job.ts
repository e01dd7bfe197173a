/** One measurement in one process: what is asked for, and what comes back. */
import type { Config } from './config.ts';
import type { Counts } from './counts.ts';
import type { Program } from './workload.ts';

/** What a process is run for. */
export const MEASURES = {
  first: 'the whole process: one call, large size',
  steady: 'repeated calls in one process, medium size; each is timed',
  count: 'one call, medium size or as asked for, decisions by counts: all figures of the machine, nothing is timed',
} as const;
export type Measure = keyof typeof MEASURES;

export interface Job {
  workload: string;
  /** A configuration by name, with its variations. */
  config: string;
  measure: Measure;
  /** Which repetition, from 0. */
  rep: number;
}

/** What the measured process gets, as JSON in its argument. */
export interface ChildJob {
  program: Program;
  measure: Measure;
  mode: Config['mode'];
  options: Config['options'];
  iterate: Config['iterate'];
  least: number;
  /** Milliseconds to go on calling, of `steady`. */
  budget: number;
  /** Argument of a call; null for programs of one size. */
  scale: number | null;
  expected: string | null;
  /** Milliseconds of a look (`look.ts`) at the machine's usual best, of `steady`; absent where nobody looks. */
  usual?: number;
  /** File to write the exact profile of one call to, instead of measuring anything. */
  profileTo?: string;
}

/** What can be observed of a call. */
export interface Outcome {
  /** Exit status of a command, result of a function, or how it trapped. */
  result: string;
  /** SHA-256 of standard output, first 16 digits; `-` where nothing was written. */
  output: string;
}

/** What the measured process prints. All times in milliseconds. */
export interface Sample {
  /** Load, compile, instantiate, the first time. */
  open: number;
  /** Each call. */
  calls: number[];
  /** How slow the core was around each call, over the machine's usual best (`look.ts`); absent where nobody looked. */
  paces?: number[];
  outcome: Outcome;
  /** SHA-256 of the memory after the first call, first 16 digits; null where none is exported or it was not asked for. */
  memory: string | null;
  /** How iterations were made in the end: a program whose state cannot be set back gets fresh instances. */
  iterate: 'again' | 'fresh';
  /** User and system time of the process at its end. */
  cpu: number;
  /** Peak resident memory, bytes. */
  rss: number;
  /** Guest instructions of the last call, and the share of fragments in it and in all calls; absent natively. */
  instructions?: number;
  lastCoverage?: number;
  coverage?: number;
  /** Milliseconds of the machine by component, all calls. */
  time?: Record<string, number>;
  /** Of a `count` measure. */
  counts?: Counts;
  /** Of a `count` measure with monitors: executed instructions by kind, and SHA-256 of each result, first 16 digits. */
  mix?: Record<string, number>;
  monitors?: Record<string, string>;
}

/** A line of the raw results. */
export interface Result extends Job {
  /** Names all that the result depends on. */
  key: string;
  date: string;
  /** Machine and engine that it was made on. */
  site: string;
  /** From the start of the process to its end, milliseconds. */
  wall: number;
  /** How slow the machine was around it, over its usual best (`pace.ts`); absent where that was not looked at. */
  pace?: number;
  sample?: Sample;
  /** One sentence, where there is no sample. */
  error?: string;
}
