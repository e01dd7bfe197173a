/**
 * Colours and patterns of the series. Colours are Okabe and Ito's (distinct for all common kinds of colour blindness);
 * each series also has a pattern of its own, so that it is told apart in grey. The values of the colours are CSS
 * variables `--c-NAME` (they differ a little between light and dark), the patterns `url(#p-NAME)` live once in the page.
 */
import { type Html, html } from '../html.ts';

/** `draw`: what is laid over the colour, in an 8 by 8 tile. */
export const SERIES = {
  fragments: { light: '#0072b2', dark: '#3f9bd4', draw: '' },
  interpret: { light: '#e69f00', dark: '#e69f00', draw: 'M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4' },
  host: { light: '#009e73', dark: '#1fb489', draw: 'M2,2 h.1 M6,6 h.1' },
  record: { light: '#d55e00', dark: '#e8752a', draw: 'M0,2 h8 M0,6 h8' },
  optimize: { light: '#cc79a7', dark: '#d58fb6', draw: 'M2,0 v8 M6,0 v8' },
  compile: { light: '#56b4e9', dark: '#72c1ee', draw: 'M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4' },
  translate: { light: '#f0e442', dark: '#e5da4a', draw: 'M0,4 h8 M4,0 v8' },
  exits: { light: '#6b6b6b', dark: '#9a9a9a', draw: 'M0,0 l8,8 M0,8 l8,-8' },
  other: { light: '#d0d0d0', dark: '#4a4a4a', draw: '' },
  removed: { light: '#0072b2', dark: '#3f9bd4', draw: '' },
  added: { light: '#d55e00', dark: '#e8752a', draw: 'M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4' },
} as const satisfies Record<string, { light: string; dark: string; draw: string }>;

export type Series = keyof typeof SERIES;

const NAMES = Object.keys(SERIES) as Series[];

/** Definitions of the patterns: once near the top of the page. */
export function patterns(): Html {
  return html`<svg width="0" height="0" class="defs" aria-hidden="true" focusable="false"><defs>${NAMES.map(pattern)}</defs></svg>`;
}

function pattern(name: Series): Html {
  const line = SERIES[name].draw;
  // Dots are zero-length strokes with round caps, wider than lines.
  const width = name === 'host' ? 2.4 : 1.1;
  return html`<pattern id="p-${name}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="var(--c-${name})"/>${
    line &&
    html`<path d="${line}" fill="none" stroke="var(--paper)" stroke-opacity=".65" stroke-width="${width}" stroke-linecap="round"/>`
  }</pattern>`;
}

/** CSS declarations of the colours. */
export function colours(scheme: 'light' | 'dark'): string {
  return NAMES.map((n) => `--c-${n}:${SERIES[n][scheme]};`).join('');
}

/** A small square in the colour and pattern of a series, for legends and tables. */
export function swatch(name: Series): Html {
  return html`<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><rect width="16" height="16" fill="url(#p-${name})"/></svg>`;
}
