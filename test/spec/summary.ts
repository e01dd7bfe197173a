/** Results of a run of the suite: totals, the comparison with the host alone, and the table for people. */
import type { NativeResults } from './format.ts';
import type { Failure, FileResult } from './pool.ts';

/** A failing line that the host passes. */
export interface Regression extends Failure {
  file: string;
}

export interface Totals {
  files: number;
  passed: number;
  failed: number;
  skipped: number;
  modules: number;
  nativeModules: number;
  fragments: number;
  uncoveredFiles: number;
  ms: number;
}

export function totals(results: readonly FileResult[]): Totals {
  const sum = (of: (r: FileResult) => number) => results.reduce((n, r) => n + of(r), 0);
  return {
    files: results.filter((r) => r.uncovered === null).length,
    passed: sum((r) => r.passed),
    failed: sum((r) => r.failed),
    skipped: sum((r) => r.skipped),
    modules: sum((r) => r.modules),
    nativeModules: sum((r) => r.nativeModules),
    fragments: sum((r) => r.fragments),
    uncoveredFiles: results.filter((r) => r.uncovered !== null).length,
    ms: Math.round(sum((r) => r.ms)),
  };
}

/** Failures at lines where the host has none, or more of them than the host has (lines can hold two commands). */
export function regressions(results: readonly FileResult[], native: NativeResults): Regression[] {
  const out: Regression[] = [];
  for (const { file, failures } of results) {
    const known = [...(native.files[file]?.failures ?? [])];
    for (const failure of failures) {
      const at = known.indexOf(failure.line);
      if (at >= 0) known.splice(at, 1);
      else out.push({ file, ...failure });
    }
  }
  return out;
}

/** Sums of the reasons why modules or whole files ran natively, most frequent first. */
export function nativeReasons(results: readonly FileResult[]): [string, number][] {
  const all = new Map<string, number>();
  for (const { reasons, uncovered } of results) {
    for (const [why, n] of Object.entries(reasons)) all.set(why, (all.get(why) ?? 0) + n);
    if (uncovered !== null) all.set(uncovered, (all.get(uncovered) ?? 0) + 1);
  }
  return [...all].sort((a, b) => b[1] - a[1]);
}

/** Rows of equal width; the first column is text, the others numbers. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
    .join('\n');
}

const HEAD = ['file', 'passed', 'failed', 'skipped', 'modules', 'native', 'fragments', 'ms'];

/** The table of a run: a line a file, the totals last. */
export function renderTable(results: readonly FileResult[]): string {
  const row = (name: string, r: Omit<Totals, 'files' | 'uncoveredFiles'>) => [
    name,
    ...[r.passed, r.failed, r.skipped, r.modules, r.nativeModules, r.fragments, Math.round(r.ms)].map(String),
  ];
  const rows = results.filter((r) => r.uncovered === null).map((r) => row(r.file, r));
  const all = totals(results);
  return table([HEAD, ...rows, row(`total of ${all.files} files`, all)]);
}
