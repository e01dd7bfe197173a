/** Loops: how often each was entered and came to its head, and how many trips each run of it made. */
import { count, table } from '../../cli/text.ts';
import { defineMonitor } from '../monitor.ts';

export interface Loop {
  func: number;
  offset: number;
  place: string;
  entries: number;
  heads: number;
  /** Arrivals at the head in one run of the loop: least, greatest, and runs by the power of two at or below. */
  least: number;
  most: number;
  histogram: Record<string, number>;
}

interface Trips {
  least: number;
  most: number;
  /** Runs by exponent. */
  runs: number[];
}

export const monitor = defineMonitor<Loop[]>({
  name: 'loops',
  doc: 'entries, trips and distribution of trips of every loop',
  counts: true,
  start(guest) {
    const trips = new Map<number, Trips>();
    return {
      trips: true,
      event(site, event) {
        const n = event.number(0);
        let t = trips.get(site.offset);
        if (!t) {
          t = { least: n, most: n, runs: [] };
          trips.set(site.offset, t);
        }
        t.least = Math.min(t.least, n);
        t.most = Math.max(t.most, n);
        const power = Math.floor(Math.log2(n));
        t.runs[power] = (t.runs[power] ?? 0) + 1;
      },
      result: (counts) =>
        counts
          .functions()
          .flatMap((f) => f.loops)
          .filter((l) => l.heads > 0)
          .map((l) => {
            const t = trips.get(l.offset);
            const histogram: Record<string, number> = {};
            t?.runs.forEach((n, power) => {
              histogram[String(2 ** power)] = n;
            });
            return {
              func: l.func,
              offset: l.offset,
              place: guest.place(l.func, l.offset),
              entries: l.entries,
              heads: l.heads,
              least: t?.least ?? 0,
              most: t?.most ?? 0,
              histogram,
            };
          })
          .sort((a, b) => b.heads - a.heads || a.offset - b.offset),
      text: (list, top) =>
        table(
          ['loop', '>entries', '>at its head', '>mean trips', '>least', '>most'],
          list
            .slice(0, top)
            .map((l) => [
              l.place,
              count(l.entries),
              count(l.heads),
              (l.heads / Math.max(1, l.entries)).toFixed(1),
              count(l.least),
              count(l.most),
            ]),
        ),
    };
  },
});
