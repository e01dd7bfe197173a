/**
 * pprof's profile.proto (https://github.com/google/pprof/blob/main/proto/profile.proto), compressed. Two values a stack:
 * calls and instructions.
 */
import { gzipSync } from 'node:zlib';
import type { CountsExporter } from './exporter.ts';
import { Message } from './protobuf.ts';
import { eachContext, FunctionIndex } from './tree.ts';

export const exporter: CountsExporter = {
  name: 'pprof',
  doc: 'pprof protocol buffer, compressed: calls and instructions by stack',
  extension: 'pb.gz',
  from: 'counts',
  write({ contexts, source }, { path }) {
    const strings = new Map([['', 0]]);
    const text = (s: string) => {
      const known = strings.get(s) ?? strings.size;
      strings.set(s, known);
      return known;
    };
    const valueType = (type: string, unit: string) => new Message().number(1, text(type)).number(2, text(unit));
    const profile = new Message();
    profile.message(1, valueType('calls', 'count')).message(1, valueType('instructions', 'count'));
    const functions = new FunctionIndex();
    eachContext(contexts, (node, chain) => {
      // Innermost first; numbers of locations begin at 1.
      const stack = chain.map((n) => functions.of(n) + 1).reverse();
      if (node.self + node.calls > 0)
        profile.message(2, new Message().numbers(1, stack).numbers(2, [node.calls, node.self]));
    });
    const mapping = new Message().number(1, 1).number(5, text(path)).number(7, 1);
    if (source) mapping.number(8, 1).number(9, 1);
    profile.message(3, mapping);
    functions.list.forEach((f, i) => {
      const place = source?.ofFunction(f.func);
      const line = new Message().number(1, i + 1);
      if (place) line.number(2, place.line);
      profile.message(
        4,
        new Message()
          .number(1, i + 1)
          .number(2, 1)
          .number(3, f.offset)
          .message(4, line),
      );
      const named = new Message()
        .number(1, i + 1)
        .number(2, text(f.name))
        .number(3, text(f.name))
        .number(4, text(place?.file ?? path));
      if (place) named.number(5, place.line);
      profile.message(5, named);
    });
    profile.number(14, text('instructions'));
    for (const s of strings.keys()) profile.text(6, s);
    return { '': gzipSync(profile.view()) };
  },
};
