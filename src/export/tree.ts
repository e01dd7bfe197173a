/** Walks over calling context trees. */
import type { ContextNode } from '../monitor/monitors/contexts.ts';

/** Calls `visit` for each node with the chain that leads to it, itself last; callers before what they call. */
export function eachContext(
  roots: readonly ContextNode[],
  visit: (node: ContextNode, chain: readonly ContextNode[]) => void,
): void {
  const walk = (node: ContextNode, above: readonly ContextNode[]) => {
    const chain = [...above, node];
    visit(node, chain);
    for (const child of node.children) walk(child, chain);
  };
  for (const node of roots) walk(node, []);
}

/** Numbers functions in the order in which they are met. */
export class FunctionIndex {
  readonly list: ContextNode[] = [];
  private readonly known = new Map<number, number>();

  of(node: ContextNode): number {
    let index = this.known.get(node.func);
    if (index === undefined) {
      index = this.list.push(node) - 1;
      this.known.set(node.func, index);
    }
    return index;
  }
}
