/**
 * What the engine tells about the code of a function. V8 has functions for its own tests that say in which tier a function
 * is; they are reached through a syntax that is switched on only while these few lines are compiled. Another engine, or a
 * process that may not make functions from text, has no answer, and callers do without.
 */
import { v8Module } from '../builtin.ts';

type Ask = (f: unknown) => boolean;

let isOptimized: Ask | null | undefined;

function natives(): Ask | null {
  const { setFlagsFromString } = v8Module();
  const allowed = process.execArgv.includes('--allow-natives-syntax');
  try {
    setFlagsFromString('--allow-natives-syntax');
    return new Function('f', 'return %IsTurboFanFunction(f)') as Ask;
  } catch {
    return null;
  } finally {
    if (!allowed) setFlagsFromString('--no-allow-natives-syntax');
  }
}

/** True where the optimizing compiler has compiled the exported function; null where the engine does not tell. */
export function optimized(f: unknown): boolean | null {
  if (isOptimized === undefined) isOptimized = natives();
  try {
    return isOptimized ? isOptimized(f) : null;
  } catch {
    isOptimized = null;
    return null;
  }
}
