/**
 * Which frames of a guest an error has left. Where a trap or an exception of the host passes, control leaves functions in
 * the middle of a line; the host's stack trace says at which instruction each of them was.
 */

/** Function and byte offset in the running module of a frame, innermost first. */
export interface Frame {
  readonly func: number;
  readonly offset: number;
}

/** Frames of Wasm in a stack trace. Traces of several modules are not told apart: there is one guest. */
export function framesOf(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const m of stack.matchAll(/wasm:\/\/[^\s)]*?wasm-function\[(\d+)\]:0x([0-9a-f]+)/g))
    frames.push({ func: Number(m[1]), offset: Number.parseInt(m[2] as string, 16) });
  return frames;
}

/** Makes the host note whole stacks; gives a function that sets back what was before. */
export function keepWholeStacks(): () => void {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  return () => {
    Error.stackTraceLimit = before;
  };
}

/** Frames of Wasm that are on the stack now. */
export function framesNow(): Frame[] {
  const restore = keepWholeStacks();
  try {
    return framesOf(new Error('frames').stack ?? '');
  } finally {
    restore();
  }
}
