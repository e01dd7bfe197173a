/** The page's style sheet, a text for each part of the page. In TypeScript so that the published package has it. */
import { base } from './base.ts';
import { chart } from './chart.ts';
import { code } from './code.ts';
import { print } from './print.ts';
import { table } from './table.ts';

export function stylesheet(): string {
  return [base(), table, chart, code, print].join('\n');
}
