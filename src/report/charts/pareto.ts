/**
 * Which share of all guest instructions the hottest n fragments executed, over n. Marks the smallest sets that cover
 * 90 % and 99 % (the cover sets of the literature). The x axis is logarithmic where there are many fragments.
 */
import { fmt } from '../format.ts';
import type { Html } from '../html.ts';
import { type Draw, label, type Pen, px, stroke, textWidth, thin } from './draw.ts';

const W = 760;
const H = 250;
const LEFT = 44;
const RIGHT = 14;
const TOP = 12;
const FLOOR = H - 36;
/** With more fragments the axis is logarithmic and points are not drawn one by one. */
const MANY = 60;

/** Smallest number of fragments with at least `share` of all instructions, or null where all together have less. */
export function coverSet(cumulative: readonly number[], share: number): number | null {
  const i = cumulative.findIndex((c) => c >= share);
  return i < 0 ? null : i + 1;
}

/** `cumulative[i]`: share (0..1) of the hottest i + 1 fragments. */
export function paretoCurve(draw: Draw, cumulative: readonly number[]): Html {
  const n = cumulative.length;
  const log = n > MANY;
  const title = 'Cumulative share of the hottest fragments';
  return draw({ width: W, height: H, title, desc: describe(cumulative) }, (svg, d3) => {
    const x = (log ? d3.scaleLog() : d3.scaleLinear()).domain([1, Math.max(2, n)]).range([LEFT, W - RIGHT]);
    const y = d3.scaleLinear().domain([0, 1]).range([FLOOR, TOP]);
    for (const t of [0, 0.25, 0.5, 0.75, 0.9, 1]) {
      stroke(svg, `M${LEFT},${px(y(t))}H${W - RIGHT}`, t === 0.9 ? 'mark' : 'rule');
      label(svg, LEFT - 6, y(t) + 4, `${t * 100} %`, 'end', 'tick');
    }
    for (const t of xTicks(n, log)) {
      stroke(svg, `M${px(x(t))},${FLOOR}v4`, 'axis');
      label(svg, x(t), FLOOR + 15, fmt.int(t), x(t) > W - RIGHT - 16 ? 'end' : 'middle', 'tick');
    }
    stroke(svg, `M${LEFT},${FLOOR}H${W - RIGHT}`, 'axis');
    label(svg, W - RIGHT, H - 4, `hottest fragments${log ? ' (logarithmic)' : ''}`, 'end', 'tick');
    const points = ranks(n, log).map((i) => [px(x(i + 1)), px(y(cumulative[i]!))] as const);
    stroke(svg, d3.line()(points) ?? '', 'curve');
    if (!log) {
      for (const [cx, cy] of points)
        svg.append('circle').attr('cx', cx).attr('cy', cy).attr('r', 2.2).attr('class', 'dot');
    }
    for (const share of [0.9, 0.99]) {
      const k = coverSet(cumulative, share);
      if (k !== null)
        flag(svg, x(k), y(cumulative[k - 1]!), `${fmt.int(k)} ${k === 1 ? 'covers' : 'cover'} ${share * 100} %`);
    }
  });
}

function describe(cumulative: readonly number[]): string {
  const n = cumulative.length;
  const all = fmt.pct(cumulative.at(-1) ?? 0);
  const cover = coverSet(cumulative, 0.9);
  if (cover === null) return `All ${n} fragments together execute ${all}, less than 90 %.`;
  return `${cover} of ${n} fragments execute 90 % of all guest instructions; all execute ${all}.`;
}

/** Ranks to draw: all, or evenly spread on the axis. */
function ranks(n: number, log: boolean): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  if (!log) return all;
  const early = Array.from({ length: 300 }, (_, i) => Math.round(n ** (i / 299)) - 1);
  return [...new Set([...thin(all, 300), ...early])].sort((a, b) => a - b);
}

function xTicks(n: number, log: boolean): number[] {
  if (!log) {
    const step = Math.max(1, Math.ceil(n / 12));
    return Array.from({ length: n }, (_, i) => i + 1).filter((i) => i === 1 || i % step === 0);
  }
  const ticks = [0, 1, 2, 3, 4, 5].flatMap((e) => [1, 2, 5].map((m) => m * 10 ** e));
  // The last ones would run into each other's text.
  return ticks.filter((t) => t === n || t < 0.7 * n);
}

/** A ring on the curve and its meaning below and to the right, where the curve never is. */
function flag(svg: Pen, x: number, y: number, text: string): void {
  svg.append('circle').attr('cx', px(x)).attr('cy', px(y)).attr('r', 4).attr('class', 'flag');
  label(svg, Math.min(x + 8, W - RIGHT - textWidth(text) * 1.12), y + 24, text, 'start', 'on strong');
}
