/** Tables in Markdown: steady state, whole processes, warm-up and memory, noise, and what went wrong. */
import { median } from '../../stats/quantile.ts';
import type { Provenance } from '../provenance.ts';
import { payback, type Row } from '../summary.ts';
import { dash, fixed, interval, meanSpeed, mib, ms, percent, shown, speed, type What } from './figures.ts';

export interface Report {
  title: string;
  rows: readonly Row[];
  /** As they were asked for. */
  configs: readonly string[];
  /** What steady states and whole processes are compared with. */
  baseline: Record<What, string>;
  provenance: Provenance;
  /** What a reader has to bear in mind, a sentence each. */
  threats?: readonly string[];
  /** How it was measured, in words. */
  settings: string;
}

export const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A table with its first column to the left and the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length ? [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line), ''] : [];
}

const code = (text: string) => `\`${text}\``;

export function markdown(report: Report, extra: readonly string[] = []): string {
  const { rows, provenance: p } = report;
  return [
    `# ${report.title}`,
    '',
    report.settings,
    '',
    ...extra,
    ...speeds(report, 'steady', 'Steady state'),
    ...speeds(report, 'whole', 'Whole process'),
    ...warmUp(report),
    ...noise(report),
    ...list('Results that do not agree', rows, (row) => row.disagreements),
    ...list('Failures', rows, (row) => row.errors),
    ...(report.threats ? ['## Threats to validity', '', ...report.threats.map((text) => `- ${text}`), ''] : []),
    '## Where these come from',
    '',
    `- ${p.date}`,
    `- Node ${p.node}, V8 ${p.v8}, ${p.platform}, ${p.cpu}, ${p.cores} cores, ${Math.round(p.memory / 2 ** 30)} GiB, load ${p.load.toFixed(2)} at the start`,
    `- commit ${p.commit ?? 'unknown'}, tool sources SHA-256 ${p.tool.slice(0, 16)}`,
    ...Object.entries(p.configs).map(([name, c]) => {
      if ('best' in c) return `- \`${name}\`: for each workload the best of ${c.best.join(', ')}`;
      const options = Object.entries(c.options).map(([k, v]) => `${k}=${v}`);
      return `- \`${name}\`: ${[c.mode, ...c.flags, ...options].join(' ')}`;
    }),
    '',
  ].join('\n');
}

/** Speeds against the baseline, with geometric means by suite. */
function speeds({ rows, configs, baseline }: Report, what: What, title: string): string[] {
  const base = baseline[what];
  const value = (row: Row) => {
    const cell = row.cells[base];
    if (what === 'steady') return cell?.steady?.ms ?? null;
    return cell?.wall.length ? median(cell.wall) : null;
  };
  const others = shown(rows, configs).filter(
    (name) => name !== base && rows.some((row) => speed(row, name, base, what)),
  );
  const measured = rows.filter((row) => value(row) != null);
  if (!measured.length) return [];
  const head = ['workload', `${base}, ms`, ...others.map((name) => `${name}, speed`)];
  const body = measured.map((row) => [
    code(row.id),
    ms(value(row)),
    ...others.map((name) => interval(speed(row, name, base, what))),
  ]);
  const suites = [...new Set(measured.map((row) => row.suite))];
  const means = (label: string, part: readonly Row[]) => [
    `**${label}** (${part.length})`,
    '',
    ...others.map((name) => interval(meanSpeed(part, name, base, what)?.mean)),
  ];
  const groups =
    suites.length > 1
      ? suites.map((s) =>
          means(
            s,
            measured.filter((row) => row.suite === s),
          ),
        )
      : [];
  return [
    `## ${title}`,
    '',
    `Speed of \`${base}\` = 1; more is faster.`,
    '',
    ...table(head, [...body, ...groups, means('geometric mean', measured)]),
  ];
}

/** Classes, break-even, memory and coverage. */
function warmUp({ rows, configs, baseline }: Report): string[] {
  const names = shown(rows, configs).filter((name) => rows.some((row) => row.cells[name]?.steady));
  const base = baseline.whole;
  const own = names.filter((name) => rows.some((row) => row.cells[name]?.instructions != null));
  if (!names.length) return [];
  const head = [
    'workload',
    ...names.map((name) => `${name}, class`),
    ...own.map((name) => `${name} has paid against ${base} after`),
    ...names.map((name) => `${name}, peak MiB`),
    ...own.map((name) => `${name}, coverage`),
  ];
  const body = rows.map((row) => [
    code(row.id),
    ...names.map((name) => row.cells[name]?.steady?.class ?? dash),
    ...own.map((name) => paid(row, name, base)),
    ...names.map((name) => mib(row.cells[name]?.rss)),
    ...own.map((name) => percent(row.cells[name]?.coverage)),
  ]);
  return [
    '## Warm-up and memory',
    '',
    'A break-even beyond the measured iterations (≈) is extrapolated from the steady states.',
    '',
    ...table(head, body),
  ];
}

function paid(row: Row, name: string, base: string): string {
  const found = payback(row.cells[name], row.cells[base]);
  if (found === undefined) return dash;
  if (found === null) return 'never';
  return `${found.extrapolated ? '≈ ' : ''}${found.iterations} calls, ${ms(found.time)} ms`;
}

/** The same configuration twice: what differs is noise. */
function noise({ rows, configs }: Report): string[] {
  const twins = configs.filter((name) => name.includes('@'));
  const body = twins.flatMap((twin) => {
    const name = twin.replace(/@\d+$/, '');
    return (['steady', 'whole'] as const).flatMap((what) => {
      const mean = meanSpeed(rows, twin, name, what);
      if (!mean) return [];
      const found = rows.flatMap((row) => speed(row, twin, name, what) ?? []);
      const most = Math.max(...found.map((x) => Math.abs(Math.log(x.value))));
      const known = found.filter((x) => x.low < x.high);
      const apart = known.filter((x) => x.low > 1 || x.high < 1).length;
      return [
        [
          `${code(name)}, ${what}`,
          interval(mean.mean, 3),
          fixed(Math.exp(most), 3),
          known.length ? `${apart} of ${known.length}` : dash,
        ],
      ];
    });
  });
  const head = ['the same twice (A/A)', 'geometric mean', 'largest ratio', 'intervals without 1'];
  return body.length ? ['## Noise', '', ...table(head, body)] : [];
}

function list(title: string, rows: readonly Row[], pick: (row: Row) => readonly string[]): string[] {
  const lines = rows.flatMap((row) => pick(row).map((text) => `- \`${row.id}\`, ${text}`));
  return lines.length ? [`## ${title}`, '', ...lines, ''] : [];
}
