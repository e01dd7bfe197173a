/** speedscope's own format (https://www.speedscope.app/file-format-schema.json): weighted stacks. */
import type { CountsExporter } from './exporter.ts';
import { eachContext, FunctionIndex } from './tree.ts';

export const exporter: CountsExporter = {
  name: 'speedscope',
  doc: 'speedscope JSON: stacks weighted by instructions',
  extension: 'speedscope.json',
  from: 'counts',
  write({ contexts, source }, { path, version }) {
    const functions = new FunctionIndex();
    const samples: number[][] = [];
    const weights: number[] = [];
    eachContext(contexts, (node, chain) => {
      const stack = chain.map((n) => functions.of(n));
      if (node.self === 0) return;
      samples.push(stack);
      weights.push(node.self);
    });
    const endValue = weights.reduce((a, b) => a + b, 0);
    const file = {
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      exporter: `wynamo ${version}`,
      name: path,
      activeProfileIndex: 0,
      shared: {
        frames: functions.list.map((f) => {
          const place = source?.ofFunction(f.func);
          return place
            ? { name: f.name, file: place.file, line: place.line, col: place.column }
            : { name: f.name, file: path, col: f.offset };
        }),
      },
      profiles: [{ type: 'sampled', name: path, unit: 'none', startValue: 0, endValue, samples, weights }],
    };
    return { '': JSON.stringify(file) };
  },
};
