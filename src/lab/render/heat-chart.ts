/**
 * Heat maps of speeds. Blue is faster than the baseline, orange slower, the further from 1 the darker; every field has
 * its number, so that grey prints and all eyes can read it.
 */
import { type Canvas, draw } from './canvas.ts';

export interface Heat {
  title: string;
  columns: readonly string[];
  rows: readonly { label: string; values: readonly (number | null)[] }[];
  /** Below the map: what the fields are. */
  note: string;
}

const FIELD = { width: 52, height: 20 };

/** Rows in which nothing was measured are left out. */
export async function heatChart({ title, columns, rows: all, note }: Heat): Promise<string | null> {
  const rows = all.filter(({ values }) => values.some((v) => v !== null));
  if (!rows.length || !columns.length) return null;
  const left = Math.max(...rows.map((row) => row.label.length)) * 6.2 + 14;
  const head = Math.max(...columns.map((name) => name.length)) * 4.6 + 14;
  const width = Math.max(left + columns.length * FIELD.width + head * 0.8, left + note.length * 5.6 + 10);
  const depths = rows.flatMap((row) => row.values.flatMap((v) => (v === null ? [] : [Math.abs(Math.log(v))])));
  const most = Math.max(Math.log(1.2), ...depths);
  return draw({ width, height: head + rows.length * FIELD.height + 24, title }, (canvas) => {
    columns.forEach((name, k) => canvas.text(left + (k + 0.45) * FIELD.width, head - 6, name, { turn: -40 }));
    rows.forEach((row, i) => {
      const y = head + i * FIELD.height;
      canvas.text(left - 8, y + FIELD.height / 2 + 3.5, row.label, { anchor: 'end' });
      row.values.forEach((value, k) => field(canvas, left + k * FIELD.width, y, value, most));
    });
    canvas.text(left, head + rows.length * FIELD.height + 16, note);
  });
}

function field(canvas: Canvas, x: number, y: number, value: number | null, most: number): void {
  const [w, h] = [FIELD.width - 1, FIELD.height - 1];
  if (value === null) return canvas.text(x + w / 2, y + h / 2 + 3.5, '–', { anchor: 'middle', colour: '#777' });
  const depth = Math.min(1, Math.abs(Math.log(value)) / most);
  canvas.rect(x, y, w, h, mix(value >= 1 ? [0, 90, 150] : [200, 85, 0], depth));
  canvas.text(x + w / 2, y + h / 2 + 3.5, value.toFixed(2), {
    anchor: 'middle',
    colour: depth > 0.55 ? '#fff' : '#000',
  });
}

const mix = (to: readonly number[], depth: number) =>
  `rgb(${to.map((c) => Math.round(255 + (c - 255) * depth)).join(',')})`;
