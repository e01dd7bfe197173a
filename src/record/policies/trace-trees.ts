/**
 * Trace trees. A hot loop head is the root of a tree; its first path is the iteration that is executed next. When an exit
 * of the tree is hot, what is executed from there until control comes back to the root becomes another path, and the
 * tree is compiled anew as a whole. Paths that part never join before the root (tail duplication), so every value has
 * one definition on each path.
 *
 * An outer loop becomes part of the tree of its inner loop, as a path that leads around it. Recordings that return out of
 * the root's frame, or go round another loop too often, are given up. Entries of functions are no roots: recursion is
 * left to the interpreter, as in the papers.
 */
import type { Fragment, FragmentExit } from '../../cache/fragment.ts';
import { rearmExit } from '../../cache/rearm.ts';
import type { GraphBlock } from '../../region/graph.ts';
import { type PathNode, PathTree } from '../../region/paths.ts';
import type { SelectionPolicy } from '../policy.ts';
import { netStop } from '../rules.ts';

interface Tree {
  paths: PathTree;
  nodes: ReadonlyMap<GraphBlock, readonly PathNode[]>;
  count: number;
}

export const traceTrees: SelectionPolicy = {
  name: 'trace-trees',
  doc: 'trees of loop paths: each hot exit adds a path back to the root, without joins',
  source: 'Gal and Franz, UC Irvine ICS-TR-06-16, 2006, section 3; Gal, Probst and Franz (HotpathVM), VEE 2006',
  regions: true,
  params: {
    paths: { default: 40, doc: 'paths of a tree at most' },
    unroll: { default: 2, doc: 'arrivals of a path at the head of another loop at most' },
  },
  create(machine, { paths: most = 0, unroll = 0 }) {
    const { compiler, regions, heads, options, memory } = machine;
    const trees = new Map<number, Tree>();
    /** Where recordings that begin at an exit part from their tree. */
    const parts = new Map<FragmentExit, { tree: Tree; after: PathNode | null }>();

    const make = (tree: Tree, start: number) => {
      const made = tree.paths.graph();
      if (!made) return 'empty' as const;
      if (made.graph.size > options.maxRegion) return 'too-large' as const;
      const reason = compiler.compileRegion({ start, graph: made.graph, trigger: options.hotExit * tree.count });
      if (reason === null) tree.nodes = made.nodes;
      return reason;
    };

    return {
      hot(pc) {
        if (!regions.enabled) return true;
        if (heads.kindAt(pc) === 'head') return true;
        heads.rearm(pc, Number.POSITIVE_INFINITY);
        return false;
      },
      hotExit(fragment, exit, fp) {
        if (!regions.enabled) return true;
        const tree = trees.get(fragment.pc);
        const after = tree && tree.count < most ? nodeBefore(tree, fragment, exit) : undefined;
        if (!tree || after === undefined) {
          rearmExit(memory, exit, Number.POSITIVE_INFINITY);
          return false;
        }
        parts.set(exit, { tree, after });
        return { pc: fragment.pc, fp: fp - exit.snap.fp };
      },
      stopAt(view) {
        if (!regions.enabled) return netStop(view);
        if (view.atStart || view.startElsewhere) return true;
        return view.kind === 'enter' ? view.recursion > 0 : view.visits >= unroll;
      },
      recorded(recording) {
        if (!regions.enabled) return compiler.compile(recording);
        const { from, start, pcs, end, loops } = recording;
        if (!loops) return 'no-loop';
        const path = { pcs, end, closes: true };
        const parted = from && parts.get(from.exit);
        if (parted) {
          const { tree, after } = parted;
          if (!tree.paths.add(path, after)) return 'no-loop';
          tree.count++;
          return make(tree, tree.paths.start);
        }
        const tree: Tree = { paths: new PathTree(machine, start, true), nodes: new Map(), count: 1 };
        tree.paths.add(path);
        trees.set(start, tree);
        return make(tree, start);
      },
    };
  },
};

/** The node behind which an exit leaves; null: before the root; undefined where that is not known. */
function nodeBefore(tree: Tree, { region }: Fragment, exit: FragmentExit): PathNode | null | undefined {
  if (!region || exit.step < 0) return undefined;
  let block: GraphBlock | undefined;
  for (const b of region.graph.blocks) {
    const first = region.first.get(b.id) as number;
    if (first <= exit.step && (!block || first >= (region.first.get(block.id) as number))) block = b;
  }
  const nodes = block && tree.nodes.get(block);
  const [head] = nodes ?? [];
  if (!block || !nodes || !head) return undefined;
  const at = exit.step - (region.first.get(block.id) as number) - (block.via === 0 ? 0 : 1) - (exit.behind ? 0 : 1);
  return at < 0 ? head.parent : nodes[at];
}
