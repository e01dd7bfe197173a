/**
 * Dominators and natural loops of a region. A pass asks for them whenever it needs them: they
 * are kept with the region and made anew where its blocks or edges are others than at the last time, which is looked up
 * rather than declared, so that no pass can forget to say that it has changed the graph.
 */
import { immediateDominators, reversePostorder } from './dominators.ts';
import { type Block, type Region, successors } from './ir.ts';

/** Something for each block, by the block's number. */
export class BlockMap<T> {
  readonly #values: (T | undefined)[] = [];

  get(block: Block): T | undefined {
    return this.#values[block.id];
  }

  has(block: Block): boolean {
    return this.#values[block.id] !== undefined;
  }

  set(block: Block, value: T): void {
    this.#values[block.id] = value;
  }
}

export interface Loop {
  readonly header: Block;
  readonly blocks: ReadonlySet<Block>;
  /** The only block that enters the loop from outside, when it has no other successor. */
  readonly preheader: Block | null;
  /** Predecessors of the header inside the loop. */
  readonly latches: readonly Block[];
  readonly parent: Loop | null;
}

export class DomTree {
  /** Reachable blocks in reverse postorder: a block comes after everything that dominates it. */
  readonly order: readonly Block[];
  /** Position in `order`. */
  readonly index = new BlockMap<number>();
  /** Immediate dominator; null for the entry. */
  readonly idom = new BlockMap<Block | null>();
  readonly children = new BlockMap<Block[]>();
  /** By position in `order`: numbers of the subtree below it in a walk of the tree, first and last. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  #loops: readonly Loop[] | null = null;

  constructor(region: Region) {
    const order = blocksInOrder(region.blocks[0]!);
    this.order = order;
    order.forEach((b, i) => {
      this.index.set(b, i);
      this.children.set(b, []);
    });
    const idoms = immediateDominators(predecessors(order, this.index));
    order.forEach((b, i) => {
      const d = i === 0 ? null : order[idoms[i]!]!;
      this.idom.set(b, d);
      if (d) this.children.get(d)!.push(b);
    });
    // A block comes after its dominator in `order`, so sizes of subtrees add up backwards and numbers forwards.
    const size = new Int32Array(order.length).fill(1);
    for (let i = order.length - 1; i > 0; i--) size[idoms[i]!]! += size[i]!;
    this.#first = new Int32Array(order.length);
    this.#last = new Int32Array(order.length);
    const next = new Int32Array(order.length);
    for (let i = 0; i < order.length; i++) {
      const d = idoms[i]!;
      const at = i === 0 ? 0 : next[d]!;
      if (i > 0) next[d] = at + size[i]!;
      this.#first[i] = at;
      this.#last[i] = at + size[i]! - 1;
      next[i] = at + 1;
    }
  }

  /** True when every path from the entry to `b` goes through `a` (also for a === b). */
  dominates(a: Block, b: Block): boolean {
    const over = this.index.get(a);
    const under = this.index.get(b);
    if (over === undefined || under === undefined) return false;
    const at = this.#first[under]!;
    return at >= this.#first[over]! && at <= this.#last[over]!;
  }

  /** Loops of the region, inner ones before those around them. */
  get loops(): readonly Loop[] {
    this.#loops ??= naturalLoops(this);
    return this.#loops;
  }
}

function blocksInOrder(entry: Block): Block[] {
  const seen = new BlockMap<true>();
  return reversePostorder(entry, successors, (b) => {
    if (seen.has(b)) return false;
    seen.set(b, true);
    return true;
  });
}

/** Immediate dominators of blocks of which only the predecessors are known yet. `order`: in reverse postorder. */
export function dominatorsOf(order: readonly Block[]): BlockMap<Block> {
  const index = new BlockMap<number>();
  order.forEach((b, i) => {
    index.set(b, i);
  });
  const out = new BlockMap<Block>();
  immediateDominators(predecessors(order, index)).forEach((d, i) => {
    if (i > 0) out.set(order[i]!, order[d]!);
  });
  return out;
}

/** Positions in `order` of the predecessors that are there. */
function predecessors(order: readonly Block[], index: BlockMap<number>): number[][] {
  return order.map((b) => b.preds.map((p) => index.get(p)).filter((i) => i !== undefined));
}

function naturalLoops(dom: DomTree): Loop[] {
  const loops: { -readonly [K in keyof Loop]: Loop[K] }[] = [];
  for (let i = dom.order.length - 1; i >= 0; i--) {
    const header = dom.order[i]!;
    const latches = header.preds.filter((p) => dom.dominates(header, p));
    if (latches.length === 0) continue;
    const blocks = new Set<Block>([header]);
    const work = [...latches];
    for (let b = work.pop(); b; b = work.pop()) {
      if (blocks.has(b)) continue;
      blocks.add(b);
      for (const p of b.preds) if (dom.index.has(p)) work.push(p);
    }
    const outside = header.preds.filter((p) => !blocks.has(p));
    const only = outside.length === 1 ? outside[0]! : null;
    const preheader = only && successors(only).length === 1 ? only : null;
    loops.push({ header, blocks, preheader, latches, parent: null });
  }
  loops.sort((a, b) => a.blocks.size - b.blocks.size);
  for (const [i, loop] of loops.entries()) {
    for (let j = i + 1; j < loops.length && !loop.parent; j++) {
      if (loops[j]!.blocks.has(loop.header)) loop.parent = loops[j]!;
    }
  }
  return loops;
}

/** The tree of a region as its graph was then: every block, followed by its predecessors and null. */
interface Known {
  readonly graph: readonly (Block | null)[];
  readonly tree: DomTree;
}

const known = new WeakMap<Region, Known>();

function graphOf(region: Region): (Block | null)[] {
  const graph: (Block | null)[] = [];
  for (const b of region.blocks) {
    graph.push(b);
    for (const p of b.preds) graph.push(p);
    graph.push(null);
  }
  return graph;
}

function sameGraph(region: Region, graph: readonly (Block | null)[]): boolean {
  let i = 0;
  for (const b of region.blocks) {
    if (graph[i++] !== b) return false;
    for (const p of b.preds) if (graph[i++] !== p) return false;
    if (graph[i++] !== null) return false;
  }
  return i === graph.length;
}

/** Dominators of the region as it is now. */
export function domTree(region: Region): DomTree {
  const last = known.get(region);
  if (last && sameGraph(region, last.graph)) return last.tree;
  const tree = new DomTree(region);
  known.set(region, { graph: graphOf(region), tree });
  return tree;
}

/** Loops of the region, inner ones before those around them. */
export function findLoops(dom: DomTree): readonly Loop[] {
  return dom.loops;
}
