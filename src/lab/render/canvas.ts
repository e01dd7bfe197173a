/**
 * Charts as SVG files that stand alone: for papers and pages, without a style sheet, black on white. Colours are Okabe
 * and Ito's, distinct for all common kinds of colour blindness; every series also has a shape, a dash or a hatch.
 */
import type { D3, Pen, Scale } from '../../report/charts/draw.ts';

export type ShapeName = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'down' | 'plus';

/** Series by position: colour, shape of points, dash of lines. Colours come twice, with other shapes and dashes. */
export const MARKS: readonly { colour: string; shape: ShapeName; dash: string }[] = [
  { colour: '#0072b2', shape: 'circle', dash: '' },
  { colour: '#d55e00', shape: 'square', dash: '6,3' },
  { colour: '#009e73', shape: 'triangle', dash: '2,2' },
  { colour: '#cc79a7', shape: 'diamond', dash: '8,3,2,3' },
  { colour: '#e69f00', shape: 'down', dash: '4,2' },
  { colour: '#56b4e9', shape: 'cross', dash: '1,3' },
  { colour: '#000000', shape: 'plus', dash: '10,4' },
  { colour: '#0072b2', shape: 'diamond', dash: '1,2' },
  { colour: '#d55e00', shape: 'down', dash: '' },
  { colour: '#009e73', shape: 'cross', dash: '8,3,2,3' },
  { colour: '#cc79a7', shape: 'plus', dash: '2,2' },
  { colour: '#e69f00', shape: 'circle', dash: '10,4' },
  { colour: '#56b4e9', shape: 'square', dash: '' },
  { colour: '#000000', shape: 'triangle', dash: '3,3' },
];

/** Outlines around the origin, five pixels or so wide. */
const SHAPES: Readonly<Record<ShapeName, string>> = {
  circle: 'M-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0Z',
  square: 'M-2.7,-2.7h5.4v5.4h-5.4Z',
  triangle: 'M0,-3.4L3.2,2.4H-3.2Z',
  down: 'M0,3.4L3.2,-2.4H-3.2Z',
  diamond: 'M0,-3.6L3.2,0L0,3.6L-3.2,0Z',
  cross: 'M-3,-2L-2,-3L0,-1L2,-3L3,-2L1,0L3,2L2,3L0,1L-2,3L-3,2L-1,0Z',
  plus: 'M-1,-3.4h2v2.4h2.4v2h-2.4v2.4h-2v-2.4h-2.4v-2h2.4Z',
};

export interface Frame {
  width: number;
  height: number;
  title: string;
}

export interface TextStyle {
  anchor?: 'start' | 'middle' | 'end';
  bold?: boolean;
  size?: number;
  colour?: string;
  /** Degrees around its point. */
  turn?: number;
}

export interface Canvas {
  readonly d3: D3;
  px(value: number): number;
  text(x: number, y: number, text: string, style?: TextStyle): void;
  path(d: string, colour: string, width: number, dash?: string): void;
  rect(x: number, y: number, width: number, height: number, fill: string): void;
  mark(x: number, y: number, shape: ShapeName, colour: string): void;
}

const px = (value: number) => Math.round(value * 100) / 100;

