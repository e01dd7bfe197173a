/**
 * The named configurations that a workload is measured under: flags of Node, and how the guest is run. A row is all
 * there is to a configuration; `measure.ts --config=a,b` chooses among them.
 */

export type Mode = 'native' | 'interp' | 'trace';

export interface Config {
  doc: string;
  /** Flags of Node, before the script. */
  flags: readonly string[];
  mode: Mode;
  /** Options of the machine. */
  options: Readonly<Record<string, string | number | boolean>>;
  /** Most repetitions of a measure, where one takes long. */
  maxReps: number;
  /** Fewest calls of a steady-state measurement, whatever its budget: the slow ones have less to warm up. */
  leastCalls: number;
}

/** What the `wynamo` command passes to Node; a test compares it with `bin/engine.mjs`. */
export const MACHINE_FLAGS = ['--experimental-wasm-compilation-hints'] as const;

export const CONFIGS = {
  default: {
    doc: 'plain Node: Liftoff, then TurboFan',
    flags: [],
    mode: 'native',
    options: {},
    maxReps: 1000,
    leastCalls: 5,
  },
  turbofan: {
    doc: 'TurboFan only',
    flags: ['--no-liftoff'],
    mode: 'native',
    options: {},
    maxReps: 1000,
    leastCalls: 5,
  },
  liftoff: { doc: 'Liftoff only', flags: ['--liftoff-only'], mode: 'native', options: {}, maxReps: 3, leastCalls: 3 },
  interp: {
    doc: 'Wynamo, interpreter alone',
    flags: MACHINE_FLAGS,
    mode: 'interp',
    options: {},
    maxReps: 3,
    leastCalls: 3,
  },
  trace: { doc: 'Wynamo', flags: MACHINE_FLAGS, mode: 'trace', options: {}, maxReps: 1000, leastCalls: 5 },
} as const satisfies Record<string, Config>;

export type ConfigName = keyof typeof CONFIGS;

/** Names of a comma-separated list; an unknown one is an error that names the known ones. */
export function configNames(list: string): ConfigName[] {
  return list.split(',').map((name) => {
    if (!(name in CONFIGS)) {
      throw new Error(`no configuration '${name}'; there are ${Object.keys(CONFIGS).join(', ')}`);
    }
    return name as ConfigName;
  });
}
