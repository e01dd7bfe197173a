/**
 * Renders `RESULTS.md` from `results/NAME.json`: each figure with its baseline, geometric means at the end.
 *
 *     node benchmarks/table.ts [results/guests.json] > benchmarks/RESULTS.md
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GOALS } from './lib/goals.ts';
import { geomean, geomeanRatio, type Interval } from './lib/statistics.ts';
import type { Row } from './lib/summary.ts';
import type { Results } from './measure.ts';

const dash = '–';
const fixed = (x: number | null | undefined, digits: number) => (x == null ? dash : x.toFixed(digits));
const ms = (x: number | undefined) => (x === undefined ? dash : x < 100 ? x.toFixed(1) : x.toFixed(0));
const percent = (x: number | null) => (x === null ? dash : `${(x * 100).toFixed(1)} %`);

/** `1.23 (1.20–1.26)`; the interval only where there is one. */
function interval(x: Interval | null, digits = 2): string {
  if (!x) return dash;
  const { value, low, high } = x;
  return low === high ? fixed(value, digits) : `${fixed(value, digits)} (${fixed(low, digits)}–${fixed(high, digits)})`;
}

interface Column {
  head: string;
  cell(row: Row): string;
  /** The bottom cell, over the rows given. */
  mean?(rows: readonly Row[]): string;
}

/** Geometric mean of a ratio over the rows that have both samples. */
function meanOf(a: string, b: string) {
  return (rows: readonly Row[]) => {
    const pairs = rows.flatMap((r) => (r.samples[a] && r.samples[b] ? [{ a: r.samples[a], b: r.samples[b] }] : []));
    return pairs.length ? interval(geomeanRatio(pairs)) : dash;
  };
}

function meanNs(pick: (row: Row) => number | null) {
  return (rows: readonly Row[]) => {
    const values = rows.map(pick).filter((x) => x !== null);
    return values.length ? fixed(geomean(values), 2) : dash;
  };
}

const COLUMNS: readonly Column[] = [
  { head: 'workload', cell: (r) => `\`${r.id}\`` },
  { head: 'TurboFan, ms', cell: (r) => ms(r.steady.turbofan) },
  { head: 'default / TurboFan', cell: (r) => times(r, 'default'), mean: meanOf('steady default', 'steady turbofan') },
  { head: 'Liftoff / TurboFan', cell: (r) => times(r, 'liftoff'), mean: meanOf('steady liftoff', 'steady turbofan') },
  {
    head: 'interpreter / TurboFan',
    cell: (r) => interval(r.interpSlowdown, 1),
    mean: meanOf('steady interp', 'steady turbofan'),
  },
  {
    head: 'interpreter, ns an instruction',
    cell: (r) => fixed(r.nsPerInstruction.interp, 2),
    mean: meanNs((r) => r.nsPerInstruction.interp),
  },
  {
    head: 'traced speed, TurboFan = 1',
    cell: (r) => interval(r.traceSpeed),
    mean: meanOf('steady turbofan', 'steady trace'),
  },
  {
    head: 'whole process, traced speed, default Node = 1',
    cell: (r) => interval(r.traceWholeSpeed),
    mean: meanOf('wall default', 'wall trace'),
  },
  { head: 'coverage', cell: (r) => percent(r.coverage) },
];

function times(row: Row, config: 'default' | 'liftoff'): string {
  const { turbofan, [config]: time } = row.steady;
  return time === undefined || turbofan === undefined ? dash : fixed(time / turbofan, 2);
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function meanLine(label: string, rows: readonly Row[]): string[] {
  if (!rows.length) return [];
  return [line(COLUMNS.map((c, i) => (i === 0 ? `**${label}** (${rows.length})` : (c.mean?.(rows) ?? ''))))];
}

export function renderTable(results: Results): string {
  const { provenance: p, settings, rows } = results;
  const out = [
    '# Results',
    '',
    'Written by `node benchmarks/measure.ts`; do not edit. Every figure is a median over processes, its 95 % bootstrap',
    'interval in brackets where there are several. *Steady*: repeated calls of the medium size in one process,',
    `${settings.steady === 'best' ? 'the best of them' : 'the median of the later half'}. *Whole process*: one call of`,
    'the large size, from the start of Node to its end. *Coverage*: guest instructions executed in fragments, over that',
    'whole process. Rows ending in `O0` and `O3` are two builds of one source.',
    '',
    line(COLUMNS.map((c) => c.head)),
    line(COLUMNS.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows.map((row) => line(COLUMNS.map((c) => c.cell(row)))),
    ...meanLine(
      'inner loops',
      rows.filter((r) => r.tags.includes('inner-loop')),
    ),
    ...meanLine('geometric mean', rows),
    '',
    ...goals(rows),
    ...failures(rows),
    ...wholeProcess(rows),
    '## Where these come from',
    '',
    `- ${p.date}, ${settings.reps} processes a figure${settings.quick ? ' (quick run)' : ''}, steady budget ${settings.budget} ms, order seed ${settings.seed}`,
    `- Node ${p.node}, V8 ${p.v8}, ${p.platform}, ${p.cpu}, ${p.cores} cores, ${Math.round(p.memory / 2 ** 30)} GiB, load ${p.load.toFixed(2)} at the start`,
    `- commit ${p.commit ?? 'unknown'}, tool sources SHA-256 ${p.tool.slice(0, 16)}`,
    ...Object.entries(p.configs).map(([name, c]) =>
      `- \`${name}\`: ${c.mode} ${[...c.flags, optionText(c.options)].join(' ')}`.trimEnd(),
    ),
    '',
  ];
  return out.join('\n');
}

const optionText = (options: object) =>
  Object.entries(options)
    .map(([k, v]) => `${k}=${v}`)
    .join(' ');

/** The claims that the figures at hand can decide. */
function goals(rows: readonly Row[]): string[] {
  const lines = GOALS.flatMap(({ text, check }) => {
    const found = check(rows);
    return found ? [line([text, found.measured, found.met ? 'yes' : '**no**'])] : [];
  });
  return lines.length
    ? ['## Goals', '', line(['goal', 'measured', 'met']), line(['---', '---', '---']), ...lines, '']
    : [];
}

function failures(rows: readonly Row[]): string[] {
  const lines = rows.flatMap((r) => r.errors.map((e) => `- \`${r.id}\`, ${e}`));
  return lines.length ? ['## Failures', '', ...lines, ''] : [];
}

/** Milliseconds of one call of the large size, start of Node included, by configuration. */
function wholeProcess(rows: readonly Row[]): string[] {
  const configs = ['default', 'turbofan', 'liftoff', 'interp', 'trace'] as const;
  const present = rows.filter((r) => Object.keys(r.wall).length);
  if (!present.length) return [];
  return [
    '## Whole process, milliseconds',
    '',
    line(['workload', ...configs]),
    line(['---', ...configs.map(() => '---:')]),
    ...present.map((r) => line([`\`${r.id}\``, ...configs.map((c) => ms(r.wall[c]))])),
    '',
  ];
}

if (import.meta.main) {
  const path = process.argv[2] ?? fileURLToPath(new URL('results/guests.json', import.meta.url));
  try {
    process.stdout.write(renderTable(JSON.parse(readFileSync(path, 'utf8'))));
  } catch (error) {
    console.error(`cannot render ${path}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
  }
}
