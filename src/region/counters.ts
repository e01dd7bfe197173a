/**
 * Chooses the blocks of a region that need a counter. The count of a block follows from its successors where it alone
 * leads to them (they and its exits are all that can follow), and from its predecessors where each leads to it alone
 * (what entered them and did not leave by an exit arrives). Inner loops are spared first.
 *
 * A simple form of optimal counter placement (Ball and Larus, "Optimally profiling and tracing programs", TOPLAS 1994).
 */
import type { GraphBlock } from './graph.ts';

/** Sets `count` of each block; returns the number of counters. `blocks`: in reverse postorder. */
export function assignCounters(blocks: readonly GraphBlock[]): number {
  const depends = new Map<GraphBlock, readonly GraphBlock[]>();
  const reaches = (from: GraphBlock, to: GraphBlock, seen: Set<GraphBlock>): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return (depends.get(from) ?? []).some((d) => reaches(d, to, seen));
  };
  const derive = (b: GraphBlock, from: readonly GraphBlock[], kind: 'succs' | 'preds'): boolean => {
    if (from.length === 0 || from.some((f) => reaches(f, b, new Set()))) return false;
    depends.set(b, from);
    b.count = { kind };
    return true;
  };
  let counters = 0;
  const rest: GraphBlock[] = [];
  for (const b of deepestFirst(blocks)) {
    const bySuccs = b.succs.every((s) => s.preds.length === 1 && !s.header);
    const byPreds = !b.header && b.preds.every((p) => p.succs.length === 1);
    if (byPreds && derive(b, b.preds, 'preds')) continue;
    if (bySuccs && derive(b, b.succs, 'succs')) continue;
    rest.push(b);
  }
  for (const b of rest) b.count = { kind: 'counter', index: counters++ };
  return counters;
}

/** Blocks by number of loops around them, the most first. */
function deepestFirst(blocks: readonly GraphBlock[]): GraphBlock[] {
  const depth = new Map<GraphBlock, number>();
  for (const header of blocks) {
    if (!header.header) continue;
    // The loop of a header: what reaches its back edges without passing it.
    const order = new Map(blocks.map((b, i) => [b, i]));
    const body = new Set([header]);
    const work = header.preds.filter((p) => (order.get(p) as number) >= (order.get(header) as number));
    for (let b = work.pop(); b; b = work.pop()) {
      if (body.has(b)) continue;
      body.add(b);
      work.push(...b.preds);
    }
    for (const b of body) depth.set(b, (depth.get(b) ?? 0) + 1);
  }
  return [...blocks].sort((a, b) => (depth.get(b) ?? 0) - (depth.get(a) ?? 0));
}
