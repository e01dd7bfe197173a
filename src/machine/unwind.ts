/**
 * Finds the handler of an exception that came up in the dispatch loop. Frames without one are left behind: nothing has to
 * be undone in them, but what follows their calls was not executed.
 */

import { framesFrom } from './frames.ts';
import { landingPad } from './handlers.ts';
import { CTL } from './layout.ts';
import type { Machine } from './machine.ts';

/**
 * `pc`: the instruction that threw, or 0 where a fragment was running, which has left its position in memory. True: CTL.pc
 * and CTL.fp are now those of the landing pad. False: no function of this activation handles it. `catchable`: whether any
 * function may.
 */
export function unwind(machine: Machine, pc: number, fp: number, catchable: boolean): boolean {
  const { memory, arms } = machine;
  const left: number[] = [];
  // Of what a fragment has entered, the interpreter counts all but the instruction that threw.
  let interpreted = pc !== 0;
  let caught = false;
  for (const frame of framesFrom(machine, pc || memory.word(CTL.pc), pc === 0 ? memory.word(CTL.fp) : fp)) {
    if (interpreted) left.push(frame.pc);
    interpreted = true;
    const pad = !catchable || arms.at(memory.word(frame.pc)).tail ? null : landingPad(frame.code, frame.pc);
    if (pad === null) continue;
    memory.setWord(CTL.pc, pad);
    memory.setWord(CTL.fp, frame.fp);
    caught = true;
    break;
  }
  for (const at of left) machine.lost.set(at, (machine.lost.get(at) ?? 0) + 1);
  return caught;
}
