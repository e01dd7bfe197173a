/** Errors that end a guest on the machine's account. */

/** The fuel is used up. */
export class FuelError extends Error {
  override name = 'FuelError';
  constructor(fuel: number) {
    super(`the guest was stopped after ${fuel} instructions, the fuel that it was given`);
  }
}

/** The time limit has passed. */
export class TimeoutError extends Error {
  override name = 'TimeoutError';
  constructor(ms: number) {
    super(`the guest was stopped after ${ms} ms, the time that it was given`);
  }
}

/** The guest asked for more memory than it may have. */
export class MemoryLimitError extends Error {
  override name = 'MemoryLimitError';
  constructor(asked: number, limit: number) {
    super(`the guest was stopped when it asked for ${asked} bytes of memory, more than the ${limit} that it may have`);
  }
}

/** A replayed guest does not do what was recorded. */
export class ReplayError extends Error {
  override name = 'ReplayError';
}

const overflows = new WeakSet<object>();

/** What the host throws when its stack is full. */
export function stackOverflow(): RangeError {
  const error = new RangeError('Maximum call stack size exceeded');
  overflows.add(error);
  return error;
}

const ENDING = [FuelError, TimeoutError, MemoryLimitError, ReplayError] as const;

/** True for errors that stand for what the host does not let a guest catch. */
export function isUncatchable(error: unknown): boolean {
  if (ENDING.some((kind) => error instanceof kind)) return true;
  return typeof error === 'object' && error !== null && overflows.has(error);
}
