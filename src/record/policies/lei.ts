/**
 * Last executed iteration. Where NET looks at what comes next, LEI looks back: a head that is found in the history of
 * executed branches has closed a cycle, and when it has done so often enough, the cycle is the trace. Cycles that go
 * through calls are one trace, inner loops first.
 */
import { iterations } from '../iterations.ts';
import type { SelectionPolicy } from '../policy.ts';

export const lei: SelectionPolicy = {
  name: 'lei',
  doc: 'last executed iteration: cycles found in a history of what was executed; linear traces only',
  source: 'Hiniker, Hazelwood and Smith, MICRO 2005, section 3',
  regions: false,
  history: true,
  params: {
    cycles: { default: 35, doc: 'cycles before a trace is made (T_cyc)' },
    buffer: { default: 4000, doc: 'instructions that the history goes back; the paper keeps 500 taken branches' },
  },
  create: (machine, params) => iterations(machine, params, (recording) => machine.compiler.compile(recording)),
};
