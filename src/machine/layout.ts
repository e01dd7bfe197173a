/**
 * Layout of the machine memory: one shared linear memory per guest that holds everything of the machine that generated
 * Wasm and TypeScript both touch. This file is the only place that knows addresses; generators and TypeScript import it.
 *
 *     0        control words (CTL)
 *     256      free for generated constants
 *     1024     function table: one i32 per guest function, address of its threaded code (0: not translated yet)
 *     ...      frame stack (fixed size)
 *     ...      code, exit records, mirrors: a bump allocator that grows the memory
 *
 * The memory is shared so that a sampler or a timeout can read and write single words from a worker.
 */

/** Byte addresses of control words. */
export const CTL = {
  /** i32. What the machine is doing: see {@link STATE}; fragment n is STATE.fragment + n. */
  state: 0,
  /** i32. Set by a worker: not 0 asks the guest to stop ({@link STOP}). */
  stop: 4,
  /** i32. First free byte of the frame stack while host code runs. */
  top: 8,
  /** i32. End of the frame stack. */
  limit: 12,
  /** i32, i32. Position of the instruction in progress: stored before everything that can trap or leave. */
  pc: 16,
  fp: 20,
  /** i64. Guest instructions completed by the interpreter. */
  icount: 24,
  /** i64. icount at which the interpreter leaves to the driver (end of a slice or of the fuel). */
  deadline: 32,
  /** i32. Why the interpreter returned to the driver: see {@link STATUS}. */
  status: 40,
  /** i32. Next free byte of the recorder's log, and its end. */
  log: 44,
  logEnd: 48,
  /** i32. State of the generator that makes guards fail on purpose (xorshift32), and its threshold (0: never). */
  forceState: 52,
  forceBelow: 56,
  /** i32. Highest frame that a fragment may call on the host's stack: NESTED bytes above the first one. */
  callLimit: 60,
  /** i64. Guards made to fail so far. */
  forced: 64,
  /** i64. Guest instructions completed inside fragments; kept up only where fuel is asked for. */
  fragIcount: 72,
  /** i32. No side table has a reference at or above it. Kept up only where frames hold references. */
  refTop: 80,
  /** i32. Fragments that the interpreter has entered since it cleared the side tables. */
  refAge: 84,
  /** i32. How often the ring of the history was filled. */
  logTurns: 88,
} as const;

/**
 * Bytes of guest frames that fragments may put on each other by calls. Each takes 24 bytes or more, so that some 170 host
 * frames are nested at most, however large they are.
 */
export const NESTED = 4096;

/** Fragments that are entered before side tables are cleared above the stack. */
export const REF_AGE = 256;

/** Values of CTL.state. */
export const STATE = {
  idle: 0,
  interpret: 1,
  record: 2,
  optimize: 3,
  compile: 4,
  host: 5,
  translate: 6,
  fragment: 16,
} as const;

/** Values of CTL.stop. `look`: somebody wants to see the figures; the guest goes on afterwards. */
export const STOP = { none: 0, timeout: 1, look: 2 } as const;

/** Values of CTL.status. */
export const STATUS = { done: 0, slice: 1, record: 2, recorded: 3 } as const;

/** What the interpreter says when something was thrown: it was recording; nobody can catch this. */
export const UNWIND = { recording: 1, ends: 2 } as const;

/** Address of the function table. */
export const FUNCS = 1024;

/** Bytes of one frame slot; v128 takes two. */
export const SLOT = 8;

/** A frame header is one slot: i32 return pc, i32 caller's fp. */
export const HEADER = { retpc: 0, callerFp: 4, bytes: 8 } as const;

/** Mirror of a table: address and number of its elements; not 0: others write the table, and nothing is known any more. */
export const MIRROR = { base: 0, size: 4, foreign: 8, bytes: 12 } as const;

/**
 * Exit record, one for each exit of each fragment.
 * `count` i64: times taken. `trigger` i64: count at which TypeScript is asked for a side trace. `pc` i32: where to go on.
 */
export const EXIT = { count: 0, trigger: 8, pc: 16, id: 20, bytes: 24 } as const;

/**
 * Fragment record, one for each fragment.
 * `entries` i64, `iterations` i64 (strips summed), `strip` i32: iterations of the root loop until a strip.check leaves.
 */
export const FRAGMENT = { entries: 0, iterations: 8, strip: 16, bytes: 24 } as const;
