/**
 * What the machine does by default: next executing tails, until one path is not enough. A loop whose body has other loops
 * or calls, a hot function, and a loop or function with a hot exit become regions of all ways taken so far
 * (`region/regions.ts`); loops of one path and exits that lead out of regions are traces.
 */
import type { SelectionPolicy } from '../policy.ts';
import { netStop, netStopAtLoops } from '../rules.ts';

export const mixed: SelectionPolicy = {
  name: 'mixed',
  doc: 'the default: linear traces, and regions of all ways taken where a loop or function has several',
  source: 'this project: docs/design.md, "Which code is compiled"',
  regions: true,
  create(machine) {
    const { regions, heads, options } = machine;
    return {
      hot(pc) {
        const loop = heads.kindAt(pc) === 'head';
        if (!(loop ? regions.hotHead(pc) : regions.hotEntry(pc))) return true;
        // The interpreter looks at the patched head again when the count is below its trigger.
        if (heads.isPatched(pc)) heads.rearm(pc, loop ? options.hotLoop : options.hotEntry);
        return false;
      },
      hotExit: (fragment, exit) => !regions.hotExit(fragment, exit),
      stopAt: regions.enabled ? netStopAtLoops : netStop,
      recorded: (recording) => machine.compiler.compile(recording),
    };
  },
};
