/**
 * Opcode pairs: which instruction follows which in one activation, along every way that control took. What an interpreter's
 * designer wants for superinstructions.
 */
import { count, percent, table } from '../../cli/text.ts';
import { defineMonitor } from '../monitor.ts';
import { opsAt } from '../ops.ts';

export interface Pairs {
  total: number;
  /** Executions by `first second`, most frequent first. */
  pairs: Record<string, number>;
}

export const monitor = defineMonitor<Pairs>({
  name: 'pairs',
  doc: 'executions of each two opcodes in a row',
  counts: true,
  start: ({ module }) => ({
    result(counts) {
      const pairs = new Map<string, number>();
      let total = 0;
      for (const f of counts.functions()) {
        const ops = opsAt(module, f.func);
        f.pairs((first, second, n) => {
          if (n === 0) return;
          const key = `${ops.get(first)?.name} ${ops.get(second)?.name}`;
          pairs.set(key, (pairs.get(key) ?? 0) + n);
          total += n;
        });
      }
      const sorted = [...pairs].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
      return { total, pairs: Object.fromEntries(sorted) };
    },
    text: (r, top) =>
      table(
        ['pair', '>times', '>%'],
        Object.entries(r.pairs)
          .slice(0, top)
          .map(([pair, n]) => [pair, count(n), percent(n, r.total)]),
      ),
  }),
});
