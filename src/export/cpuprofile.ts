/**
 * V8's `.cpuprofile`, which Chromium's and Edge's developer tools and VS Code open: the tree of nodes, and one sample a node
 * whose length in microseconds is the node's own instructions.
 */

import type { ContextNode } from '../monitor/monitors/contexts.ts';
import type { CountsExporter } from './exporter.ts';

interface CallNode {
  id: number;
  callFrame: { functionName: string; scriptId: string; url: string; lineNumber: number; columnNumber: number };
  hitCount: number;
  children: number[];
}

export const exporter: CountsExporter = {
  name: 'cpuprofile',
  doc: 'V8 cpuprofile; a microsecond stands for an instruction',
  extension: 'cpuprofile',
  from: 'counts',
  write({ contexts }, { path }) {
    const nodes: CallNode[] = [];
    const samples: number[] = [];
    const timeDeltas: number[] = [];
    const add = (functionName: string, columnNumber: number, self: number): CallNode => {
      const id = nodes.length + 1;
      // Columns are byte offsets, as in the host's own profiles of Wasm.
      const callFrame = { functionName, scriptId: '1', url: path, lineNumber: 0, columnNumber };
      const node = { id, callFrame, hitCount: self > 0 ? 1 : 0, children: [] };
      nodes.push(node);
      return node;
    };
    let before = 0;
    const visit = (context: ContextNode, parent: CallNode) => {
      const node = add(context.name, context.offset, context.self);
      parent.children.push(node.id);
      if (context.self > 0) {
        // A delta leads from the sample before, which lasts that long.
        samples.push(node.id);
        timeDeltas.push(before);
        before = context.self;
      }
      for (const child of context.children) visit(child, node);
    };
    const root = add('(root)', -1, 0);
    for (const context of contexts) visit(context, root);
    samples.push(root.id);
    timeDeltas.push(before);
    const endTime = timeDeltas.reduce((a, b) => a + b, 0);
    return { '': JSON.stringify({ nodes, startTime: 0, endTime, samples, timeDeltas }) };
  },
};
