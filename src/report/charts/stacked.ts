/**
 * Horizontal bars of stacked parts, one bar a row, each normalised to its own total. Parts that are wide enough carry
 * their name and share; the others are in the legend or table that goes with the chart.
 */
import { fmt } from '../format.ts';
import type { Html } from '../html.ts';
import { type Draw, type Pen, px, textWidth } from './draw.ts';
import type { Series } from './palette.ts';

export interface StackedRow {
  /** Left of the bar; empty for a single bar. */
  label: string;
  parts: { series: Series; name: string; value: number }[];
}

const WIDTH = 760;

/** Draws the bars; values may have any unit, the labels give shares. */
export function stackedBars(draw: Draw, title: string, rows: readonly StackedRow[]): Html {
  const left = Math.min(190, Math.max(0, ...rows.map((r) => textWidth(r.label) + (r.label ? 12 : 0))));
  const thick = rows.length > 1 ? 18 : 28;
  const pitch = thick + 6;
  const height = rows.length * pitch + 18;
  return draw({ width: WIDTH, height, title, desc: rows.map(describe).join('; ') }, (svg) => {
    axis(svg, left, rows.length * pitch);
    rows.forEach((row, i) => {
      bar(svg, row, left, i * pitch, thick);
    });
  });
}

function describe(row: StackedRow): string {
  const total = sum(row);
  const parts = row.parts.filter((p) => p.value > 0).map((p) => `${p.name} ${fmt.pct(p.value / total)}`);
  return `${row.label}${row.label ? ': ' : ''}${parts.join(', ')}`;
}

function sum(row: StackedRow): number {
  return row.parts.reduce((n, p) => n + p.value, 0) || 1;
}

function axis(svg: Pen, left: number, y: number): void {
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    const x = px(left + 1 + tick * (WIDTH - left - 2));
    svg.append('path').attr('d', `M${x},0V${y}`).attr('class', 'rule');
    const anchor = tick === 0 ? 'start' : tick === 1 ? 'end' : 'middle';
    svg
      .append('text')
      .attr('x', x)
      .attr('y', y + 11)
      .attr('class', 'tick')
      .attr('text-anchor', anchor)
      .text(`${tick * 100} %`);
  }
}

function bar(svg: Pen, row: StackedRow, left: number, y: number, thick: number): void {
  const total = sum(row);
  const middle = y + thick / 2 + 4;
  if (row.label) {
    const label = row.label.length > 29 ? `${row.label.slice(0, 28)}…` : row.label;
    svg
      .append('text')
      .attr('x', left - 8)
      .attr('y', middle)
      .attr('text-anchor', 'end')
      .text(label);
  }
  let x = left + 1;
  for (const part of row.parts) {
    const width = (part.value / total) * (WIDTH - left - 2);
    if (width <= 0) continue;
    const g = svg.append('g');
    const rect = g
      .append('rect')
      .attr('x', px(x))
      .attr('y', y)
      .attr('width', Math.max(0.5, px(width)))
      .attr('height', thick);
    rect.attr('fill', `url(#p-${part.series})`).attr('class', 'part');
    g.append('title').text(`${part.name} ${fmt.pct(part.value / total)}`);
    const label = fits(part.name, part.value / total, width);
    if (label) tag(g, label, x + 5, y, thick);
    x += width;
  }
}

/** A label on a plate of the paper's colour: patterns do not run through the letters. */
function tag(g: Pen, label: string, x: number, y: number, thick: number): void {
  const plate = g
    .append('rect')
    .attr('x', px(x))
    .attr('y', y + (thick - 14) / 2)
    .attr('rx', 2);
  plate
    .attr('width', px(textWidth(label) + 6))
    .attr('height', 14)
    .attr('class', 'plate');
  g.append('text')
    .attr('x', px(x + 3))
    .attr('y', y + thick / 2 + 4)
    .text(label);
}

function fits(name: string, share: number, width: number): string {
  const long = `${name} ${fmt.pct(share)}`;
  if (textWidth(long) + 12 < width) return long;
  const short = `${(share * 100).toFixed(0)} %`;
  return textWidth(short) + 12 < width ? short : '';
}
