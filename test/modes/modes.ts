/** The ways of running a guest that have to be indistinguishable for the guest and its host. */
import type { Options } from '../../src/index.ts';

/** Everything hot at once, and the machine's own checks on. */
const EAGER = {
  mode: 'trace',
  hotLoop: 1,
  hotExit: 1,
  hotEntry: 1,
  compileShare: 0,
  minRegion: 0,
  check: true,
} as const;

export const MODES = {
  native: null,
  interp: { mode: 'interp' },
  /** Defaults, but fragments also of guests that are over before they have earned one. */
  trace: { mode: 'trace', compileFree: 200 },
  /** Traces from the first execution on. */
  eager: EAGER,
  /** The same, of unoptimized code. */
  plain: { ...EAGER, passes: 'O0' },
  /** Traps are the host's own where that shows nothing. */
  traps: { ...EAGER, passes: 'O3,+host-traps' },
  /** Each local is assumed to hold what it held when code was first made for it; those guards fail on purpose, too. */
  special: { ...EAGER, passes: 'O3,+specialize', constantAfter: 1, hotExit: 20, forceExits: '0.01,5' },
  /** Every guard fails. Side traces of such exits would copy the whole program over and over. */
  force: { ...EAGER, hotExit: 1000, forceExits: 'all' },
  /** Guards fail now and then, by three different schedules; rarely where each exit gets a side trace. */
  random1: { ...EAGER, hotExit: 1000, forceExits: '0.2,1' },
  random2: { ...EAGER, hotExit: 50, forceExits: '0.02,20' },
  random3: { ...EAGER, forceExits: '0.001,300' },
  /** Linear traces only. */
  linear: { ...EAGER, maxRegion: 0 },
  /** Regions so small that most calls are not inlined. */
  small: { ...EAGER, maxRegion: 120 },
  /** Traces are cut early, so that most code is linked side traces; regions inline nothing. */
  short: { ...EAGER, maxTrace: 24, maxInline: 0 },
  /** The fragment cache is flushed over and over. */
  flush: { ...EAGER, hotLoop: 20, hotExit: 20, hotEntry: 50, cacheSize: 40_000, compileShare: 150, compileFree: 200 },
  /** Native first: every activation moves, at the first arrival at a loop or at the third. */
  moved: { nativeFirst: 'on', moveAfter: 1 },
  movedLate: { nativeFirst: 'on', moveAfter: 3 },
  /** The same, into machines in which everything is hot at once. */
  movedToMachine: { ...EAGER, check: false, nativeFirst: 'on', moveAfter: 2, moveTo: 'machine' },
} as const satisfies Record<string, Partial<Options> | null>;

export type ModeName = keyof typeof MODES;
export const ALL_MODES = Object.keys(MODES) as ModeName[];
/** True for the modes that count nothing. */
export const isNativeFirst = (name: string) => 'nativeFirst' in (MODES[name as ModeName] ?? {});
/** The modes in which fragments run. */
export const TRACING = ALL_MODES.filter((name) => MODES[name] !== null && name !== 'interp' && !isNativeFirst(name));
