/** Horizontal bars with names and values, one or two values a row (what a pass removed, what it added). */
import { fmt } from '../format.ts';
import type { Html } from '../html.ts';
import { type Draw, label, type Pen, px, stroke, textWidth } from './draw.ts';
import type { Series } from './palette.ts';

export interface BarRow {
  label: string;
  bars: { series: Series; name: string; value: number }[];
}

const W = 760;
const PITCH = 26;

/** Draws the rows on one linear scale; each bar carries its value and name. */
export function barChart(draw: Draw, title: string, rows: readonly BarRow[]): Html {
  const left = Math.max(60, ...rows.map((r) => textWidth(r.label) + 12));
  const most = Math.max(1, ...rows.flatMap((r) => r.bars.map((b) => b.value)));
  const room = W - left - 130;
  const desc = rows
    .map((r) => `${r.label}: ${r.bars.map((b) => `${b.name} ${fmt.int(b.value)}`).join(', ')}`)
    .join('; ');
  return draw({ width: W, height: rows.length * PITCH + 2, title, desc }, (svg) => {
    stroke(svg, `M${left},0V${rows.length * PITCH}`, 'axis');
    rows.forEach((row, i) => {
      label(svg, left - 8, i * PITCH + 15, row.label, 'end');
      const drawn = row.bars.filter((b) => b.value > 0);
      const thick = drawn.length === 1 ? 13 : 10;
      const top = i * PITCH + (drawn.length === 1 ? 4.5 : 1);
      drawn.forEach((bar, k) => {
        one(svg, bar, left, top + k * (thick + 1), Math.max(1, (bar.value / most) * room), thick);
      });
    });
  });
}

function one(svg: Pen, bar: BarRow['bars'][number], x: number, y: number, width: number, thick: number): void {
  const rect = svg.append('rect').attr('x', x).attr('y', y).attr('height', thick);
  rect.attr('width', px(width)).attr('fill', `url(#p-${bar.series})`);
  label(svg, x + width + 5, y + thick / 2 + 3.5, `${fmt.int(bar.value)} ${bar.name}`, 'start', 'small');
}
