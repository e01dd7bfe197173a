/**
 * `npm run --silent report`: optimizes the shipped workloads, prints a table and writes a report.
 *
 *     guest           native   trace  native/trace  in fragments
 *     crc32 -O3      90.1 ms  88.0 ms          1.02        99.9 %
 *
 * Every row is one call in a fresh process for each mode, warm-up included: what a user sees, not a benchmark
 * (`npm run measure` measures properly). "native" is the plain module in the same Node with its default tiers.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type Build, GUESTS, type Guest, SIZES, type Size } from '../benchmarks/guests/catalogue.ts';
import type { Stats } from '../src/profile/schema.ts';
import type { ChildResult } from './demo/child.ts';

const CHILD = fileURLToPath(new URL('demo/child.ts', import.meta.url));
const OUT = fileURLToPath(new URL('../reports/out/report.html', import.meta.url));

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'medium' },
    filter: { type: 'string', default: '' },
    output: { type: 'string', short: 'o', default: OUT },
  },
});
if (!(SIZES as readonly string[]).includes(values.size)) {
  console.error(`--size takes ${SIZES.join(', ')}, not '${values.size}'`);
  process.exit(2);
}

const run = promisify(execFile);

/** One guest in one mode; null, with the reason on standard error, when its process fails. */
async function measure(row: Guest, build: Build, mode: 'native' | 'trace'): Promise<ChildResult | null> {
  try {
    const { stdout } = await run(
      process.execPath,
      [...process.execArgv, CHILD, row.name, build, values.size as Size, mode],
      {
        maxBuffer: 2 ** 30,
        timeout: 60_000,
      },
    );
    return JSON.parse(stdout) as ChildResult;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    console.error(`${row.name}.${build} ${mode}: ${stderr.trim().split('\n').at(-1) || message}`);
    return null;
  }
}

/** The build that most users ship: optimized where there are two. */
const buildOf = (row: Guest): Build => (row.builds.includes('O3') ? 'O3' : row.builds[0]!);

const guests = GUESTS.filter((row) => row.name.includes(values.filter));
const width = Math.max(...guests.map((row) => row.name.length)) + 4;
const began = performance.now();
console.log(`${guests.length} programs, one call each, native and traced, in a fresh process each time\n`);
console.log(
  `${'guest'.padEnd(width)}  ${'native'.padStart(9)}  ${'traced'.padStart(9)}  native/traced  in fragments  traces`,
);

const reports: Stats[] = [];
const ratios: number[] = [];
let wrong = 0;
for (const row of guests) {
  const build = buildOf(row);
  const native = await measure(row, build, 'native');
  const traced = await measure(row, build, 'trace');
  const title = `${row.name} ${build}`.padEnd(width);
  if (!native || !traced) {
    wrong++;
    continue;
  }
  if (traced.result !== traced.expected || native.result !== native.expected) {
    wrong++;
    console.log(
      `${title}  WRONG RESULT: native ${native.result}, traced ${traced.result}, expected ${traced.expected}`,
    );
  }
  const ratio = native.ms / traced.ms;
  ratios.push(ratio);
  reports.push(traced.stats);
  console.log(
    `${title}  ${native.ms.toFixed(1).padStart(6)} ms  ${traced.ms.toFixed(1).padStart(6)} ms  ${ratio.toFixed(2).padStart(13)}  ` +
      `${`${(100 * traced.stats.instructions.coverage).toFixed(1)} %`.padStart(12)}  ${String(traced.stats.traces.compiled).padStart(6)}`,
  );
}

if (ratios.length > 0) {
  const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
  console.log(`\ngeometric mean of native/traced: ${mean.toFixed(2)} (over 1: traced is faster)`);
  const { renderReport } = await import('../src/report/index.ts');
  mkdirSync(fileURLToPath(new URL('../reports/out/', import.meta.url)), { recursive: true });
  writeFileSync(values.output, await renderReport(reports, { title: 'The shipped workloads' }));
  console.log(`report: ${values.output} (${((performance.now() - began) / 1000).toFixed(0)} s in all)`);
}
process.exitCode = wrong > 0 ? 1 : 0;
