/** Ends a recording where it returns out of the frame in which it began: that is where fragments give control back. */
import type { Machine } from '../machine/machine.ts';
import type { Recording } from './recorder.ts';

export function cutAtReturn(machine: Machine, recording: Recording): Recording {
  const { arms, memory, map } = machine;
  const { pcs, end } = recording;
  let depth = 0;
  for (const [i, pc] of pcs.entries()) {
    const { kind } = arms.at(memory.word(pc));
    const next = pcs[i + 1] ?? end;
    if ((kind === 'call' || kind === 'indirect') && map.entryOf(next)) depth++;
    // A tail call of a function outside the guest has returned by now.
    const returns = kind === 'return' || (kind === 'tail-indirect' && !map.entryOf(next));
    if (returns && depth-- === 0) return { ...recording, pcs: pcs.slice(0, i + 1), end: next, loops: false };
  }
  return recording;
}
