/** What tables and charts share: comparisons of a row's configurations with a baseline, and how numbers are written. */
import { geomeanRatio, type Interval, type Pair } from '../../stats/bootstrap.ts';
import { type Cell, type Row, steadyCalls, steadyRatio, wallRatio } from '../summary.ts';

export type What = 'steady' | 'whole';

/** How many times as fast a configuration is as the baseline; null where one was not measured. */
export function speed(row: Row, config: string, baseline: string, what: What): Interval | null {
  const [a, b] = [row.cells[baseline], row.cells[config]];
  return what === 'steady' ? steadyRatio(a, b) : wallRatio(a, b);
}

/** Geometric mean of the speeds over the rows that have both, and how many those are. */
export function meanSpeed(
  rows: readonly Row[],
  config: string,
  baseline: string,
  what: What,
): { mean: Interval; rows: number } | null {
  const pairs = rows.flatMap((row) => pairOf(row.cells[baseline], row.cells[config], what) ?? []);
  return pairs.length ? { mean: geomeanRatio(pairs), rows: pairs.length } : null;
}

function pairOf(a: Cell | undefined, b: Cell | undefined, what: What): Pair | null {
  if (what === 'whole') return a?.wall.length && b?.wall.length ? { a: a.wall, b: b.wall } : null;
  if (!a?.steady || !b?.steady) return null;
  // One process: what varies is known within it only.
  const samples = ({ steady }: Cell) => (steady!.times.length > 1 ? steady!.times : steadyCalls(steady!, 15)[0]!);
  return { a: samples(a), b: samples(b) };
}

export const dash = '–';
export const fixed = (x: number | null | undefined, digits = 2) => (x == null ? dash : x.toFixed(digits));
export const ms = (x: number | null | undefined) => (x == null ? dash : x.toFixed(x < 1 ? 3 : x < 100 ? 1 : 0));
export const percent = (x: number | null | undefined) => (x == null ? dash : `${(x * 100).toFixed(1)} %`);
export const mib = (x: number | null | undefined) => (x == null ? dash : (x / 2 ** 20).toFixed(0));

/** `1.23 (1.20–1.26)`; the interval only where there is one. */
export function interval(x: Interval | null | undefined, digits = 2): string {
  if (!x) return dash;
  const { value, low, high } = x;
  return low === high ? fixed(value, digits) : `${fixed(value, digits)} (${fixed(low, digits)}–${fixed(high, digits)})`;
}

/** Configurations that rows have, in the order asked for; `X@2` is left to the table of noise. */
export function shown(rows: readonly Row[], configs: readonly string[]): string[] {
  return configs.filter((name) => !name.includes('@') && rows.some((row) => row.cells[name]));
}
