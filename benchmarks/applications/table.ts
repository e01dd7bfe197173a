/** The table of applications, declared once by columns, as Markdown and as a section of the report. */
import { html } from '../../src/report/html.ts';
import type { ReportSection } from '../../src/report/section.ts';
import type { Measured } from './measure.ts';

/** What is asked of each application: named, with the bound and whether it holds. */
export const GOALS = [
  { name: 'start', doc: 'start at most twice native and 200 ms', holds: (n, w) => w.start <= 2 * n.start + 200 },
  {
    name: 'memory',
    doc: 'memory at most 1.5 times native and 100 MB',
    holds: (n, w) => w.memory <= 1.5 * n.memory + 1e8,
  },
  { name: 'speed', doc: 'at most 3 times as long as plain Node', holds: (n, w) => w.whole <= 3 * n.whole },
] as const satisfies readonly {
  name: string;
  doc: string;
  holds(native: NonNullable<Measured['native']>, wynamo: NonNullable<Measured['wynamo']>): boolean;
}[];

/** Names of the goals that the application misses; all of them where it has no figures. */
export const missed = ({ native, wynamo }: Pick<Measured, 'native' | 'wynamo'>): string[] =>
  GOALS.filter((goal) => !native || !wynamo || !goal.holds(native, wynamo)).map(({ name }) => name);

const mb = (bytes: number | undefined) => (bytes === undefined ? '–' : (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0));
const ms = (time: number | undefined) => (time === undefined ? '–' : time.toFixed(0));

const COLUMNS: readonly { head: string; help: string; text: (m: Measured) => string }[] = [
  { head: 'application', help: 'name in the catalogue', text: (m) => m.name },
  { head: 'what', help: 'what it is', text: (m) => m.doc },
  { head: 'modules, MB', help: 'bytes of all different modules that it instantiates', text: (m) => mb(m.bytes) },
  { head: 'start, ms', help: 'plain Node: until it can take work', text: (m) => ms(m.native?.start) },
  { head: 'start here', help: 'the same under Wynamo', text: (m) => ms(m.wynamo?.start) },
  { head: 'test, ms', help: 'plain Node: start and whole test', text: (m) => ms(m.native?.whole) },
  { head: 'test here', help: 'the same under Wynamo', text: (m) => ms(m.wynamo?.whole) },
  {
    head: 'speed',
    help: 'time of plain Node for the whole test by that under Wynamo',
    text: (m) => (m.native && m.wynamo ? (m.native.whole / m.wynamo.whole).toFixed(2) : '–'),
  },
  { head: 'memory, MB', help: 'plain Node: most bytes of the process', text: (m) => mb(m.native?.memory) },
  { head: 'memory here', help: 'the same under Wynamo', text: (m) => mb(m.wynamo?.memory) },
  {
    head: 'instructions, M',
    help: 'guest instructions of a counted run',
    text: (m) => (m.instructions / 1e6).toFixed(1),
  },
  {
    head: 'coverage',
    help: 'share of them that fragments executed',
    text: (m) => (m.coverage === null ? '–' : `${(100 * m.coverage).toFixed(1)} %`),
  },
  { head: 'equal', help: 'all runs gave the same text', text: (m) => (m.equal ? 'yes' : 'NO') },
  {
    head: 'misses',
    help: GOALS.map(({ name, doc }) => `${name}: ${doc}`).join('; '),
    text: (m) => missed(m).join(', '),
  },
];

export function markdown(rows: readonly Measured[], about: readonly string[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    '# Applications',
    '',
    'Written by `npm run apps`; do not edit. Unmodified packages from npm through their public API, in processes of their own:',
    'plain Node, and Node with `--import wynamo/register`. Times and memory are medians over processes.',
    '',
    line(COLUMNS.map(({ head }) => head)),
    line(COLUMNS.map((_, i) => (i < 2 ? '---' : '---:'))),
    ...rows.map((row) => line(COLUMNS.map(({ text }) => text(row)))),
    '',
    ...GOALS.map(
      ({ name, doc }) =>
        `- *${name}*: ${doc}; ${rows.filter((r) => !missed(r).includes(name)).length} of ${rows.length}`,
    ),
    ...rows.flatMap((row) => row.errors.map((error) => `- ${row.name}: ${error}`)),
    '',
    ...about.map((text) => `- ${text}`),
    '',
  ].join('\n');
}

export const section = (rows: readonly Measured[]): ReportSection => ({
  id: 'applications',
  title: 'Applications',
  render: () => html`<div class="scroll" tabindex="0" role="region" aria-label="Applications"><table class="sortable">
<caption>${rows.length} unmodified applications, plain Node and Wynamo</caption>
<thead><tr>${COLUMNS.map(({ head, help }) => html`<th scope="col" title="${help}">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    (
      row,
    ) => html`<tr>${COLUMNS.map(({ text }, i) => (i === 0 ? html`<th scope="row">${text(row)}</th>` : html`<td${i > 1 && html` class="n"`}>${text(row)}</td>`))}</tr>
`,
  )}</tbody></table></div>`,
});
