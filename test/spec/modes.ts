/** The ways in which test modules can be run. `native` is the host alone; all others are the machine with options. */
import type { Options } from '../../src/index.ts';

export const SPEC_MODES = {
  native: null,
  interp: { mode: 'interp' },
  trace: { mode: 'trace', hotLoop: 1, hotExit: 1, hotEntry: 1, compileShare: 0, minRegion: 0, check: true },
  force: {
    mode: 'trace',
    hotLoop: 1,
    hotExit: 1,
    hotEntry: 1,
    compileShare: 0,
    minRegion: 0,
    forceExits: 'all',
    check: true,
  },
  moved: { nativeFirst: 'on', moveAfter: 1 },
} as const satisfies Record<string, Partial<Options> | null>;

export type SpecMode = keyof typeof SPEC_MODES;

export function isSpecMode(name: string): name is SpecMode {
  return Object.hasOwn(SPEC_MODES, name);
}
