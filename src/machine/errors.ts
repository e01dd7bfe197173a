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

/** What the host throws when its stack is full. */
export function stackOverflow(): RangeError {
  return new RangeError('Maximum call stack size exceeded');
}
