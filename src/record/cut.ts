/** Where recordings are cut short: at returns out of their first frame, and where they come back to their head too late. */
import type { Machine } from '../machine/machine.ts';
import type { Recording } from './recorder.ts';

/** Ends a recording where it returns out of the frame in which it began: that is where fragments give control back. */
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

/**
 * A trace may return out of its first frame, and come back to its head in a call from elsewhere. That is no loop: the
 * guard on the caller would fail at once, and frames of other functions lie where the trace has its callers' slots.
 */
export function loopOfSameCallers(machine: Machine, recording: Recording): Recording {
  if (!recording.loops) return recording;
  const { arms, memory, map } = machine;
  const { pcs, end } = recording;
  /** Where it went on behind returns out of its first frame and that one's callers. */
  const left: number[] = [];
  /** Where frames will return to that it has entered since. */
  const entered: number[] = [];
  for (const [i, pc] of pcs.entries()) {
    const arm = arms.at(memory.word(pc));
    const next = pcs[i + 1] ?? end;
    if ((arm.kind === 'call' || arm.kind === 'indirect') && map.entryOf(next)) entered.push(pc + 4 * arm.words);
    const returns = arm.kind === 'return' || (arm.kind === 'tail-indirect' && !map.entryOf(next));
    if (returns && entered.pop() === undefined) left.push(next);
  }
  const same = left.length === entered.length && left.every((ret, i) => ret === entered.at(-1 - i));
  return same ? recording : { ...recording, loops: false };
}
