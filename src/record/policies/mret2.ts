/**
 * Two passes of MRET: one execution is a bad witness of the hot path. From each hot head two tails are recorded, some
 * executions apart; only their common beginning becomes the trace. Where they part, control is not biased, and the code
 * behind becomes traces of its own when it is hot.
 */
import { rearmExit } from '../../cache/rearm.ts';
import type { SelectionPolicy } from '../policy.ts';
import type { Recording } from '../recorder.ts';
import { netStop } from '../rules.ts';

export const mret2: SelectionPolicy = {
  name: 'mret2',
  doc: 'two passes of MRET: the common beginning of two tails recorded from a head',
  source: 'Wang, Zheng, Kim, Breternitz and Wu, US patent 7,694,281 (2010), used in StarDBT',
  regions: false,
  params: { apart: { default: 20, doc: 'executions of the head between the two recordings' } },
  create(machine, { apart = 0 }) {
    const first = new Map<number, Recording>();
    return {
      hot: () => true,
      hotExit: () => true,
      stopAt: netStop,
      recorded(recording) {
        const { start, from } = recording;
        const before = first.get(start);
        if (!before) {
          first.set(start, recording);
          if (from) rearmExit(machine.memory, from.exit, apart);
          else machine.heads.rearm(start, apart);
          return null;
        }
        first.delete(start);
        return machine.compiler.compile(common(before, recording));
      },
    };
  },
};

/** What both begin with. The branch at which they part belongs to neither, but a trace has one instruction at least. */
function common(a: Recording, b: Recording): Recording {
  const ways = [a, b].map(({ pcs, end }) => [...pcs, end]) as [number[], number[]];
  let same = 0;
  while (same < ways[0].length && ways[0][same] === ways[1][same]) same++;
  if (same > b.pcs.length) return b;
  const steps = Math.max(1, same - 1);
  return { ...b, pcs: b.pcs.slice(0, steps), end: ways[1][steps] as number, loops: false };
}
