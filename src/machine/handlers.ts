/**
 * Which code of a function is protected by which exception handlers. A handler's landing pad is an instruction of
 * threaded code; it looks at the exception itself, because only the host knows which tag an exception has.
 */
import type { FuncCode } from './code-map.ts';

/** Instructions of a `try_table` or `try`: words [start, end) of the function. Outer ones come before inner ones. */
export interface Handler {
  readonly start: number;
  end: number;
  /** Word of the landing pad; -1 for `delegate`. */
  pad: number;
  /** Where `delegate` sends the exception: another handler of the function, or -1 for its caller. */
  delegate: number;
}

type Guarded = Pick<FuncCode, 'base' | 'handlers'>;

function innermost({ base, handlers }: Guarded, pc: number): Handler | undefined {
  const word = (pc - base) >> 2;
  return handlers.findLast((h) => h.start <= word && word < h.end);
}

/** True where an exception at the instruction may be caught in the same function. */
export function isProtected(code: Guarded, pc: number): boolean {
  return code.handlers.length > 0 && innermost(code, pc) !== undefined;
}

/** Address of the landing pad where an exception thrown at `pc` goes first, or null where the function has none. */
export function landingPad(code: Guarded, pc: number): number | null {
  if (code.handlers.length === 0) return null;
  let handler = innermost(code, pc);
  while (handler && handler.pad === -1) handler = code.handlers[handler.delegate];
  return handler ? code.base + 4 * handler.pad : null;
}
