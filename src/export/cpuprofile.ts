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
  write({ contexts, source }, { path }) {
    const nodes: CallNode[] = [];
    const samples: number[] = [];
    const timeDeltas: number[] = [];
    /** Scripts are files; the module itself is the first. */
    const scripts = new Map([[path, '1']]);
    const frame = ({ func, name, offset }: Pick<ContextNode, 'func' | 'name' | 'offset'>): CallNode['callFrame'] => {
      const place = source?.ofFunction(func);
      // Without a source, columns are byte offsets, as in the host's own profiles of Wasm.
      if (!place) return { functionName: name, scriptId: '1', url: path, lineNumber: 0, columnNumber: offset };
      const scriptId = scripts.get(place.file) ?? String(scripts.size + 1);
      scripts.set(place.file, scriptId);
      // Lines and columns count from 0 here.
      const [lineNumber, columnNumber] = [place.line - 1, Math.max(0, place.column - 1)];
      return { functionName: name, scriptId, url: place.file, lineNumber, columnNumber };
    };
    const add = (callFrame: CallNode['callFrame'], self: number): CallNode => {
      const id = nodes.length + 1;
      const node = { id, callFrame, hitCount: self > 0 ? 1 : 0, children: [] };
      nodes.push(node);
      return node;
    };
    let before = 0;
    const visit = (context: ContextNode, parent: CallNode) => {
      const node = add(frame(context), context.self);
      parent.children.push(node.id);
      if (context.self > 0) {
        // A delta leads from the sample before, which lasts that long.
        samples.push(node.id);
        timeDeltas.push(before);
        before = context.self;
      }
      for (const child of context.children) visit(child, node);
    };
    const root = add(frame({ func: -1, name: '(root)', offset: -1 }), 0);
    for (const context of contexts) visit(context, root);
    samples.push(root.id);
    timeDeltas.push(before);
    const endTime = timeDeltas.reduce((a, b) => a + b, 0);
    return { '': JSON.stringify({ nodes, startTime: 0, endTime, samples, timeDeltas }) };
  },
};
