/**
 * Calling contexts: for each chain of calls how often it was made and how many instructions were completed at its end. What
 * flame graphs are drawn from, but counted instead of sampled (Ammons, Ball, Larus, PLDI 1997). Of calls
 * that an error ended, the instructions are about right.
 */
import { count, percent, table } from '../../cli/text.ts';
import { SUM_START } from '../../instrument/instrument.ts';
import { defineMonitor } from '../monitor.ts';

export interface ContextNode {
  func: number;
  name: string;
  /** Byte offset of the body in the module. */
  offset: number;
  calls: number;
  /** Instructions in the function itself, in this context. */
  self: number;
  children: ContextNode[];
}

interface Node {
  readonly func: number;
  calls: number;
  self: number;
  readonly children: Map<number, Node>;
}

const node = (func: number): Node => ({ func, calls: 0, self: 0, children: new Map() });

/** Instructions of each context and of all that it called. */
export function totals(roots: readonly ContextNode[]): Map<ContextNode, number> {
  const sums = new Map<ContextNode, number>();
  const visit = (n: ContextNode): number => {
    const sum = n.children.reduce((all, child) => all + visit(child), n.self);
    sums.set(n, sum);
    return sum;
  };
  roots.forEach(visit);
  return sums;
}

export const monitor = defineMonitor<ContextNode[]>({
  name: 'contexts',
  doc: 'the calling context tree: calls and instructions of every chain of calls',
  counts: false,
  start({ module, name }) {
    const root = node(-1);
    const stack: Node[] = [root];
    let last = Number(SUM_START);
    return {
      contexts: true,
      event(site, event) {
        const now = event.number(0);
        const depth = event.number(1);
        (stack.at(-1) as Node).self += now - last;
        last = now;
        // Frames that an exception ended are still there.
        stack.length = Math.min(stack.length, depth + 1);
        if (site.kind === 'leave') return;
        const parent = stack.at(-1) as Node;
        let child = parent.children.get(site.func);
        if (!child) {
          child = node(site.func);
          parent.children.set(site.func, child);
        }
        child.calls++;
        stack.push(child);
      },
      result() {
        const plain = (n: Node): ContextNode => ({
          func: n.func,
          name: name(n.func),
          offset: module.code[n.func - module.importedFunctions]?.start ?? 0,
          calls: n.calls,
          self: Math.max(0, n.self),
          children: [...n.children.values()].map(plain),
        });
        return [...root.children.values()].map(plain);
      },
      text(roots, top) {
        const chains: { path: string; calls: number; self: number }[] = [];
        const visit = (n: ContextNode, path: string) => {
          const here = path === '' ? n.name : `${path} > ${n.name}`;
          chains.push({ path: here, calls: n.calls, self: n.self });
          for (const child of n.children) visit(child, here);
        };
        for (const n of roots) visit(n, '');
        const all = chains.reduce((sum, c) => sum + c.self, 0);
        chains.sort((a, b) => b.self - a.self);
        return table(
          ['>instructions', '>%', '>calls', 'chain'],
          chains.slice(0, top).map((c) => [count(c.self), percent(c.self, all), count(c.calls), c.path]),
        );
      },
    };
  },
});
