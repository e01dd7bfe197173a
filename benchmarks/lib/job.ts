/** One measurement in one process: what is asked for, and what comes back. */

import type { ConfigName } from './configs.ts';

/**
 * `first`: the process makes one call of `run` with the large size; whole process and that call are timed.
 * `steady`: the process calls `run` with the medium size again and again; each call is timed.
 */
export type Measure = 'first' | 'steady';

export interface Job {
  workload: string;
  config: ConfigName;
  measure: Measure;
  /** Which repetition, from 0. */
  rep: number;
  /** Milliseconds to go on calling, of `steady`. */
  budget: number;
}

/** What the measured process prints. All times in milliseconds. */
export interface Sample {
  /** Load, compile, instantiate. */
  open: number;
  /** Each call of `run`. */
  calls: number[];
  /** User and system time of the process at its end. */
  cpu: number;
  /** Peak resident memory, bytes. */
  rss: number;
  /** Guest instructions of one call, and the share of fragments in all calls; absent natively. */
  instructions?: number;
  coverage?: number;
  /** Share of fragments in the last call. */
  lastCoverage?: number;
  time?: Record<string, number>;
  traces?: { recorded: number; compiled: number; aborted: number };
}

/** A line of the raw results. */
export interface Result extends Job {
  key: string;
  date: string;
  /** From the start of the process to its end, milliseconds. */
  wall: number;
  sample?: Sample;
  /** One sentence, where there is no sample. */
  error?: string;
}
