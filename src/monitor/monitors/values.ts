/**
 * Value profiles: which values occur most often as parameters of functions, as results of loads, and as divisors; what is
 * nearly always the same could be specialized on (Calder, Feller, Eustace, MICRO 1997).
 */
import { count, percent, table } from '../../cli/text.ts';
import type { Site } from '../../instrument/events.ts';
import { defineMonitor } from '../monitor.ts';

/** Different values that are told apart at one place; those that come later count as `other`. */
const KEPT = 64;

export interface Values {
  func: number;
  offset: number;
  place: string;
  /** `parameter 0`, `result`, `divisor`. */
  what: string;
  op: string;
  count: number;
  /** Times by value, the most frequent first; numbers as text. */
  values: [value: string, count: number][];
  /** Executions with values beyond the first 64 different ones. */
  other: number;
}

/** Value that is only equal to itself: a number is its own key but for the zero with a sign. */
type Key = number | bigint | '-0';

class Seen {
  readonly site: Site;
  readonly what: string;
  count = 0;
  other = 0;
  readonly values = new Map<Key, number>();
  /** Value in progress, and how often in a row. */
  private last: Key = 0;
  private run = 0;

  constructor(site: Site, what: string) {
    this.site = site;
    this.what = what;
  }

  note(value: number | bigint): void {
    this.count++;
    const key = value === 0 && Object.is(value, -0) ? '-0' : value;
    if (key !== this.last) {
      this.settle();
      this.last = key;
    }
    this.run++;
  }

  /** Counts the values in a row. */
  settle(): void {
    if (this.run === 0) return;
    const known = this.values.get(this.last);
    if (known !== undefined || this.values.size < KEPT) this.values.set(this.last, (known ?? 0) + this.run);
    else this.other += this.run;
    this.run = 0;
  }
}

const DIVISION = /^i(32|64)\.(div|rem)_[su]$/;

export const monitor = defineMonitor<Values[]>({
  name: 'values',
  doc: 'the most frequent values of parameters, loads and divisors',
  counts: false,
  start(guest) {
    /** By site: a list for each value of a record. */
    const seen: Seen[][] = [];
    const open = (site: Site): Seen[] => {
      const what = (i: number) =>
        site.kind === 'entry' ? `parameter ${site.parameters[i]}` : DIVISION.test(site.op) ? 'divisor' : 'result';
      return site.types.map((_, i) => new Seen(site, what(i)));
    };
    return {
      entries: true,
      instruction(body) {
        if (body.op.effect === 'load') return { result: true };
        return DIVISION.test(body.op.name) ? { operands: [1] } : null;
      },
      event(site, event) {
        let list = seen[site.id];
        if (!list) {
          list = open(site);
          seen[site.id] = list;
        }
        for (let i = 0; i < list.length; i++) (list[i] as Seen).note(event.value(i));
      },
      result: () =>
        seen
          .flat()
          .map((s): Values => {
            s.settle();
            const { func, offset, op } = s.site;
            const values = [...s.values].sort((a, b) => b[1] - a[1]);
            return {
              func,
              offset,
              place: guest.place(func, offset),
              what: s.what,
              op,
              count: s.count,
              values: values.map(([value, n]): [string, number] => [String(value), n]),
              other: s.other,
            };
          })
          .sort((a, b) => b.count - a.count || a.offset - b.offset || a.what.localeCompare(b.what)),
      text: (list, top) =>
        table(
          ['place', 'what', '>times', '>different', 'most frequent', '>share'],
          list.slice(0, top).map((v) => {
            const [value = '', n = 0] = v.values[0] ?? [];
            const different = v.other > 0 ? `over ${KEPT}` : count(v.values.length);
            return [v.place, `${v.op} ${v.what}`.trim(), count(v.count), different, value, `${percent(n, v.count)} %`];
          }),
        ),
    };
  },
});
