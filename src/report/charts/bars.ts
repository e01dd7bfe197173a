/** Horizontal bars with names and values, two values a row (what a pass removed, what it added). */
import { fmt } from '../format.ts';
import type { Html } from '../html.ts';
import { type Draw, type Pen, px, textWidth } from './draw.ts';
import type { Series } from './palette.ts';

export interface BarRow {
  label: string;
  bars: { series: Series; name: string; value: number }[];
}

const W = 760;

/** Draws the rows on one linear scale; each bar carries its value and name. */
export function barChart(draw: Draw, title: string, rows: readonly BarRow[]): Html {
  const left = Math.max(60, ...rows.map((r) => textWidth(r.label) + 12));
  const most = Math.max(1, ...rows.flatMap((r) => r.bars.map((b) => b.value)));
  const room = W - left - 130;
  const pitch = 26;
  const desc = rows
    .map((r) => `${r.label}: ${r.bars.map((b) => `${b.name} ${fmt.int(b.value)}`).join(', ')}`)
    .join('; ');
  return draw({ width: W, height: rows.length * pitch + 2, title, desc }, (svg) => {
    svg
      .append('path')
      .attr('d', `M${left},0V${rows.length * pitch}`)
      .attr('class', 'axis');
    rows.forEach((row, i) => {
      svg
        .append('text')
        .attr('x', left - 8)
        .attr('y', i * pitch + 15)
        .attr('text-anchor', 'end')
        .text(row.label);
      const drawn = row.bars.filter((b) => b.value > 0);
      drawn.forEach((bar, k) => {
        const thick = drawn.length === 1 ? 13 : 10;
        const y = i * pitch + (drawn.length === 1 ? 4.5 : 1 + k * (thick + 1));
        one(svg, bar, left, y, (bar.value / most) * room, thick);
      });
    });
  });
}

function one(svg: Pen, bar: BarRow['bars'][number], x: number, y: number, width: number, thick: number): void {
  svg
    .append('rect')
    .attr('x', x)
    .attr('y', y)
    .attr('width', px(Math.max(1, width)))
    .attr('height', thick)
    .attr('fill', `url(#p-${bar.series})`);
  const label = svg
    .append('text')
    .attr('x', px(x + Math.max(1, width) + 5))
    .attr('y', y + thick / 2 + 3.5)
    .attr('class', 'small');
  label.text(`${fmt.int(bar.value)} ${bar.name}`);
}
