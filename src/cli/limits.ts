/**
 * What becomes of a guest at each limit. The table in docs/cli.md is made from these rows, and a test of each limit from the
 * same names.
 */
import type { OPTION_ROWS } from '../options.ts';
import { STATUSES } from './status.ts';

type Row = (typeof OPTION_ROWS)[number];
/** Options that may stop a guest. */
export type LimitName = Extract<Row, { kind: 'limit' }>['name'];

export interface Limit {
  /** The error that a program gets, and the exit status of the command. */
  readonly error: string;
  readonly status: number;
}

export const LIMITS = {
  fuel: { error: '`FuelError`', status: STATUSES.fuel.code },
  timeout: { error: '`TimeoutError`', status: STATUSES.timeout.code },
  maxMemory: { error: '`MemoryLimitError`', status: STATUSES.memory.code },
  stack: { error: "`RangeError: Maximum call stack size exceeded`, the host's own", status: STATUSES.trap.code },
} as const satisfies Record<LimitName, Limit>;

/** Options that bound what the machine makes. The guest goes on at each, with the same results; what the figures show. */
export const BOUNDS = {
  maxTrace: 'a recording ends there, and the trace goes as far as it got',
  maxRegion: 'what does not fit is left out of the region and reached by exits',
  maxFragments: 'what is not compiled then is interpreted; `aborts` has `bound`',
  cacheSize:
    'the cache policy gives up fragments; `cache` has `flushes` and `evicted`, `aborts` has `too-large` and `full`',
} as const satisfies Partial<Record<Row['name'], string>>;
