/**
 * The static part of a table: the first rows, with proper headers and a caption. The page's script
 * (`browser/grid.ts`) takes the element over by its `data-grid` and gives it search, sorting and all other rows from
 * the same specification.
 */
import type { Stats } from '../profile/schema.ts';
import { fmt } from './format.ts';
import { type Html, html } from './html.ts';
import type { GridColumn, GridSpec } from './section.ts';

/** Rows that print and pages without script show. */
export const STATIC_ROWS = 25;

/** Draws a table; an empty one gives a sentence. */
export function gridHtml(spec: GridSpec, stats: Stats, slug: string): Html {
  const columns = spec.columns(fmt, stats);
  const rows = spec.rows(stats);
  if (rows.length === 0) return html`<p class="none">${spec.caption}: none in this run.</p>`;
  const more = rows.length > STATIC_ROWS ? ` (first ${STATIC_ROWS} of ${fmt.int(rows.length)})` : '';
  return html`<div class="grid" data-grid="${spec.name}"><div class="scroll" tabindex="0" role="region" aria-label="${spec.caption}"><table>
<caption>${spec.caption}<span class="more">${more}</span></caption>
<thead><tr>${columns.map((c) => headCell(c, rows[0]))}</tr></thead>
<tbody>${rows.slice(0, STATIC_ROWS).map(
    (row) => html`<tr>${columns.map((c, i) => cell(c, row, i, slug))}</tr>
`,
  )}</tbody></table></div></div>`;
}

/** Class attribute of a cell: `n` numbers, `b` a bar, `minor` not on paper. */
function classes(column: GridColumn<unknown>, value: unknown, bar: boolean): Html {
  const number = !column.label && typeof value === 'number';
  const names = [number && 'n', number && bar && 'b', column.minor && 'minor'].filter(Boolean);
  return names.length > 0 ? html` class="${names.join(' ')}"` : html``;
}

function headCell(column: GridColumn<unknown>, sample: unknown): Html {
  return html`<th scope="col" title="${column.help}"${classes(column, column.value(sample), false)}>${column.head}</th>`;
}

function cell(column: GridColumn<unknown>, row: unknown, index: number, slug: string): Html {
  const value = column.value(row);
  const text = column.text ? column.text(row) : typeof value === 'number' ? fmt.int(value) : String(value ?? '');
  const to = column.link?.(row) ?? null;
  const body = to === null ? html`${text}` : html`<a href="#${slug}/${to}">${text}</a>`;
  const bar =
    column.bar && html`<span class="bar" style="--v:${(Math.max(0, column.bar(row)) * 100).toFixed(1)}%"></span>`;
  const n = classes(column, value, bar !== undefined);
  // The first cell names the row.
  return index === 0 ? html`<th scope="row"${n}>${body}</th>` : html`<td${n}>${bar}${body}</td>`;
}
