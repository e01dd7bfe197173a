/**
 * Warm-up: how fast guest instructions complete between two installs, which share of them runs in fragments, how many
 * fragments there are, and what happened when. All panels share the time axis.
 */
import type { Stats } from '../../profile/schema.ts';
import { fmt } from '../format.ts';
import type { Html } from '../html.ts';
import { type D3, type Draw, label, type Pen, px, type Scale, stroke } from './draw.ts';
import { type Bin, bins, endOf, eventTimes, installed } from './warmup-data.ts';

const W = 760;
const LEFT = 66;
const RIGHT = 14;
const PANEL = 84;
const ROW = 16;
const MOST_KINDS = 6;
/** More events of a kind than this are drawn as density. */
const DENSE = 150;

type Point = readonly [x: number, y: number];

interface Panel {
  name: string;
  /** Upper end of the scale. */
  most: number;
  unit(value: number): string;
  /** Milliseconds and values, in order; drawn as they are. */
  points: Point[];
}

/** Draws the panels and the rows of events. */
export function timelineChart(draw: Draw, stats: Stats): Html {
  const data = bins(stats);
  const end = endOf(stats);
  const panels = [...ratePanels(data), installPanel(stats)];
  const kinds = eventTimes(stats, MOST_KINDS);
  const rows = panels.length * PANEL + 12;
  const height = rows + kinds.length * ROW + 32;
  return draw({ width: W, height, title: 'Warm-up over time', desc: describe(data) }, (svg, d3) => {
    const x = d3.scaleLinear().domain([0, end]);
    x.range([LEFT, W - RIGHT]);
    panels.forEach((p, i) => {
      panel(svg, d3, x, i * PANEL + 14, p);
    });
    kinds.forEach(([kind, times], i) => {
      eventRow(svg, rows + i * ROW, kind, times.map(x));
    });
    timeAxis(svg, x, height - 28, end);
  });
}

function describe(data: readonly Bin[]): string {
  const last = data.at(-1);
  const rate = `At the end ${fmt.si(last?.rate ?? 0)} instructions a second`;
  return last?.share == null ? `${rate} in the interpreter.` : `${rate}, ${fmt.pct(last.share)} of them in fragments.`;
}

function ratePanels(data: readonly Bin[]): Panel[] {
  const steps = (value: (b: Bin) => number) =>
    data.flatMap((b): Point[] => [
      [b.from, value(b)],
      [b.to, value(b)],
    ]);
  const counted = data.every((b) => b.share !== null);
  const rate: Panel = {
    name: counted ? 'guest instructions per second' : 'guest instructions per second, interpreter only',
    most: Math.max(1, ...data.map((b) => b.rate)),
    unit: (v) => `${fmt.si(v)}/s`,
    points: steps((b) => b.rate),
  };
  if (!counted) return [rate];
  const share = {
    name: 'share in fragments',
    most: 1,
    unit: (v: number) => `${v * 100} %`,
    points: steps((b) => b.share ?? 0),
  };
  return [rate, share];
}

function installPanel(stats: Stats): Panel {
  const steps = installed(stats);
  const points = steps.flatMap(({ t, n }, i): Point[] =>
    i === 0
      ? [[t, n]]
      : [
          [t, steps[i - 1]!.n],
          [t, n],
        ],
  );
  return { name: 'fragments installed', most: Math.max(1, steps.at(-1)!.n), unit: (v) => fmt.int(v), points };
}

function panel(svg: Pen, d3: D3, x: Scale, top: number, p: Panel): void {
  const y = d3.scaleLinear().domain([0, p.most]);
  y.range([top + PANEL - 24, top + 4]);
  const ticks = p.most === 1 ? (p.name.startsWith('share') ? [0, 0.5, 1] : [0, 1]) : y.ticks(3);
  for (const t of ticks) {
    stroke(svg, `M${LEFT},${px(y(t))}H${W - RIGHT}`, 'rule');
    label(svg, LEFT - 6, y(t) + 4, p.unit(t), 'end', 'tick');
  }
  const points = p.points.map(([t, v]): Point => [px(x(t)), px(y(v))]);
  const area = d3.area().y0(y(0));
  stroke(svg, area.y1((q) => q[1])(points) ?? '', 'area');
  stroke(svg, d3.line()(points) ?? '', 'curve');
  label(svg, LEFT, top - 4, p.name, 'start', 'name');
}

/** One row of events: a tick each, or the height of their density where there are too many to tell apart. */
function eventRow(svg: Pen, y: number, kind: string, at: readonly number[]): void {
  label(svg, LEFT - 6, y + 11, kind.length > 9 ? `${kind.slice(0, 8)}…` : kind, 'end', 'tick');
  stroke(svg, `M${LEFT},${y + 14.5}H${W - RIGHT}`, 'rule');
  const step = at.length > DENSE ? 3 : 1;
  const counts = new Map<number, number>();
  for (const t of at) {
    const bin = Math.floor(t / step) * step;
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const height = (n: number) => (step === 1 ? 12 : 1 + 11 * Math.sqrt(n / most));
  const ticks = [...counts].map(([t, n]) => `M${t + step / 2},${y + 14}v${px(-height(n))}`);
  const path = stroke(svg, ticks.join(''), 'event').attr('stroke-width', step);
  path.append('title').text(`${kind}: ${fmt.count(at.length, 'event')}`);
}

function timeAxis(svg: Pen, x: Scale, y: number, end: number): void {
  stroke(svg, `M${LEFT},${y}H${W - RIGHT}`, 'axis');
  for (const t of x.ticks(8)) {
    stroke(svg, `M${px(x(t))},${y}v4`, 'axis');
    const text = end < 1000 ? `${t} ms` : `${t / 1000} s`;
    label(svg, x(t), y + 15, text, x(t) > W - RIGHT - 20 ? 'end' : 'middle', 'tick');
  }
}
