/**
 * Dominators (Cooper, Harvey, Kennedy) and natural loops of a region. Computed anew by each pass that needs them: a
 * region has few blocks and many instructions, so this costs next to nothing and nothing has to be kept valid.
 */
import { type Block, type Region, successors } from './ir.ts';

export interface DomTree {
  /** Reachable blocks in reverse postorder: a block comes after everything that dominates it. */
  readonly order: Block[];
  /** Position in `order`. */
  readonly index: Map<Block, number>;
  /** Immediate dominator; null for the entry. */
  readonly idom: Map<Block, Block | null>;
  readonly children: Map<Block, Block[]>;
  /** True when every path from the entry to `b` goes through `a` (also for a === b). */
  dominates(a: Block, b: Block): boolean;
}

export interface Loop {
  readonly header: Block;
  readonly blocks: Set<Block>;
  /** The only block that enters the loop from outside, when it has no other successor. */
  readonly preheader: Block | null;
  /** Predecessors of the header inside the loop. */
  readonly latches: Block[];
  parent: Loop | null;
}

function reversePostorder(entry: Block): Block[] {
  const seen = new Set<Block>([entry]);
  const post: Block[] = [];
  const stack: { block: Block; next: Block[] }[] = [{ block: entry, next: successors(entry) }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const to = top.next.shift();
    if (to === undefined) {
      post.push(top.block);
      stack.pop();
    } else if (!seen.has(to)) {
      seen.add(to);
      stack.push({ block: to, next: successors(to) });
    }
  }
  return post.reverse();
}

export function domTree(region: Region): DomTree {
  const entry = region.blocks[0]!;
  const order = reversePostorder(entry);
  const index = new Map(order.map((b, i) => [b, i]));
  const idoms: number[] = order.map(() => -1);
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
    for (let i = 1; i < order.length; i++) {
      let best = -1;
      for (const p of order[i]!.preds) {
        const j = index.get(p);
        if (j === undefined || idoms[j] === -1) continue;
        best = best === -1 ? j : meet(best, j);
      }
      if (best !== idoms[i]) {
        idoms[i] = best;
        changed = true;
      }
    }
  }
  const idom = new Map<Block, Block | null>(order.map((b, i) => [b, i === 0 ? null : order[idoms[i]!]!]));
  const children = new Map<Block, Block[]>(order.map((b) => [b, []]));
  for (const [b, d] of idom) if (d) children.get(d)!.push(b);
  const dominates = (a: Block, b: Block): boolean => {
    const to = index.get(a);
    let at = index.get(b);
    if (to === undefined || at === undefined) return false;
    while (at > to) at = idoms[at]!;
    return at === to;
  };
  return { order, index, idom, children, dominates };
}

/** Loops of the region, inner ones before those around them. */
export function findLoops(dom: DomTree): Loop[] {
  const loops: Loop[] = [];
  for (const header of [...dom.order].reverse()) {
    const latches = header.preds.filter((p) => dom.dominates(header, p));
    if (latches.length === 0) continue;
    const blocks = new Set<Block>([header]);
    const work = [...latches];
    for (let b = work.pop(); b; b = work.pop()) {
      if (blocks.has(b)) continue;
      blocks.add(b);
      work.push(...b.preds.filter((p) => dom.index.has(p)));
    }
    const outside = header.preds.filter((p) => !blocks.has(p));
    const only = outside.length === 1 ? outside[0]! : null;
    const preheader = only && successors(only).length === 1 ? only : null;
    loops.push({ header, blocks, preheader, latches, parent: null });
  }
  loops.sort((a, b) => a.blocks.size - b.blocks.size);
  for (const [i, loop] of loops.entries()) {
    loop.parent = loops.slice(i + 1).find((l) => l.blocks.has(loop.header)) ?? null;
  }
  return loops;
}
