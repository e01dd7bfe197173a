/**
 * Combines observed traces of one head into a region of several paths: blocks that occur in enough of them, and blocks
 * on ways that come back to those (Hiniker, Hazelwood and Smith, MICRO 2005, section 4: marking blocks by frequency, then
 * paths that rejoin).
 */
import type { Machine } from '../machine/machine.ts';
import type { Ways } from '../region/edges.ts';
import type { RegionGraph } from '../region/graph.ts';
import type { Recording } from './recorder.ts';

/** The region of the traces; null where it is none (its root does not loop, say). `least`: traces that have a block. */
export function combined(machine: Machine, traces: readonly Recording[], least: number): RegionGraph | null {
  const [first] = traces;
  if (!first) return null;
  const next = new Map<number, Map<number, number>>();
  const found = new Map<number, number>();
  for (const { pcs, end } of traces) {
    for (const pc of new Set(pcs)) found.set(pc, (found.get(pc) ?? 0) + 1);
    pcs.forEach((pc, i) => {
      const to = pcs[i + 1] ?? end;
      const of = next.get(pc) ?? new Map<number, number>();
      next.set(pc, of.set(to, (of.get(to) ?? 0) + 1));
    });
  }
  const marked = new Set([...found].flatMap(([pc, n]) => (n >= least ? [pc] : [])));
  // Backwards from what is marked, until nothing is added.
  for (let grows = true; grows; ) {
    grows = false;
    for (const [pc, to] of next) {
      if (marked.has(pc) || ![...to.keys()].some((s) => marked.has(s))) continue;
      marked.add(pc);
      grows = true;
    }
  }
  const ways: Ways = {
    executions: (pc) => found.get(pc) ?? 0,
    covered: (pc, to) => marked.has(pc) && marked.has(to) && next.get(pc)?.has(to) === true,
    successors: (pc) => [...(next.get(pc)?.keys() ?? [])].filter((to) => marked.has(to)),
  };
  return machine.regions.graphOf(first.start, ways, machine.heads.kindAt(first.start) === null);
}

/** Makes a fragment of the region, or of the last trace alone where the traces make no region. */
export function compileCombined(machine: Machine, traces: readonly Recording[], least: number) {
  const last = traces.at(-1) as Recording;
  const graph = machine.regions.enabled ? combined(machine, traces, least) : null;
  if (graph && (graph.loops > 0 || graph.blocks.length > 1)) {
    const { start, from } = last;
    const reason = machine.compiler.compileRegion({ start, graph, trigger: machine.options.hotExit, from });
    if (reason === null) return null;
  }
  return machine.compiler.compile(last);
}
