/** Host calls: how often each imported function was called directly, from where. */
import { count, table } from '../../cli/text.ts';
import { BodyReader } from '../../wasm/body.ts';
import { defineMonitor } from '../monitor.ts';

export interface HostCall {
  /** Module and name of the import. */
  import: string;
  func: number;
  calls: number;
  /** Calls by place, most frequent first. */
  from: [place: string, count: number][];
}

export const monitor = defineMonitor<HostCall[]>({
  name: 'host-calls',
  doc: 'calls of imported functions, by import and place',
  counts: true,
  start: ({ module, place }) => ({
    result(counts) {
      const calls = new Map<number, Map<string, number>>();
      for (const f of counts.functions()) {
        const executed = new Map(f.offsets.map((offset, i) => [offset, f.completed[i] as number]));
        const body = new BodyReader(module, f.func);
        while (body.next()) {
          const { offset, op, a } = body;
          const n = executed.get(offset) ?? 0;
          if (n === 0 || !(op.name === 'call' || op.name === 'return_call') || a >= module.importedFunctions) continue;
          const from = calls.get(a) ?? new Map<string, number>();
          calls.set(a, from.set(place(f.func, offset), n));
        }
      }
      const imports = module.imports.filter((i) => i.kind === 'func');
      return [...calls]
        .map(([func, from]) => ({
          import: `${imports[func]?.module}.${imports[func]?.name}`,
          func,
          calls: [...from.values()].reduce((a, b) => a + b, 0),
          from: [...from].sort((a, b) => b[1] - a[1]),
        }))
        .sort((a, b) => b.calls - a.calls || a.func - b.func);
    },
    text: (list, top) =>
      list.length === 0
        ? 'no import was called'
        : table(
            ['import', '>calls', 'most often from', '>calls'],
            list.slice(0, top).map((h) => [h.import, count(h.calls), h.from[0]?.[0] ?? '', count(h.from[0]?.[1] ?? 0)]),
          ),
  }),
});
