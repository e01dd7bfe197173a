/**
 * The statistics of a run as text: where the guest spent its instructions, by function, loop and trace. All of it but the
 * times is exact, and the same from run to run.
 */
import type { FragmentStats, InSource, Stats } from '../profile/schema.ts';
import { count, ms, percent, table } from './text.ts';

const hex = (offset: number) => `0x${offset.toString(16)}`;
const place = (row: { name: string; offset: number }) => `$${row.name.replace(/^\$/, '')}+${hex(row.offset)}`;
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** The first `top` of `rows` by `key`, largest first; equal ones keep their order. */
function hottest<T>(rows: readonly T[], key: (row: T) => number, top: number): T[] {
  return rows
    .filter((row) => key(row) > 0)
    .toSorted((a, b) => key(b) - key(a))
    .slice(0, top);
}

/** Columns with a place in the source: none where the module has no debug information. */
function sourceColumn(rows: readonly InSource[]): { head: string[]; cell(row: InSource): string[] } {
  if (!rows.some((row) => row.line)) return { head: [], cell: () => [] };
  return { head: ['source'], cell: (row) => [row.line ? `${row.file}:${row.line}` : ''] };
}

/** A section, or nothing when it has no rows. */
function section(title: string, head: readonly string[], rows: readonly (readonly string[])[], of: number): string[] {
  if (rows.length === 0) return [];
  const more = of > rows.length ? ` (${rows.length} of ${of}; --top=N shows more)` : '';
  return ['', title + more, table(head, rows)];
}

const parent = (row: FragmentStats) => (row.parent ? `T${row.parent.fragment}/${row.parent.exit}` : '');

/** Text of `wynamo profile`; `top` rows of each table. */
export function profileText(stats: Stats, top: number): string {
  const { instructions, traces, time_ms: time } = stats;
  const total = instructions.total;
  // Counting code in the guest (--fast) counts natively, too; the host alone does not.
  const executed =
    stats.mode === 'native' && total === 0
      ? 'nothing is counted in mode native; --fast counts natively'
      : `${count(total)} guest instructions, ${percent(instructions.fragments, total) || '0.0'} % of them in fragments`;
  const lines = [
    `${stats.module.path ?? 'module'}: ${executed}`,
    `mode ${stats.mode}${stats.nativeReason ? ` (run natively: ${stats.nativeReason})` : ''}, ${stats.module.functions} functions, ${traces.recorded} traces recorded, ${traces.compiled} compiled`,
  ];

  const functions = hottest(stats.functions, (row) => row.instructions || row.entries, top);
  const inFunctions = sourceColumn(functions);
  lines.push(
    ...section(
      'functions',
      ['function', '>instructions', '>%', '>entries', ...inFunctions.head],
      functions.map((row) => [
        place(row),
        count(row.instructions),
        percent(row.instructions, total),
        count(row.entries),
        ...inFunctions.cell(row),
      ]),
      stats.functions.filter((row) => row.instructions || row.entries).length,
    ),
  );

  const loops = hottest(stats.loops, (row) => row.heads, top);
  const inLoops = sourceColumn(loops);
  const heads = sum(stats.loops.map((row) => row.heads));
  lines.push(
    ...section(
      'loops',
      ['loop', '>times at its head', '>%', ...inLoops.head],
      loops.map((row) => [place(row), count(row.heads), percent(row.heads, heads), ...inLoops.cell(row)]),
      stats.loops.filter((row) => row.heads > 0).length,
    ),
  );

  const fragments = hottest(stats.fragments, (row) => row.instructions || row.entries, top);
  const inTraces = sourceColumn(fragments);
  lines.push(
    ...section(
      'traces',
      [
        'trace',
        'kind',
        'from',
        'at',
        '>instructions',
        '>%',
        '>entries',
        '>iterations',
        '>recorded',
        '>bytes',
        'state',
        ...inTraces.head,
      ],
      fragments.map((row) => [
        `T${row.id}`,
        row.kind,
        parent(row),
        place(row),
        count(row.instructions),
        percent(row.instructions, total),
        count(row.entries),
        count(row.iterations),
        count(row.recorded),
        count(row.bytes),
        row.live ? 'live' : 'flushed',
        ...inTraces.cell(row),
      ]),
      stats.fragments.filter((row) => row.instructions || row.entries).length,
    ),
  );

  const reasons = Object.entries(stats.exits.byReason).filter(([, n]) => n > 0);
  lines.push(
    ...section(
      'exits by reason',
      ['reason', '>times'],
      reasons.toSorted(([, a], [, b]) => b - a).map(([reason, n]) => [reason, count(n)]),
      reasons.length,
    ),
  );

  const aborts = hottest(stats.aborts, (row) => row.count, top);
  lines.push(
    ...section(
      'recordings given up',
      ['at', 'reason', '>times', ''],
      aborts.map((row) => [place(row), row.reason, count(row.count), row.blacklisted ? 'not tried again' : '']),
      stats.aborts.length,
    ),
  );

  const parts = Object.entries(time).filter(([name, n]) => name !== 'total' && n > 0);
  lines.push(
    ...section(
      'time',
      ['component', '>ms', '>%'],
      [...parts, ['total', time.total] as const].map(([name, n]) => [name, ms(n), percent(n, time.total)]),
      0,
    ),
  );
  return `${lines.join('\n')}\n`;
}
