/** Depth-first order and loops of a region graph, which is reducible. */
import type { GraphBlock } from './graph.ts';

/** Blocks in postorder. */
export function postorder(root: GraphBlock): GraphBlock[] {
  return depthFirst(root, () => {});
}

/** Headers of loops, each with the blocks that lead back to it. */
export function findBackEdges(root: GraphBlock): Map<GraphBlock, GraphBlock[]> {
  const back = new Map<GraphBlock, GraphBlock[]>();
  depthFirst(root, (from, to) => {
    const list = back.get(to);
    if (list) list.push(from);
    else back.set(to, [from]);
  });
  return back;
}

/** Blocks of the loop with that header and those back edges. */
export function loopBody(header: GraphBlock, sources: readonly GraphBlock[]): Set<GraphBlock> {
  const body = new Set([header]);
  const work = [...sources];
  for (let b = work.pop(); b; b = work.pop()) {
    if (body.has(b)) continue;
    body.add(b);
    work.push(...b.preds);
  }
  return body;
}

/** `onBack` gets each edge to a block that is still being visited. */
function depthFirst(root: GraphBlock, onBack: (from: GraphBlock, to: GraphBlock) => void): GraphBlock[] {
  const out: GraphBlock[] = [];
  const state = new Map<GraphBlock, 'open' | 'done'>([[root, 'open']]);
  const stack: { block: GraphBlock; next: number }[] = [{ block: root, next: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const to = top.block.succs[top.next++];
    if (!to) {
      state.set(top.block, 'done');
      out.push(top.block);
      stack.pop();
      continue;
    }
    const s = state.get(to);
    if (s === 'open') onBack(top.block, to);
    else if (!s) {
      state.set(to, 'open');
      stack.push({ block: to, next: 0 });
    }
  }
  return out;
}
