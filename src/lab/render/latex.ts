/**
 * LaTeX for papers: booktabs tables, and a macro for every figure that the text may name, so that no number in a paper is
 * typed. `\input{macros.tex}`, then `\wySpeedTraceMean` is the geometric mean of `trace` and `\wySpeedTraceCrcThreeTwoOThree`
 * a program's; `Low` and `High` behind a name are the bounds of the 95 % interval.
 */
import type { Interval } from '../../stats/bootstrap.ts';
import { asInterval, METRIC_BY_NAME } from '../metrics.ts';
import type { Row } from '../summary.ts';
import { meanSpeed, ms, shown, speed, type What } from './figures.ts';

export interface LatexInput {
  rows: readonly Row[];
  configs: readonly string[];
  baseline: Record<What, string>;
  metrics: readonly string[];
  labels: Readonly<Record<string, string>>;
}

const ESCAPES: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};
export const tex = (text: string): string => text.replace(/[\\{}$&#%_~^]/g, (c) => ESCAPES[c]!);

const DIGITS = ['Zero', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];
const SIGNS: Record<string, string> = { '+': 'With', '=': 'Is', '-': 'Less', '@': 'Again' };

/** Letters only, as macro names are: `crc32.O3` gives `CrcThreeTwoOThree`. */
export function macroName(text: string): string {
  return text
    .replace(/\d/g, (d) => ` ${DIGITS[Number(d)]} `)
    .replace(/[+=@]|(?<=[,=])-/g, (c) => ` ${SIGNS[c]} `)
    .split(/[^A-Za-z]+/)
    .filter(Boolean)
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');
}

/** All figures as macros. Two names that would be one macro are an error. */
export function macros({ rows, configs, baseline, metrics }: LatexInput): string {
  const defined = new Map<string, { value: string; from: string }>();
  const define = (name: string, value: string, from: string) => {
    const before = defined.get(name);
    if (before && before.from !== from) throw new Error(`${before.from} and ${from} would both be \\${name}`);
    defined.set(name, { value, from });
  };
  const all = (name: string, { value, low, high }: Interval, from: string) => {
    define(name, number(value), from);
    if (low === high) return;
    define(`${name}Low`, number(low), `${from} low`);
    define(`${name}High`, number(high), `${from} high`);
  };
  define('wyPrograms', String(rows.length), 'programs');
  for (const config of configs) {
    for (const [what, title] of [
      ['steady', 'Speed'],
      ['whole', 'WholeSpeed'],
    ] as const) {
      const mean = meanSpeed(rows, config, baseline[what], what);
      if (!mean || config === baseline[what]) continue;
      const name = `wy${title}${macroName(config)}`;
      all(`${name}Mean`, mean.mean, `mean ${what} ${config}`);
      define(`${name}Count`, String(mean.rows), `count ${what} ${config}`);
      const each = rows.flatMap((row) => speed(row, config, baseline[what], what)?.value ?? []);
      define(`${name}Worst`, number(Math.min(...each)), `worst ${what} ${config}`);
      define(`${name}Best`, number(Math.max(...each)), `best ${what} ${config}`);
    }
    for (const row of rows) {
      const cell = row.cells[config];
      if (!cell) continue;
      for (const name of metrics) {
        const found = METRIC_BY_NAME.get(name)?.of(cell, row, baseline.steady);
        if (found == null) continue;
        all(
          `wy${macroName(name)}${macroName(config)}${macroName(row.id)}`,
          asInterval(found),
          `${name} ${config} ${row.id}`,
        );
      }
    }
  }
  return [...defined].map(([name, { value }]) => `\\newcommand{\\${name}}{${value}}\n`).join('');
}

function number(x: number): string {
  if (Number.isInteger(x)) return String(x);
  return Math.abs(x) >= 100 ? x.toFixed(0) : x.toPrecision(3);
}

/** A booktabs table of speeds: programs down, configurations across, geometric means below. */
export function speedTable({ rows, configs, baseline: both, labels }: LatexInput, what: What): string | null {
  const baseline = both[what];
  const others = shown(rows, configs).filter(
    (c) => c !== baseline && rows.some((row) => speed(row, c, baseline, what)),
  );
  if (!others.length) return null;
  const label = (name: string) => tex(labels[name] ?? name);
  const line = (cells: readonly string[]) => `${cells.join(' & ')} \\\\`;
  const cell = (x: Interval | null | undefined) =>
    x
      ? `${x.value.toFixed(2)}${x.low === x.high ? '' : ` {\\scriptsize ${x.low.toFixed(2)}--${x.high.toFixed(2)}}`}`
      : '--';
  const time = (row: Row) =>
    ms(METRIC_BY_NAME.get(what)!.of(row.cells[baseline]!, row, baseline) as number | null).replace('–', '--');
  const body = rows.filter((row) => row.cells[baseline] && others.some((c) => speed(row, c, baseline, what)));
  return [
    '% needs \\usepackage{booktabs}',
    `\\begin{tabular}{l${'r'.repeat(others.length + 1)}}`,
    '\\toprule',
    line(['program', `${label(baseline)}, ms`, ...others.map(label)]),
    '\\midrule',
    ...body.map((row) => line([tex(row.id), time(row), ...others.map((c) => cell(speed(row, c, baseline, what)))])),
    '\\midrule',
    line(['geometric mean', '', ...others.map((c) => cell(meanSpeed(body, c, baseline, what)?.mean))]),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

/** A booktabs table of the plan's metrics for one configuration: programs down, metrics across. */
export function metricTable({ rows, metrics, baseline }: LatexInput, config: string): string | null {
  const used = metrics.filter((name) =>
    rows.some(
      (row) => row.cells[config] && METRIC_BY_NAME.get(name)!.of(row.cells[config], row, baseline.steady) !== null,
    ),
  );
  if (!used.length) return null;
  const line = (cells: readonly string[]) => `${cells.join(' & ')} \\\\`;
  const value = (row: Row, name: string) => {
    const found = row.cells[config] && METRIC_BY_NAME.get(name)!.of(row.cells[config], row, baseline.steady);
    return found == null ? '--' : number(asInterval(found).value);
  };
  return [
    `\\begin{tabular}{l${'r'.repeat(used.length)}}`,
    '\\toprule',
    line([
      'program',
      ...used.map((name) =>
        tex(
          `${name}${/^(times|share)$/.test(METRIC_BY_NAME.get(name)!.unit) ? '' : `, ${METRIC_BY_NAME.get(name)!.unit}`}`,
        ),
      ),
    ]),
    '\\midrule',
    ...rows
      .filter((row) => row.cells[config])
      .map((row) => line([tex(row.id), ...used.map((name) => value(row, name))])),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}
