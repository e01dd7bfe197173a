/**
 * Finds the handler of an exception that came up in the dispatch loop. Frames without one are left behind: nothing has to
 * be undone in them.
 */

import { windowBytes } from './arms/call.ts';
import { landingPad } from './handlers.ts';
import { CTL, HEADER } from './layout.ts';
import type { Machine } from './machine.ts';

/**
 * `pc`: the instruction that threw, or 0 where a fragment was running, which has left its position in memory. True: CTL.pc
 * and CTL.fp are now those of the landing pad. False: no function of this activation handles it, and nothing has changed.
 */
export function unwind(machine: Machine, pc: number, fp: number): boolean {
  const { memory, map, arms, env } = machine;
  let at = pc === 0 ? memory.word(CTL.pc) : pc;
  let frame = pc === 0 ? memory.word(CTL.fp) : fp;
  const left: number[] = [];
  let interpreted = pc !== 0;
  for (;;) {
    const found = map.at(at);
    if (!found) return false;
    if (interpreted) left.push(at);
    // Of what a fragment has entered, the interpreter counts all but the instruction that threw.
    interpreted = true;
    const arm = arms.at(memory.word(at));
    const pad = arm.tail ? null : landingPad(found.code, at);
    if (pad !== null) {
      memory.setWord(CTL.pc, pad);
      memory.setWord(CTL.fp, frame);
      break;
    }
    const header = frame + windowBytes(env.signature(found.code.func));
    const ret = memory.word(header + HEADER.retpc);
    if (ret === machine.halt) return false;
    frame = memory.word(header + HEADER.callerFp);
    at = map.before(ret) ?? 0;
  }
  for (const pc of left) machine.lost.set(pc, (machine.lost.get(pc) ?? 0) + 1);
  return true;
}
