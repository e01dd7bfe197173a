/** Nothing is compiled: the interpreter with all its counters, against which policies are compared. */
import type { SelectionPolicy } from '../policy.ts';

export const none: SelectionPolicy = {
  name: 'none',
  doc: 'nothing is selected: the interpreter alone, with its counters',
  source: 'the lower bound of any comparison',
  regions: false,
  create: ({ heads }) => ({
    hot(pc) {
      heads.rearm(pc, Number.POSITIVE_INFINITY);
      return false;
    },
    hotExit: () => false,
    stopAt: () => true,
    recorded: () => null,
  }),
};
