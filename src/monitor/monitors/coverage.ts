/** Coverage: which functions, instructions and outcomes of branches were executed at all. */
import { count, percent, table } from '../../cli/text.ts';
import { defineMonitor } from '../monitor.ts';
import { opsAt } from '../ops.ts';

export interface CoveredFunction {
  func: number;
  name: string;
  /** Byte offset of the body. */
  offset: number;
  entries: number;
  instructions: { all: number; executed: number };
  branches: { all: number; taken: number };
}

export const monitor = defineMonitor<CoveredFunction[]>({
  name: 'coverage',
  doc: 'functions, instructions and branch outcomes that were executed (--lcov=FILE writes it for genhtml)',
  counts: true,
  start: ({ module, name }) => ({
    result: (counts) =>
      module.code.map((body, i) => {
        const func = module.importedFunctions + i;
        const f = counts.of(func);
        const outcomes = f?.branches.flatMap((b) => b.outcomes) ?? [];
        return {
          func,
          name: name(func),
          offset: body.start,
          entries: f?.entries ?? 0,
          instructions: { all: opsAt(module, func).size, executed: f?.completed.filter((n) => n > 0).length ?? 0 },
          branches: { all: outcomes.length, taken: outcomes.filter((n) => n > 0).length },
        };
      }),
    text(list, top) {
      const entered = list.filter((f) => f.entries > 0);
      const sum = (of: (f: CoveredFunction) => number) => list.reduce((n, f) => n + of(f), 0);
      const [done, all] = [sum((f) => f.instructions.executed), sum((f) => f.instructions.all)];
      const head = `${count(entered.length)} of ${count(list.length)} functions, ${count(done)} of ${count(all)} instructions (${percent(done, all)} %)`;
      const rows = entered
        .toSorted((a, b) => b.instructions.all - a.instructions.all)
        .slice(0, top)
        .map((f) => [
          f.name,
          count(f.entries),
          `${percent(f.instructions.executed, f.instructions.all)} % of ${f.instructions.all}`,
          f.branches.all > 0 ? `${percent(f.branches.taken, f.branches.all)} % of ${f.branches.all}` : '',
        ]);
      return `${head}\n${table(['function', '>entries', '>instructions', '>branch outcomes'], rows)}`;
    },
  }),
});
