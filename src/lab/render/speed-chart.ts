/**
 * Speeds with their intervals, a row a program, on a logarithmic axis: 2 and 1/2 are equally far from 1. Each
 * configuration has a colour of Okabe and Ito's palette and a shape of its own, so that grey prints read as well.
 */
import type { Interval } from '../../stats/bootstrap.ts';
import type { Row } from '../summary.ts';
import { axis, type Canvas, draw, legend, MARKS, seriesOf } from './canvas.ts';
import { meanSpeed, speed, type What } from './figures.ts';

const PITCH = 16;
const WIDTH = 720;
const RIGHT = 20;

/** SVG text; null where there is nothing to show. */
export async function speedChart(
  rows: readonly Row[],
  configs: readonly string[],
  baseline: string,
  what: What,
  labels: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  const lines = rows.flatMap((row) => {
    const points = configs.map((name) => speed(row, name, baseline, what));
    return points.some(Boolean) ? [{ label: row.id, points }] : [];
  });
  if (!lines.length) return null;
  lines.push({
    label: 'geometric mean',
    points: configs.map((name) => meanSpeed(rows, name, baseline, what)?.mean ?? null),
  });
  const used = configs.filter((_, i) => lines.some((line) => line.points[i]));
  const left = Math.max(...lines.map((line) => line.label.length)) * 6.2 + 12;
  const head = 28;
  const height = head + lines.length * PITCH + 40;
  const all = lines.flatMap((line) => line.points.flatMap((p) => (p ? [p.low, p.high] : [])));
  const unit = what === 'steady' ? 'steady state' : 'whole process';
  return draw({ width: WIDTH, height, title: `Speed against ${baseline}, ${unit}` }, (canvas) => {
    const x = canvas.d3
      .scaleLog()
      .domain([Math.min(0.8, ...all), Math.max(1.25, ...all)])
      .range([left, WIDTH - RIGHT]);
    const bottom = head + lines.length * PITCH + 4;
    axis(canvas, x, head - 6, bottom, `speed, ${baseline} = 1 (${unit})`);
    canvas.path(`M${x(1)},${head - 6}V${bottom}`, '#000', 1.2);
    legend(
      canvas,
      used.map((name) => ({ name: labels[name] ?? name, series: seriesOf(configs, name) })),
      left,
    );
    lines.forEach((line, i) => {
      const y = head + i * PITCH + PITCH / 2;
      const mean = i === lines.length - 1;
      canvas.text(left - 8, y + 3.5, line.label, { anchor: 'end', bold: mean });
      if (mean) canvas.path(`M4,${y - PITCH / 2}H${WIDTH - 4}`, '#999', 0.6);
      line.points.forEach((point, k) => {
        if (point) mark(canvas, point, x, y + (k - (configs.length - 1) / 2) * 2.2, k);
      });
    });
  });
}

function mark(
  canvas: Canvas,
  { value, low, high }: Interval,
  x: (value: number) => number,
  y: number,
  k: number,
): void {
  const { colour, shape } = MARKS[k % MARKS.length]!;
  if (high > low) canvas.path(`M${canvas.px(x(low))},${canvas.px(y)}H${canvas.px(x(high))}`, colour, 1.4);
  canvas.mark(x(value), y, shape, colour);
}
