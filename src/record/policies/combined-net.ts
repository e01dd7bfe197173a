/**
 * Combined NET. A hot head is observed some more times before anything is compiled: each time the path executed next is
 * recorded. What occurs in several of these paths, and what rejoins it, becomes one region; the rest are its exits. So
 * paths of similar frequency share their common blocks instead of being copied into one trace after the other.
 */
import { rearmExit } from '../../cache/rearm.ts';
import { compileCombined } from '../combine.ts';
import type { SelectionPolicy } from '../policy.ts';
import type { Recording } from '../recorder.ts';
import { netStop } from '../rules.ts';

export const combinedNet: SelectionPolicy = {
  name: 'combined-net',
  doc: 'regions of several next executing tails, observed at each hot head before it is compiled',
  source: 'Hiniker, Hazelwood and Smith, MICRO 2005, section 4',
  regions: true,
  params: {
    observe: { default: 15, doc: 'traces that are observed (T_prof)' },
    least: { default: 5, doc: 'traces that must have a block (T_min)' },
  },
  create(machine, { observe = 1, least = 1 }) {
    const seen = new Map<number, Recording[]>();
    return {
      hot: () => true,
      hotExit: () => true,
      stopAt: netStop,
      recorded(recording) {
        const { start, from } = recording;
        const traces = [...(seen.get(start) ?? []), recording];
        if (traces.length < observe) {
          seen.set(start, traces);
          if (from) rearmExit(machine.memory, from.exit, 1);
          else machine.heads.rearm(start, 1);
          return null;
        }
        seen.delete(start);
        return compileCombined(machine, traces, Math.min(least, traces.length));
      },
    };
  },
};
