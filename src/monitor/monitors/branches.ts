/** Branches: how often each went which way. */
import { count, percent, table } from '../../cli/text.ts';
import { defineMonitor } from '../monitor.ts';

export interface Branch {
  func: number;
  offset: number;
  place: string;
  op: string;
  /** Taken, not taken; then, else; targets of a br_table in order, the default last. */
  outcomes: number[];
}

const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);

export const monitor = defineMonitor<Branch[]>({
  name: 'branches',
  doc: 'outcomes of every conditional branch and br_table',
  counts: true,
  start: (guest) => ({
    result: (counts) =>
      counts
        .functions()
        .flatMap((f) => f.branches)
        .filter((b) => sum(b.outcomes) > 0)
        .map((b) => ({
          func: b.func,
          offset: b.offset,
          place: guest.place(b.func, b.offset),
          op: b.op,
          outcomes: [...b.outcomes],
        }))
        .sort((a, b) => sum(b.outcomes) - sum(a.outcomes) || a.offset - b.offset),
    text: (list, top) =>
      table(
        ['branch', 'instruction', '>times', '>most often', 'outcomes'],
        list.slice(0, top).map((b) => {
          const all = sum(b.outcomes);
          const shown = b.outcomes.slice(0, 8).map(count).join(' ');
          return [
            b.place,
            b.op,
            count(all),
            `${percent(Math.max(...b.outcomes), all)} %`,
            b.outcomes.length > 8 ? `${shown} ...` : shown,
          ];
        }),
      ),
  }),
});
