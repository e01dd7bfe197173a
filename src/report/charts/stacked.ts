/**
 * Horizontal bars of stacked parts, one bar a row, each normalised to its own total. Parts that are wide enough carry
 * their name and share; the others are in the legend or table that goes with the chart.
 */
import { fmt } from '../format.ts';
import type { Html } from '../html.ts';
import { type Draw, label, type Pen, px, stroke, textWidth } from './draw.ts';
import type { Series } from './palette.ts';

export interface StackedRow {
  /** Left of the bar; empty for a single bar. */
  label: string;
  parts: { series: Series; name: string; value: number }[];
}

const W = 760;
const LONGEST_LABEL = 29;

/** Draws the bars; values may have any unit, the labels give shares. */
export function stackedBars(draw: Draw, title: string, rows: readonly StackedRow[]): Html {
  const names = rows.map((r) => (r.label.length > LONGEST_LABEL ? `${r.label.slice(0, LONGEST_LABEL - 1)}…` : r.label));
  const left = Math.max(0, ...names.map((n) => textWidth(n) + (n ? 12 : 0)));
  const thick = rows.length > 1 ? 18 : 28;
  const pitch = thick + 6;
  const height = rows.length * pitch + 18;
  return draw({ width: W, height, title, desc: rows.map(describe).join('; ') }, (svg) => {
    axis(svg, left, rows.length * pitch);
    rows.forEach((row, i) => {
      label(svg, left - 8, i * pitch + thick / 2 + 4, names[i]!, 'end');
      bar(svg, row, left + 1, i * pitch, thick);
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
    const x = px(left + 1 + tick * (W - left - 2));
    stroke(svg, `M${x},0V${y}`, 'rule');
    label(svg, x, y + 11, `${tick * 100} %`, tick === 0 ? 'start' : tick === 1 ? 'end' : 'middle', 'tick');
  }
}

function bar(svg: Pen, row: StackedRow, left: number, y: number, thick: number): void {
  const total = sum(row);
  let x = left;
  for (const part of row.parts) {
    const width = (part.value / total) * (W - left - 1);
    if (width <= 0) continue;
    const g = svg.append('g');
    const rect = g.append('rect').attr('x', px(x)).attr('y', y).attr('height', thick);
    rect.attr('width', Math.max(0.5, px(width)));
    rect.attr('fill', `url(#p-${part.series})`).attr('class', 'part');
    g.append('title').text(`${part.name} ${fmt.pct(part.value / total)}`);
    const text = fitting(part.name, part.value / total, width);
    if (text) tag(g, text, x + 5, y, thick);
    x += width;
  }
}

/** A label on a plate of the paper's colour: patterns do not run through the letters. */
function tag(g: Pen, text: string, x: number, y: number, thick: number): void {
  const plate = g
    .append('rect')
    .attr('x', px(x))
    .attr('y', y + (thick - 14) / 2)
    .attr('rx', 2);
  plate
    .attr('width', px(textWidth(text) + 6))
    .attr('height', 14)
    .attr('class', 'plate');
  label(g, x + 3, y + thick / 2 + 4, text);
}

/** Name and share, or the share, or nothing, as there is room. */
function fitting(name: string, share: number, width: number): string {
  const long = `${name} ${fmt.pct(share)}`;
  if (textWidth(long) + 14 < width) return long;
  const short = `${(share * 100).toFixed(0)} %`;
  return textWidth(short) + 14 < width ? short : '';
}
