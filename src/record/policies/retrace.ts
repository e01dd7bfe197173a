/**
 * Traces that leave returns to the hardware. A next executing tail that follows a call into the callee and back has to
 * check, at the return, that control goes where the trace went; the processor, which has predicted that return well from
 * its stack of return addresses, gets a jump instead that it must predict anew. ReTrace keeps calls calls: the trace makes
 * a real call of the callee's own code and goes on behind it, so that each return is predicted by the hardware.
 *
 * Here a call in a trace is a call, on the host's stack, of the fragment of its callee, and callees have traces of their
 * own from their entries on. Calls through tables are guarded and inlined, as in the other policies.
 */
import { PathTree } from '../../region/paths.ts';
import { cutAtReturn } from '../cut.ts';
import type { SelectionPolicy } from '../policy.ts';
import { netStop } from '../rules.ts';

export const retrace: SelectionPolicy = {
  name: 'retrace',
  doc: 'next executing tails whose calls stay calls of fragments, so that the hardware predicts returns',
  source: 'd’Antras, Gorgovan, Garside and Luján (MAMBO-X64), PLDI 2017, ReTrace',
  regions: true,
  create(machine) {
    const { compiler, regions, options } = machine;
    return {
      hot: () => true,
      hotExit: () => true,
      // What a callee does is no part of the trace.
      stopAt: (view) => (regions.enabled && view.inner ? false : netStop(view)),
      recorded(recording) {
        if (!regions.enabled) return compiler.compile(recording);
        const { start, pcs, end, loops, from } = cutAtReturn(machine, recording);
        const path = new PathTree(machine, start, false);
        path.add({ pcs, end, closes: loops });
        const made = path.graph();
        // It begins with something that no region contains.
        if (!made) return compiler.compile(recording);
        return compiler.compileRegion({ start, graph: made.graph, trigger: options.hotExit, from });
      },
    };
  },
};
