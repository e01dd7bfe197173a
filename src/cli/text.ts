/** Text for terminals: numbers with separators and tables in aligned columns. */

/** `1234567` -> `1,234,567`. */
export const count = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');

/** Share of a whole: `98.7`; empty where the whole is 0. */
export const percent = (part: number, whole: number): string => (whole > 0 ? ((100 * part) / whole).toFixed(1) : '');

/** Milliseconds with as many digits as matter. */
export const ms = (n: number): string => (n >= 100 ? n.toFixed(0) : n >= 1 ? n.toFixed(1) : n.toFixed(3));

/**
 * Rows under a head, columns two spaces apart. A column is flush right when its head starts with `>`, which is not shown.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = head.map((name) => name.startsWith('>'));
  const all = [head.map((name) => name.replace(/^>/, '')), ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
