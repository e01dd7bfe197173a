/**
 * Warm-up: how fast guest instructions complete between two installs, which share of them runs in fragments, and what
 * was installed when. Both panels share the time axis.
 */
import type { Stats } from '../../profile/schema.ts';
import { fmt } from '../format.ts';
import type { Html } from '../html.ts';
import { type D3, type Draw, type Pen, px, type Scale } from './draw.ts';

const W = 760;
const LEFT = 66;
const RIGHT = 14;
const PANEL = 92;
const BINS = 220;
const MOST_EVENTS = 6;
/** More events of a kind than this are drawn as density. */
const DENSE = 150;

interface Bin {
  from: number;
  to: number;
  /** Guest instructions per second. */
  rate: number;
  /** Share of them in fragments, 0..1. */
  share: number;
}

/** The intervals between installs, those shorter than 1/220 of the time joined. */
export function bins(stats: Pick<Stats, 'timeline' | 'time_ms' | 'instructions'>): Bin[] {
  const { timeline, time_ms, instructions } = stats;
  const end = Math.max(time_ms.total, timeline.at(-1)?.t_ms ?? 0);
  const closing = { t_ms: end, instructions: instructions.total, fragmentInstructions: instructions.fragments };
  const out: Bin[] = [];
  let from = { t_ms: 0, instructions: 0, fragmentInstructions: 0 };
  for (const point of [...timeline, closing]) {
    if (point !== closing && point.t_ms - from.t_ms < end / BINS) continue;
    const done = point.instructions - from.instructions;
    const ms = point.t_ms - from.t_ms;
    if (ms <= 0) continue;
    const inFragments = point.fragmentInstructions - from.fragmentInstructions;
    out.push({ from: from.t_ms, to: point.t_ms, rate: (done / ms) * 1000, share: done > 0 ? inFragments / done : 0 });
    from = point;
  }
  return out;
}

/** Draws both panels and the rows of events. */
export function timelineChart(draw: Draw, stats: Stats): Html {
  const data = bins(stats);
  const end = data.at(-1)?.to ?? 1;
  const kinds = eventKinds(stats);
  const eventsTop = 2 * PANEL + 34;
  const height = eventsTop + kinds.length * 16 + 32;
  const last = data.at(-1);
  const desc = `At the end ${fmt.si(last?.rate ?? 0)} instructions a second, ${fmt.pct(last?.share ?? 0)} of them in fragments.`;
  return draw({ width: W, height, title: 'Warm-up over time', desc }, (svg, d3) => {
    const x = d3
      .scaleLinear()
      .domain([0, end])
      .range([LEFT, W - RIGHT]);
    const top = Math.max(1, ...data.map((b) => b.rate));
    panel(
      svg,
      d3,
      x,
      14,
      top,
      data.map((b) => [b, b.rate]),
      (v) => `${fmt.si(v)}/s`,
      'guest instructions per second',
    );
    panel(
      svg,
      d3,
      x,
      PANEL + 34,
      1,
      data.map((b) => [b, b.share]),
      (v) => `${v * 100} %`,
      'share in fragments',
    );
    kinds.forEach((kind, i) => {
      eventRow(svg, x, eventsTop + i * 16, kind, stats);
    });
    timeAxis(svg, x, height - 28, end);
  });
}

function eventKinds(stats: Stats): string[] {
  const counts = new Map<string, number>();
  for (const t of stats.timeline) counts.set(t.event, (counts.get(t.event) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_EVENTS)
    .map(([kind]) => kind);
}

function panel(
  svg: Pen,
  d3: D3,
  x: Scale,
  top: number,
  most: number,
  data: [Bin, number][],
  unit: (v: number) => string,
  name: string,
): void {
  const y = d3
    .scaleLinear()
    .domain([0, most])
    .range([top + PANEL - 12, top + 4]);
  const ticks = most === 1 ? [0, 0.5, 1] : y.ticks(3);
  for (const t of ticks) {
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
      .text(unit(t));
  }
  const points = data.flatMap(([b, v]) => [[px(x(b.from)), px(y(v))] as const, [px(x(b.to)), px(y(v))] as const]);
  const area = d3
    .area()
    .y0(y(0))
    .y1((p) => p[1]);
  svg
    .append('path')
    .attr('d', area(points) ?? '')
    .attr('class', 'area');
  svg
    .append('path')
    .attr('d', d3.line()(points) ?? '')
    .attr('class', 'curve');
  svg
    .append('text')
    .attr('x', LEFT)
    .attr('y', top - 4)
    .attr('class', 'name')
    .text(name);
}

/** One row of events: a tick each, or the height of their density where there are too many to tell apart. */
function eventRow(svg: Pen, x: Scale, y: number, kind: string, stats: Stats): void {
  const label = kind.length > 9 ? `${kind.slice(0, 8)}…` : kind;
  svg
    .append('text')
    .attr('x', LEFT - 6)
    .attr('y', y + 11)
    .attr('text-anchor', 'end')
    .attr('class', 'tick')
    .text(label);
  svg
    .append('path')
    .attr('d', `M${LEFT},${y + 14.5}H${W - RIGHT}`)
    .attr('class', 'rule');
  const at = stats.timeline.filter((t) => t.event === kind).map((t) => x(t.t_ms));
  const step = at.length > DENSE ? 3 : 1;
  const counts = new Map<number, number>();
  for (const t of at) {
    const bin = Math.floor(t / step) * step;
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const height = (n: number) => (step === 1 ? 12 : 1 + 11 * Math.sqrt(n / most));
  const ticks = [...counts].map(([t, n]) => `M${t + step / 2},${y + 14}v${px(-height(n))}`);
  const path = svg.append('path').attr('d', ticks.join('')).attr('class', 'event').attr('stroke-width', step);
  path.append('title').text(`${kind}: ${fmt.int(at.length)} events`);
}

function timeAxis(svg: Pen, x: Scale, y: number, end: number): void {
  svg
    .append('path')
    .attr('d', `M${LEFT},${y}H${W - RIGHT}`)
    .attr('class', 'axis');
  for (const t of x.ticks(8)) {
    svg
      .append('path')
      .attr('d', `M${px(x(t))},${y}v4`)
      .attr('class', 'axis');
    const anchor = x(t) > W - RIGHT - 20 ? 'end' : 'middle';
    const label = end < 1000 ? `${t} ms` : `${t / 1000} s`;
    svg
      .append('text')
      .attr('x', px(x(t)))
      .attr('y', y + 15)
      .attr('text-anchor', anchor)
      .attr('class', 'tick')
      .text(label);
  }
}
