/** Folded stacks, one a line: `main;sort;swap 1200`. What flamegraph.pl, inferno and speedscope read. */
import type { CountsExporter } from './exporter.ts';
import { eachContext } from './tree.ts';

/** Semicolons separate frames; the weight stands behind the last blank. */
const clean = (name: string) => name.replaceAll(';', ':').replaceAll('\n', ' ');

export const exporter: CountsExporter = {
  name: 'folded',
  doc: 'folded stacks for flame graphs, weighted by instructions',
  extension: 'folded',
  from: 'counts',
  write({ contexts }) {
    const lines: string[] = [];
    eachContext(contexts, (node, chain) => {
      if (node.self > 0) lines.push(`${chain.map((n) => clean(n.name)).join(';')} ${node.self}\n`);
    });
    return { '': lines.join('') };
  },
};
