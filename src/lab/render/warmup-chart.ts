/**
 * Warm-up curves: a small panel a program, the time of each iteration against the time since the start, both on
 * logarithmic axes; one process (the median one) a configuration. The mark is where its steady state begins.
 */
import type { Cell, Row } from '../summary.ts';
import { type Canvas, draw, legend, MARKS, seriesOf, short, ticksOf } from './canvas.ts';

const PANEL = { width: 236, height: 150 };
const INNER = { left: 42, right: 226, top: 22, bottom: 122 };
const COLUMNS = 3;
const HEAD = 24;

export async function warmupChart(
  rows: readonly Row[],
  configs: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  const panels = rows.filter((row) => configs.some((c) => row.cells[c]?.steady));
  if (!panels.length) return null;
  const height = HEAD + Math.ceil(panels.length / COLUMNS) * PANEL.height + 6;
  const width = Math.min(COLUMNS, panels.length) * PANEL.width;
  return draw({ width: Math.max(width, 300), height, title: 'Time of iterations since the start' }, (canvas) => {
    legend(
      canvas,
      configs.map((name) => ({ name: labels[name] ?? name, series: seriesOf(configs, name) })),
      8,
    );
    panels.forEach((row, i) =>
      panel(canvas, row, configs, (i % COLUMNS) * PANEL.width, HEAD + Math.floor(i / COLUMNS) * PANEL.height),
    );
  });
}

/** Points (time since the start, time of the iteration) of the process in the middle. */
function course({ steady, open }: Cell): { points: [number, number][]; from: number } {
  const order = steady!.times.map((t, i) => [t, i] as const).sort((a, b) => a[0] - b[0]);
  const which = order[order.length >> 1]![1];
  let at = open ?? 0;
  return { points: steady!.calls[which]!.map((t) => [(at += t), Math.max(t, 1e-3)]), from: steady!.from[which]! };
}

function panel(canvas: Canvas, row: Row, configs: readonly string[], dx: number, dy: number): void {
  const courses = configs.flatMap((config, k) =>
    row.cells[config]?.steady ? [{ k, ...course(row.cells[config]) }] : [],
  );
  const xs = courses.flatMap((c) => c.points.map((p) => p[0]));
  const ys = courses.flatMap((c) => c.points.map((p) => p[1]));
  const scale = (values: number[], from: number, to: number) =>
    canvas.d3
      .scaleLog()
      .domain([Math.min(...values) * 0.9, Math.max(...values) * 1.1])
      .range([from, to]);
  const x = scale(xs, dx + INNER.left, dx + INNER.right);
  const y = scale(ys, dy + INNER.bottom, dy + INNER.top);
  canvas.text(dx + (INNER.left + INNER.right) / 2, dy + 14, row.id, { anchor: 'middle', bold: true });
  for (const t of few(ticksOf(x))) {
    canvas.path(`M${canvas.px(x(t))},${dy + INNER.top}V${dy + INNER.bottom}`, '#e4e4e4', 0.7);
    canvas.text(x(t), dy + INNER.bottom + 11, short(t), { anchor: 'middle', size: 9 });
  }
  for (const t of few(ticksOf(y))) {
    canvas.path(`M${dx + INNER.left},${canvas.px(y(t))}H${dx + INNER.right}`, '#e4e4e4', 0.7);
    canvas.text(dx + INNER.left - 4, y(t) + 3, short(t), { anchor: 'end', size: 9 });
  }
  canvas.path(`M${dx + INNER.left},${dy + INNER.top}V${dy + INNER.bottom}H${dx + INNER.right}`, '#000', 0.9);
  canvas.text(dx + INNER.right, dy + INNER.bottom + 22, 'ms since the start', { anchor: 'end', size: 9 });
  canvas.text(dx + 9, dy + (INNER.top + INNER.bottom) / 2, 'ms', { anchor: 'middle', size: 9, turn: -90 });
  for (const { k, points, from } of courses) {
    const { colour, dash, shape } = MARKS[k % MARKS.length]!;
    canvas.path(
      points.map(([a, b], i) => `${i ? 'L' : 'M'}${canvas.px(x(a))},${canvas.px(y(b))}`).join(''),
      colour,
      1.3,
      dash,
    );
    const begin = points[from];
    if (begin) canvas.mark(x(begin[0]), y(begin[1]), shape, colour);
  }
}

/** At most five, evenly spaced among what there is. */
function few(ticks: readonly number[]): number[] {
  const step = Math.ceil(ticks.length / 5);
  return ticks.filter((_, i) => i % step === 0);
}
