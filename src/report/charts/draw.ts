/**
 * Draws charts as SVG text with d3 at build time. d3-node brings a DOM that takes half a second to load, so it is
 * imported only here and once for a report; one DOM serves all charts.
 *
 * Charts have a viewBox and no size, so they scale; text takes `currentColor` and fills are CSS variables or patterns
 * of the page, so that light, dark and print work without drawing again.
 */
import { type Html, raw } from '../html.ts';

/** A d3 selection, as far as the charts use it. */
export interface Pen {
  append(name: string): Pen;
  attr(name: string, value: string | number | null): Pen;
  text(value: string): Pen;
  remove(): Pen;
}

/** A d3 scale from numbers to pixels. */
export interface Scale {
  (value: number): number;
  domain(bounds: readonly number[]): Scale;
  range(bounds: readonly number[]): Scale;
  nice(): Scale;
  ticks(count?: number): number[];
}

/** A d3 path generator over points. */
export interface Path {
  (points: readonly (readonly [number, number])[]): string | null;
  curve(curve: object): Path;
}

export interface AreaPath extends Path {
  y0(value: number): AreaPath;
  y1(get: (point: readonly [number, number]) => number): AreaPath;
  curve(curve: object): AreaPath;
}

/** The parts of d3 that the charts use. */
export interface D3 {
  scaleLinear(): Scale;
  scaleLog(): Scale;
  line(): Path;
  area(): AreaPath;
  readonly curveStepBefore: object;
  readonly curveLinear: object;
}

export interface Shape {
  width: number;
  height: number;
  /** Read by screen readers: what the chart shows, and what one sees in it. */
  title: string;
  desc: string;
}

export type Draw = (shape: Shape, paint: (svg: Pen, d3: D3) => void) => Html;

/** Loads d3 and gives the function that draws one chart. */
export async function loadDraw(): Promise<Draw> {
  const { D3Node } = await import('d3-node');
  const node = new D3Node();
  return (shape, paint) => {
    const svg = node.createSVG();
    svg.attr('viewBox', `0 0 ${shape.width} ${shape.height}`).attr('class', 'chart').attr('role', 'img');
    svg.attr('style', `max-width:${shape.width}px`).attr('aria-label', `${shape.title}. ${shape.desc}`);
    paint(svg, node.d3);
    // Serialized attributes may hold `<` and `>`; that is valid, but nothing in the page should look like a tag.
    const text = node.svgString().replace(/="[^"]*"/g, (a) => a.replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
    svg.remove();
    return raw(text);
  };
}

/** Width of text in the charts' 11 px font, in pixels, in a wide typeface; the drawing DOM has no layout. */
export function textWidth(text: string): number {
  let width = 0;
  for (const c of text) width += /[ijlt.,:' |]/.test(c) ? 3.9 : /[mwMW%@]/.test(c) ? 10 : /[A-Z]/.test(c) ? 7.6 : 6.7;
  return width;
}

/** Coordinates with one decimal: charts stay small. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Thins points to at most `most`, keeping the first and the last. */
export function thin<T>(points: readonly T[], most: number): T[] {
  if (points.length <= most) return [...points];
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => points[Math.round(i * step)]!);
}

/** Writes text at a point; `style` is a class of the style sheet. */
export function label(svg: Pen, x: number, y: number, text: string, anchor = 'start', style = ''): void {
  const pen = svg.append('text').attr('x', px(x)).attr('y', px(y)).attr('text-anchor', anchor);
  if (style) pen.attr('class', style);
  pen.text(text);
}

/** Strokes a path in a class of the style sheet. */
export function stroke(svg: Pen, d: string, style: string): Pen {
  return svg.append('path').attr('d', d).attr('class', style);
}
