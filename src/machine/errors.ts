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

/** True for errors that stand for what the host does not let a guest catch. */
export function isUncatchable(error: unknown): boolean {
  if (error instanceof FuelError || error instanceof TimeoutError || error instanceof ReplayError) return true;
  return typeof error === 'object' && error !== null && overflows.has(error);
}
