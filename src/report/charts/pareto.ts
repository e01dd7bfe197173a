/**
 * Which share of all guest instructions the hottest n fragments executed, over n. Marks the smallest sets that cover
 * 90 % and 99 % (the cover sets of the literature). The x axis is logarithmic where there are many fragments.
 */
import { fmt } from '../format.ts';
import type { Html } from '../html.ts';
import { type Draw, type Pen, px, textWidth, thin } from './draw.ts';

const W = 760;
const H = 250;
const LEFT = 44;
const RIGHT = 14;
const TOP = 12;
const BOTTOM = 36;

/** Smallest number of fragments with at least `share` of all instructions, or null where all together have less. */
export function coverSet(cumulative: readonly number[], share: number): number | null {
  const i = cumulative.findIndex((c) => c >= share);
  return i < 0 ? null : i + 1;
}

/** `cumulative[i]`: share (0..1) of the hottest i + 1 fragments. */
export function paretoCurve(draw: Draw, cumulative: readonly number[]): Html {
  const n = cumulative.length;
  const last = cumulative.at(-1) ?? 0;
  const cover = coverSet(cumulative, 0.9);
  const desc =
    cover === null
      ? `All ${n} fragments together execute ${fmt.pct(last)}, less than 90 %.`
      : `${cover} of ${n} fragments execute 90 % of all guest instructions; all execute ${fmt.pct(last)}.`;
  return draw({ width: W, height: H, title: 'Cumulative share of the hottest fragments', desc }, (svg, d3) => {
    const log = n > 60;
    const x = (log ? d3.scaleLog() : d3.scaleLinear()).domain([1, Math.max(2, n)]).range([LEFT, W - RIGHT]);
    const y = d3
      .scaleLinear()
      .domain([0, 1])
      .range([H - BOTTOM, TOP]);
    for (const t of [0, 0.25, 0.5, 0.75, 0.9, 1]) {
      if (t !== 0.9)
        svg
          .append('path')
          .attr('d', `M${LEFT},${px(y(t))}H${W - RIGHT}`)
          .attr('class', 'rule');
      svg
        .append('text')
        .attr('x', LEFT - 6)
        .attr('y', px(y(t) + 4))
        .attr('text-anchor', 'end')
        .attr('class', 'tick')
        .text(`${t * 100} %`);
    }
    svg
      .append('path')
      .attr('d', `M${LEFT},${px(y(0.9))}H${W - RIGHT}`)
      .attr('class', 'mark');
    for (const t of xTicks(n, log)) {
      svg
        .append('path')
        .attr('d', `M${px(x(t))},${H - BOTTOM}v4`)
        .attr('class', 'axis');
      svg
        .append('text')
        .attr('x', px(x(t)))
        .attr('y', H - BOTTOM + 15)
        .attr('text-anchor', x(t) > W - RIGHT - 16 ? 'end' : 'middle')
        .attr('class', 'tick')
        .text(fmt.int(t));
    }
    svg
      .append('path')
      .attr('d', `M${LEFT},${H - BOTTOM}H${W - RIGHT}`)
      .attr('class', 'axis');
    svg
      .append('text')
      .attr('x', W - RIGHT)
      .attr('y', H - 4)
      .attr('text-anchor', 'end')
      .attr('class', 'tick')
      .text(`hottest fragments${log ? ' (logarithmic)' : ''}`);
    const points = pick(n, log).map((i) => [px(x(i + 1)), px(y(cumulative[i]!))] as const);
    svg
      .append('path')
      .attr('d', d3.line()(points) ?? '')
      .attr('class', 'curve');
    if (n <= 60)
      for (const [cx, cy] of points)
        svg.append('circle').attr('cx', cx).attr('cy', cy).attr('r', 2.2).attr('class', 'dot');
    for (const share of [0.9, 0.99]) {
      const k = coverSet(cumulative, share);
      if (k !== null)
        flag(svg, x(k), y(cumulative[k - 1]!), `${fmt.int(k)} ${k === 1 ? 'covers' : 'cover'} ${share * 100} %`);
    }
  });
}

/** Ranks to draw: all, or evenly spread on the axis. */
function pick(n: number, log: boolean): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  if (!log) return all;
  const spread = thin(all, 300);
  const early = Array.from({ length: 300 }, (_, i) => Math.round(n ** (i / 299)) - 1);
  return [...new Set([...spread, ...early])].sort((a, b) => a - b);
}

function xTicks(n: number, log: boolean): number[] {
  if (!log) {
    const step = Math.max(1, Math.ceil(n / 12));
    return Array.from({ length: n }, (_, i) => i + 1).filter((i) => i === 1 || i % step === 0);
  }
  return [1, 2, 5]
    .flatMap((m) => [0, 1, 2, 3, 4, 5].map((e) => m * 10 ** e))
    .filter((t) => t <= n && (t === n || t < 0.7 * n));
}

/** A ring on the curve and its meaning below and to the right, where the curve never is. */
function flag(svg: Pen, x: number, y: number, label: string): void {
  const at = Math.min(x + 8, W - RIGHT - textWidth(label) * 1.12);
  svg.append('circle').attr('cx', px(x)).attr('cy', px(y)).attr('r', 4).attr('class', 'flag');
  svg
    .append('text')
    .attr('x', px(at))
    .attr('y', px(y + 24))
    .attr('class', 'on strong')
    .text(label);
}
