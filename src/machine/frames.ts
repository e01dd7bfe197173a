/** The frames of an activation, as they are on the frame stack. */
import { windowBytes } from './arms/call.ts';
import type { FuncCode } from './code-map.ts';
import { CTL, HEADER } from './layout.ts';
import type { Machine } from './machine.ts';

export interface OpenFrame {
  /** Addresses of the instruction in progress, and of the frame. */
  readonly pc: number;
  readonly fp: number;
  readonly code: FuncCode;
  /** Byte offset of the instruction in the guest. */
  readonly offset: number;
  /** Address at which the frame goes on: behind its call, or at the instruction in progress. */
  readonly resume: number;
}

/** From the frame at `fp`, which executes the instruction at `pc`, outwards to the one that the host has called. */
export function* framesFrom(machine: Machine, pc: number, fp: number): Generator<OpenFrame> {
  const { memory, map, env } = machine;
  let [at, frame, resume] = [pc, fp, pc];
  while (at !== 0 && at !== machine.halt) {
    const found = map.at(at);
    if (!found) return;
    yield { pc: at, fp: frame, code: found.code, offset: found.offset, resume };
    const header = frame + windowBytes(env.signature(found.code.func));
    resume = memory.word(header + HEADER.retpc);
    if (resume === machine.halt) return;
    frame = memory.word(header + HEADER.callerFp);
    at = map.before(resume) ?? 0;
  }
}

/** The frames of the activation that is in progress or, where none is, of the last one. */
export function lastFrames(machine: Machine): Generator<OpenFrame> {
  return framesFrom(machine, machine.memory.word(CTL.pc), machine.memory.word(CTL.fp));
}
