/**
 * Coverage curves: which share of all guest instructions the k hottest fragments execute, a line a configuration, the mean
 * over the programs. Where a curve crosses 90 % is the 90 % cover set.
 */
import type { Counts } from '../counts.ts';
import type { Row } from '../summary.ts';
import { axis, draw, legend, legendRoom, MARKS, seriesOf } from './canvas.ts';

/** Cumulative shares, the hottest fragment first. */
export function coverageCurve({ fragments, instructions }: Counts): number[] {
  let sum = 0;
  return fragments
    .map((f) => f.instructions)
    .sort((a, b) => b - a)
    .map((n) => (sum += n) / instructions.total);
}

const WIDTH = 560;
const HEIGHT = 300;
const BOX = { left: 50, right: WIDTH - 16, top: 26, bottom: HEIGHT - 40 };

/** SVG text; null where nothing was counted. */
export async function coverageChart(
  rows: readonly Row[],
  configs: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  const lines = configs.flatMap((config) => {
    const curves = rows.flatMap((row) => {
      const counts = row.cells[config]?.counts;
      return counts?.instructions.total ? [coverageCurve(counts)] : [];
    });
    return curves.length ? [{ config, curves }] : [];
  });
  const longest = Math.max(0, ...lines.flatMap((line) => line.curves.map((c) => c.length)));
  if (longest === 0) return null;
  const entries = lines.map(({ config }) => ({ name: labels[config] ?? config, series: seriesOf(configs, config) }));
  const room = legendRoom(entries, BOX.left, BOX.right);
  const [top, bottom] = [BOX.top + room, BOX.bottom + room];
  return draw({ width: WIDTH, height: HEIGHT + room, title: 'Coverage by the hottest fragments' }, (canvas) => {
    const x = canvas.d3
      .scaleLog()
      .domain([1, Math.max(2, longest)])
      .range([BOX.left, BOX.right]);
    const y = canvas.d3.scaleLinear().domain([0, 1]).range([bottom, top]);
    axis(canvas, x, top, bottom, 'fragments, the hottest first');
    for (const share of [0, 0.25, 0.5, 0.75, 0.9, 1]) {
      canvas.path(
        `M${BOX.left},${canvas.px(y(share))}H${BOX.right}`,
        share === 0.9 ? '#777' : '#ddd',
        0.8,
        share === 0.9 ? '3,2' : '',
      );
      canvas.text(BOX.left - 6, y(share) + 3.5, `${share * 100} %`, { anchor: 'end' });
    }
    for (const { config, curves } of lines) {
      const { colour, dash } = MARKS[seriesOf(configs, config)]!;
      const at = (k: number) => curves.reduce((sum, c) => sum + (c[Math.min(k, c.length) - 1] ?? 0), 0) / curves.length;
      const steps = Array.from({ length: longest }, (_, i) => i + 1);
      canvas.path(
        steps.map((k, i) => `${i ? 'L' : 'M'}${canvas.px(x(k))},${canvas.px(y(at(k)))}`).join(''),
        colour,
        1.8,
        dash,
      );
      canvas.mark(x(longest), y(at(longest)), MARKS[seriesOf(configs, config)]!.shape, colour);
    }
    legend(canvas, entries, BOX.left, BOX.right);
  });
}
