/** Instruction mix: executions by opcode and by what instructions do. */
import { count, percent, table } from '../../cli/text.ts';
import { defineMonitor } from '../monitor.ts';
import { opsAt } from '../ops.ts';

export interface Mix {
  total: number;
  /** Executions by opcode, most frequent first. */
  opcodes: Record<string, number>;
  /** Executions by effect: `pure`, `load`, `control`, ... */
  effects: Record<string, number>;
}

const byCount = (map: Map<string, number>) =>
  Object.fromEntries([...map].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])));

export const monitor = defineMonitor<Mix>({
  name: 'mix',
  doc: 'executions by opcode and kind of instruction',
  counts: true,
  start: ({ module }) => ({
    result(counts) {
      const opcodes = new Map<string, number>();
      const effects = new Map<string, number>();
      let total = 0;
      for (const f of counts.functions()) {
        const ops = opsAt(module, f.func);
        f.offsets.forEach((offset, i) => {
          const n = f.completed[i] as number;
          const op = ops.get(offset);
          if (!op) return;
          total += n;
          opcodes.set(op.name, (opcodes.get(op.name) ?? 0) + n);
          effects.set(op.effect, (effects.get(op.effect) ?? 0) + n);
        });
      }
      return { total, opcodes: byCount(opcodes), effects: byCount(effects) };
    },
    text(mix, top) {
      const rows = (record: Record<string, number>) =>
        Object.entries(record)
          .slice(0, top)
          .map(([name, n]) => [name, count(n), percent(n, mix.total)]);
      return `${table(['opcode', '>times', '>%'], rows(mix.opcodes))}\n\n${table(['kind', '>times', '>%'], rows(mix.effects))}`;
    },
  }),
});
