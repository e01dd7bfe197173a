/**
 * Entries of a function that calls itself and whose entries are not counted. All flow in it is linear in them: what its
 * counters say, and for each entry a fixed number, which is 0 or the result of conservation. So
 *
 *     entries = calls from elsewhere + own calls without entries + entries * (own calls for each entry)
 *
 * has one solution unless every entry makes exactly one own call.
 */
import { type CounterPlan, type LostFlow, planCounters, solveFlow, vertexFlow } from './counters.ts';
import type { CallSite } from './entries.ts';
import type { FlowGraph } from './graph.ts';

/** Executions of the call sites, of the vertices that they are in. */
function executed(graph: FlowGraph, values: readonly number[], own: readonly CallSite[]): number {
  const flow = vertexFlow(graph, values);
  return own.reduce((sum, { offset }) => {
    const at = graph.offsets.indexOf(offset);
    return at < 0 ? sum : sum + (flow[graph.vertexOf[at] as number] as number);
  }, 0);
}

/** Own calls for each entry where all counters stand still. */
const forEach = (graph: FlowGraph, plan: CounterPlan, own: readonly CallSite[]) =>
  executed(
    graph,
    solveFlow(graph, plan, () => 0, [], 1),
    own,
  );

/** True where the equation has a solution. */
export function tellsRecursion(graph: FlowGraph, own: readonly CallSite[]): boolean {
  return forEach(graph, planCounters(graph, true), own) !== 1;
}

/** `from`: calls from elsewhere. `lostBefore`: own calls that were not made, since their line had been left before. */
export function recursiveEntries(
  graph: FlowGraph,
  plan: CounterPlan,
  own: readonly CallSite[],
  from: number,
  read: (i: number) => number,
  lost: readonly LostFlow[],
  lostBefore: number,
): number {
  const without = executed(graph, solveFlow(graph, plan, read, lost, 0), own) - lostBefore;
  return (from + without) / (1 - forEach(graph, plan, own));
}
