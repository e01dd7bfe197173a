/** Describes a recording in words of the guest. */
import type { Machine } from '../machine/machine.ts';
import type { Recording } from './recorder.ts';
import type { TraceLine, TraceText } from './text.ts';

export function describeTrace(machine: Machine, id: number, name: string, recording: Recording): TraceText {
  const { map, arms, memory } = machine;
  let depth = 0;
  const lines: TraceLine[] = recording.pcs.map((pc, i) => {
    const at = map.at(pc);
    const arm = arms.at(memory.word(pc));
    const next = recording.pcs[i + 1] ?? recording.end;
    let outcome = '';
    if (arm.kind === 'branch') outcome = next === memory.word(pc + 4 * (arm.target as number)) ? 'taken' : 'next';
    if (arm.kind === 'table' || arm.kind === 'return') outcome = `0x${(map.at(next)?.offset ?? 0).toString(16)}`;
    if (arm.kind === 'call' || arm.kind === 'indirect' || arm.kind === 'tail' || arm.kind === 'tail-indirect') {
      const callee = map.entryOf(next);
      outcome = callee ? `$${machine.functionName(callee.func)}` : 'host';
    }
    const line = {
      func: machine.functionName(at?.code.func ?? -1).replaceAll(/\s/g, '_'),
      offset: at?.offset ?? 0,
      arm: arm.key,
      outcome: outcome.replaceAll(/\s/g, '_'),
      depth: Math.max(0, depth),
    };
    if ((arm.kind === 'call' || arm.kind === 'indirect') && outcome !== 'host') depth++;
    if (arm.kind === 'return') depth--;
    return line;
  });
  return { id, kind: recording.kind, name: name.replaceAll(/\s/g, '_'), loops: recording.loops, lines };
}
