/**
 * Value profiles: which values occur most often as parameters of functions, as results of loads, and as divisors; what is
 * nearly always the same could be specialized on (Calder, Feller, Eustace, MICRO 1997).
 */
import { count, percent, table } from '../../cli/text.ts';
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

interface Seen extends Omit<Values, 'values' | 'place'> {
  values: Map<number | bigint, number>;
}

const DIVISION = /^i(32|64)\.(div|rem)_[su]$/;

const text = (value: number | bigint) => (Object.is(value, -0) ? '-0' : String(value));

export const monitor = defineMonitor<Values[]>({
  name: 'values',
  doc: 'the most frequent values of parameters, loads and divisors',
  counts: false,
  start(guest) {
    const seen = new Map<string, Seen>();
    const note = (site: { func: number; offset: number; op: string }, what: string, value: number | bigint) => {
      const key = `${site.offset} ${what}`;
      let s = seen.get(key);
      if (!s) {
        s = { func: site.func, offset: site.offset, what, op: site.op, count: 0, values: new Map(), other: 0 };
        seen.set(key, s);
      }
      s.count++;
      const known = s.values.get(value);
      if (known !== undefined || s.values.size < KEPT) s.values.set(value, (known ?? 0) + 1);
      else s.other++;
    };
    return {
      entries: true,
      instruction(body) {
        if (body.op.effect === 'load') return { result: true };
        return DIVISION.test(body.op.name) ? { operands: [1] } : null;
      },
      event(site, event) {
        if (site.kind === 'entry')
          site.types.forEach((_, i) => note(site, `parameter ${site.parameters[i]}`, event.value(i)));
        else note(site, DIVISION.test(site.op) ? 'divisor' : 'result', event.value(0));
      },
      result: () =>
        [...seen.values()]
          .map((s) => ({
            ...s,
            place: guest.place(s.func, s.offset),
            values: [...s.values].sort((a, b) => b[1] - a[1]).map(([value, n]): [string, number] => [text(value), n]),
          }))
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
