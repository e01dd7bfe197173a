/**
 * The page's script, put together from the text of the functions that run there. A function's own text is what the
 * page gets, so each is self-contained: all it uses comes in as arguments.
 */
import { boot } from './browser/boot.ts';
import { activateGrid } from './browser/grid.ts';
import { activateSort } from './browser/sort.ts';
import { RUN } from './catalogue.ts';
import { formatters } from './format.ts';
import { scriptCode } from './html.ts';
import { unpack } from './pack.ts';
import { unpackCode } from './pack-code.ts';
import type { GridSpec } from './section.ts';

/** The text for the `<script>` element. */
export function pageScript(): string {
  const grids = RUN.flatMap((s) => s.grids ?? []).map((g) => `${JSON.stringify(g.name)}: ${gridText(g)}`);
  const scripts = RUN.filter((s) => s.browser).map((s) => {
    const lib = Object.entries(s.lib ?? {}).map(([name, f]) => `${name}: ${text(f)}`);
    return `${JSON.stringify(s.id)}: {run: ${text(s.browser!)}, lib: {${lib.join(',\n')}}}`;
  });
  return scriptCode(`'use strict';
(${text(boot)})(document, window, {
formatters: ${text(formatters)},
unpack: ${text(unpack)},
unpackCode: ${text(unpackCode)},
activateGrid: ${text(activateGrid)},
activateSort: ${text(activateSort)},
grids: {${grids.join(',\n')}},
scripts: {${scripts.join(',\n')}},
});`);
}

function gridText(grid: GridSpec): string {
  const { name, caption, sorted } = grid;
  return `{...${JSON.stringify({ name, caption, sorted })}, rows: ${text(grid.rows)}, columns: ${text(grid.columns)}}`;
}

/** Text of a function without the blank space that stripped types leave. */
function text(f: (...args: never[]) => unknown): string {
  return String(f)
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n');
}
