/**
 * Callgrind's format (https://valgrind.org/docs/manual/cl-format.html), for KCachegrind and callgrind_annotate: the cost of
 * every line, and calls with what they cost in all, from the calling contexts. Lines are those of the guest's source where the
 * module has debug information, else those of the module's listing.
 */

import { type ContextNode, totals } from '../monitor/monitors/contexts.ts';
import type { CountsExporter } from './exporter.ts';
import { countedLines } from './lines.ts';
import { eachContext } from './tree.ts';

export const exporter: CountsExporter = {
  name: 'callgrind',
  doc: 'callgrind profile by lines of the source, or of a listing (.wat beside it) where the module does not tell its source',
  extension: 'callgrind',
  from: 'counts',
  write({ module, counts, contexts, source }, { output, version }) {
    const text = countedLines(module, source, `${output}.wat`);
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
      const home = text.ofFunction(f.func);
      lines.push('', `fl=${home.file}`, `fn=${name(f.func)}`);
      let file = home.file;
      for (const [in_, costs] of text.sums(f)) {
        // Code of another file that was inlined.
        if (in_ !== file) lines.push(`${in_ === home.file ? 'fe' : 'fi'}=${in_}`);
        file = in_;
        for (const [line, cost] of costs) lines.push(`${line} ${cost}`);
      }
      if (file !== home.file) lines.push(`fe=${home.file}`);
      all += f.instructions;
      for (const { node, calls: times, cost } of calls.get(f.func)?.values() ?? []) {
        const callee = text.ofFunction(node.func);
        lines.push(`cfl=${callee.file}`, `cfn=${name(node.func)}`);
        lines.push(`calls=${times} ${callee.line}`, `${home.line} ${cost}`);
      }
    }
    lines.push('', `totals: ${all}`);
    return { '': `${lines.join('\n')}\n`, ...text.files };
  },
};
