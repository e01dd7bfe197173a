/** Frames of the stack as the engine has them, whatever a program or the drop-in form makes of stacks. */

/** Frames of the running stack, innermost first, `limit` at most. */
export function rawFrames(limit: number): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  let frames: NodeJS.CallSite[] = [];
  Error.stackTraceLimit = limit;
  Error.prepareStackTrace = (_, sites) => {
    frames = sites;
    return '';
  };
  // The text is made when it is read.
  void new Error().stack;
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  return frames;
}
