/**
 * Callgrind's format (https://valgrind.org/docs/manual/cl-format.html), for KCachegrind and callgrind_annotate: the cost of
 * every instruction by its line in the listing, and calls with what they cost in all, from the calling contexts.
 */

import { type ContextNode, totals } from '../monitor/monitors/contexts.ts';
import { disassemble } from '../wasm/disasm.ts';
import type { CountsExporter } from './exporter.ts';
import { listing } from './listing.ts';
import { eachContext } from './tree.ts';

export const exporter: CountsExporter = {
  name: 'callgrind',
  doc: 'callgrind profile with its listing (.wat beside it) as the source',
  extension: 'callgrind',
  from: 'counts',
  write({ module, counts, contexts }, { output, version }) {
    const text = listing(module);
    const source = `${output}.wat`;
    const sums = totals(contexts);
    /** Calls and their cost by caller and callee. What recursion costs is in the cost of the outermost such call. */
    const calls = new Map<number, Map<ContextNode['func'], { node: ContextNode; calls: number; cost: number }>>();
    eachContext(contexts, (node, chain) => {
      const caller = chain.at(-2);
      if (!caller) return;
      const inner = chain.some(
        (n, i) => i < chain.length - 2 && n.func === caller.func && chain[i + 1]?.func === node.func,
      );
      const from = calls.get(caller.func) ?? new Map<number, { node: ContextNode; calls: number; cost: number }>();
      calls.set(caller.func, from);
      const sum = from.get(node.func) ?? { node, calls: 0, cost: 0 };
      from.set(node.func, {
        node,
        calls: sum.calls + node.calls,
        cost: sum.cost + (inner ? 0 : (sums.get(node) as number)),
      });
    });
    const name = (func: number) => text.names.get(func) ?? `f${func}`;
    const lines = [
      '# callgrind format',
      'version: 1',
      `creator: wynamo ${version}`,
      'positions: line',
      'events: Instructions',
    ];
    let all = 0;
    for (const f of counts.functions()) {
      lines.push('', `fl=${source}`, `fn=${name(f.func)}`);
      const completed = new Map(f.offsets.map((offset, i) => [offset, f.completed[i] as number]));
      for (const { offset } of disassemble(module, f.func)) {
        const n = completed.get(offset) ?? 0;
        if (n > 0) lines.push(`${text.lines.get(offset)} ${n}`);
      }
      all += f.instructions;
      for (const { node, calls: times, cost } of calls.get(f.func)?.values() ?? []) {
        lines.push(`cfl=${source}`, `cfn=${name(node.func)}`);
        lines.push(`calls=${times} ${text.first.get(node.func)}`, `${text.first.get(f.func)} ${cost}`);
      }
    }
    lines.push('', `totals: ${all}`);
    return { '': `${lines.join('\n')}\n`, '.wat': text.text };
  },
};
