/**
 * Combined LEI: the last iterations of a hot cycle are observed several times, and what occurs in several of them becomes
 * one region, as in combined NET.
 */
import { compileCombined } from '../combine.ts';
import { iterations } from '../iterations.ts';
import type { SelectionPolicy } from '../policy.ts';
import type { Recording } from '../recorder.ts';

export const combinedLei: SelectionPolicy = {
  name: 'combined-lei',
  doc: 'regions of several last executed iterations, observed at each hot cycle before it is compiled',
  source: 'Hiniker, Hazelwood and Smith, MICRO 2005, section 4',
  regions: true,
  history: true,
  params: {
    cycles: { default: 20, doc: 'cycles before iterations are observed (T_cyc less T_prof)' },
    buffer: { default: 4000, doc: 'instructions that the history goes back' },
    observe: { default: 15, doc: 'traces that are observed (T_prof)' },
    least: { default: 5, doc: 'traces that must have a block (T_min)' },
  },
  create(machine, params) {
    const seen = new Map<number, Recording[]>();
    const { observe = 1, least = 1 } = params;
    return iterations(machine, params, (recording) => {
      const traces = [...(seen.get(recording.start) ?? []), recording];
      if (traces.length < observe) {
        seen.set(recording.start, traces);
        return 'more';
      }
      seen.delete(recording.start);
      return compileCombined(machine, traces, Math.min(least, traces.length));
    });
  },
};