/** Draws one chart. d3-node brings a DOM that takes half a second to load, so it is imported only here. */
export async function draw({ width, height, title }: Frame, paint: (canvas: Canvas) => void): Promise<string> {
  const { D3Node } = await import('d3-node');
  const node = new D3Node();
  const svg: Pen = node.createSVG();
  svg.attr('xmlns', 'http://www.w3.org/2000/svg').attr('viewBox', `0 0 ${px(width)} ${px(height)}`);
  svg
    .attr('width', px(width))
    .attr('height', px(height))
    .attr('role', 'img')
    .attr('font-family', 'Helvetica, Arial, sans-serif');
  svg.append('title').text(title);
  svg.append('rect').attr('width', px(width)).attr('height', px(height)).attr('fill', '#fff');
  paint({
    d3: node.d3,
    px,
    text(x, y, text, style = {}) {
      const pen = svg
        .append('text')
        .attr('x', px(x))
        .attr('y', px(y))
        .attr('font-size', style.size ?? 10.5);
      pen.attr('text-anchor', style.anchor ?? 'start').attr('fill', style.colour ?? '#000');
      if (style.bold) pen.attr('font-weight', 'bold');
      if (style.turn) pen.attr('transform', `rotate(${style.turn} ${px(x)} ${px(y)})`);
      pen.text(text);
    },
    path(d, colour, w, dash = '') {
      const pen = svg.append('path').attr('d', d).attr('fill', 'none').attr('stroke', colour).attr('stroke-width', w);
      if (dash) pen.attr('stroke-dasharray', dash);
    },
    rect(x, y, w, h, fill) {
      svg
        .append('rect')
        .attr('x', px(x))
        .attr('y', px(y))
        .attr('width', px(w))
        .attr('height', px(h))
        .attr('fill', fill);
    },
    mark(x, y, shape, colour) {
      svg
        .append('path')
        .attr('d', SHAPES[shape])
        .attr('transform', `translate(${px(x)},${px(y)})`)
        .attr('fill', colour);
    },
  });
  const text = node.svgString();
  svg.remove();
  return `${text}\n`;
}

export const seriesOf = (all: readonly string[], name: string): number => all.indexOf(name) % MARKS.length;

export interface LegendEntry {
  readonly name: string;
  readonly series: number;
}

/** Pixels between two lines of a legend. */
const LINE = 14;

/** Entries with where they stand, in as many lines as they need between `x` and `right`. */
function placed(entries: readonly LegendEntry[], x: number, right: number) {
  let [at, line] = [x, 0];
  return entries.map((entry) => {
    const width = 24 + entry.name.length * 6.3;
    if (at > x && at + width > right) [at, line] = [x, line + 1];
    const place = { ...entry, at, down: line * LINE };
    at += width;
    return place;
  });
}

/** Pixels that a legend needs beyond its first line. */
export const legendRoom = (entries: readonly LegendEntry[], x: number, right: number): number =>
  placed(entries, x, right).at(-1)?.down ?? 0;

/** Names with their marks at the top. */
export function legend(
  canvas: Canvas,
  entries: readonly LegendEntry[],
  x: number,
  right: number = Number.POSITIVE_INFINITY,
): void {
  for (const { name, series, at, down } of placed(entries, x, right)) {
    const { colour, shape } = MARKS[series]!;
    canvas.mark(at + 4, 10 + down, shape, colour);
    canvas.text(at + 12, 13.5 + down, name);
  }
}

/** Vertical grid with numbers below: for a scale from left to right. */
export function axis(canvas: Canvas, scale: Scale, top: number, bottom: number, label: string): void {
  const [low, high] = range(scale);
  for (const tick of ticksOf(scale)) {
    const x = canvas.px(scale(tick));
    canvas.path(`M${x},${top}V${bottom}`, '#ddd', 0.8);
    canvas.text(x, bottom + 13, short(tick), { anchor: 'middle' });
  }
  canvas.path(`M${low},${bottom}H${high}`, '#000', 1);
  canvas.text((low + high) / 2, bottom + 28, label, { anchor: 'middle' });
}

function range(scale: Scale): [number, number] {
  const ends = (scale as unknown as { range(): number[] }).range();
  return [ends[0]!, ends[1]!];
}

/** At most a dozen ticks: a logarithmic scale would give all of 1 to 9. */
export function ticksOf(scale: Scale): number[] {
  const ticks = scale.ticks(8);
  if (ticks.length <= 12) return ticks;
  return ticks.filter((t) => /^[125]/.test(t.toExponential()));
}

/** A number as short as it can be: `0.05`, `20`, `3k`. */
export function short(x: number): string {
  if (Math.abs(x) >= 1e6) return `${+(x / 1e6).toPrecision(3)}M`;
  if (Math.abs(x) >= 1e4) return `${+(x / 1e3).toPrecision(3)}k`;
  return `${+x.toPrecision(3)}`;
}
