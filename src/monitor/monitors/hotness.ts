/** Hotness: how often each instruction was executed, and the hottest functions by their instructions. */
import { count, percent, table } from '../../cli/text.ts';
import { defineMonitor } from '../monitor.ts';

export interface HotFunction {
  func: number;
  name: string;
  entries: number;
  instructions: number;
  /** Byte offset and executions of each instruction, ascending by offset. */
  executed: [offset: number, count: number][];
}

export const monitor = defineMonitor<HotFunction[]>({
  name: 'hotness',
  doc: 'executions of every function and instruction',
  counts: true,
  start: (guest) => ({
    result: (counts) =>
      counts
        .functions()
        .map((f) => ({
          func: f.func,
          name: guest.name(f.func),
          entries: f.entries,
          instructions: f.instructions,
          executed: f.offsets.map((offset, i): [number, number] => [offset, f.completed[i] as number]),
        }))
        .sort((a, b) => b.instructions - a.instructions || a.func - b.func),
    text(list, top) {
      const total = list.reduce((sum, f) => sum + f.instructions, 0);
      const hottest = (f: HotFunction) =>
        f.executed.reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0] as [number, number]);
      return table(
        ['function', '>entries', '>instructions', '>%', 'hottest', '>times'],
        list.slice(0, top).map((f) => {
          const [offset, times] = hottest(f);
          return [
            f.name,
            count(f.entries),
            count(f.instructions),
            percent(f.instructions, total),
            `+0x${offset.toString(16)}`,
            count(times),
          ];
        }),
      );
    },
  }),
});
