/**
 * Orders and dominators of any graph with one entry (Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm", 2001):
 * regions of IR and machine code have the same.
 */

/**
 * Nodes that are reached, each after everything that dominates it. `mark`: true where the node was not marked before, which it
 * is from then on.
 */
export function reversePostorder<T>(entry: T, next: (node: T) => readonly T[], mark: (node: T) => boolean): T[] {
  mark(entry);
  const post: T[] = [];
  const nodes: T[] = [entry];
  const nexts: (readonly T[])[] = [next(entry)];
  const at: number[] = [0];
  while (nodes.length > 0) {
    const top = nodes.length - 1;
    const to = nexts[top]![at[top]!++];
    if (to === undefined) {
      post.push(nodes.pop()!);
      nexts.pop();
      at.pop();
    } else if (mark(to)) {
      nodes.push(to);
      nexts.push(next(to));
      at.push(0);
    }
  }
  return post.reverse();
}

/** Immediate dominators of nodes by position in reverse postorder, out of their predecessors by position; 0 for the entry. */
export function immediateDominators(before: readonly (readonly number[])[]): Int32Array {
  const idoms = new Int32Array(before.length).fill(-1);
  idoms[0] = 0;
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      while (a > b) a = idoms[a]!;
      while (b > a) b = idoms[b]!;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < before.length; i++) {
      let best = -1;
      for (const j of before[i]!) if (idoms[j] !== -1) best = best === -1 ? j : meet(best, j);
      if (best !== idoms[i]) {
        idoms[i] = best;
        changed = true;
      }
    }
  }
  return idoms;
}
