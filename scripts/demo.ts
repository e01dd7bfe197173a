/**
 * `npm run --silent report`: optimizes the shipped workloads, prints a table and writes a report.
 *
 *                    first call            later calls              everything counted
 *     guest        native    Wynamo    native    Wynamo    speed    in fragments  traces
 *     dot O3      32.1 ms   40.0 ms   23.2 ms    4.4 ms     5.27         100.0 %       5
 *
 * Every row is a fresh process for each mode that calls the guest up to eight times: the first call has the warm-up in it,
 * the later ones are their median. "native" is the plain module in the same Node with its default tiers, "Wynamo" what a run
 * does by default; the report is of runs in which everything is counted. This is a look; `npm run bench` measures properly.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Build, GUESTS, type Guest, SIZES, type Size } from '../benchmarks/guests/catalogue.ts';
import { checkOutput } from '../src/cli/output.ts';
import { UserError, unknownName } from '../src/errors.ts';
import { MACHINE_FLAGS } from '../src/lab/config.ts';
import type { Stats } from '../src/profile/schema.ts';
import { oneOf, readArguments, script } from './arguments.ts';
import type { ChildResult, Measured } from './demo/child.ts';

const CHILD = fileURLToPath(new URL('demo/child.ts', import.meta.url));
const OUT = fileURLToPath(new URL('../reports/out/report.html', import.meta.url));

/** Milliseconds after which the remaining guests are run with their small size. */
const LIMIT = 110_000;

// biome-ignore format: a row an option
const OPTIONS = {
  size: { value: 'SIZE', type: 'string', default: 'medium', doc: 'small, medium or large' },
  filter: { value: 'NAME', type: 'string', default: '', doc: 'only guests whose names contain this' },
  output: { value: 'FILE', type: 'string', short: 'o', default: OUT, doc: 'file of the report' },
} as const;

function settings() {
  const { values } = readArguments('npm run report -- [options]', OPTIONS);
  const size = oneOf('size', SIZES, values.size);
  const chosen = GUESTS.filter((row) => row.name.includes(values.filter));
  if (chosen.length === 0) {
    const names = GUESTS.map((row) => row.name);
    throw new UserError(`--filter: ${unknownName('guest', values.filter, names)}`);
  }
  mkdirSync(dirname(OUT), { recursive: true });
  checkOutput(values.output);
  return { ...values, size, guests: chosen };
}

const run = promisify(execFile);

/** One guest in one mode; null, with the reason on standard error, when its process fails. */
async function measure(row: Guest, build: Build, size: Size, mode: Measured): Promise<ChildResult | null> {
  try {
    const flags =
      mode === 'native' ? process.execArgv.filter((flag) => !MACHINE_FLAGS.includes(flag)) : process.execArgv;
    const { stdout } = await run(process.execPath, [...flags, CHILD, row.name, build, size, mode], {
      maxBuffer: 2 ** 30,
      timeout: 60_000,
    });
    return JSON.parse(stdout) as ChildResult;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    console.error(`${row.name}.${build} ${mode}: ${stderr.trim().split('\n').at(-1) || message}`);
    return null;
  }
}

/** The build that most users ship: optimized where there are two. */
const buildOf = (row: Guest): Build => row.builds.at(-1)!;

async function main(): Promise<number> {
  const { guests, ...values } = settings();
  const width = Math.max(...guests.map((row) => row.name.length)) + 12;
  const began = performance.now();
  console.log(`${guests.length} programs, natively and under Wynamo, each in a fresh process\n`);
  const time = (ms: number) => `${ms.toFixed(1)} ms`.padStart(11);
  const head = (text: string) => text.padStart(11);
  console.log(
    `${''.padEnd(width)} ${'first call'.padStart(21)} ${'later calls'.padStart(22)} ${'everything counted'.padStart(30)}`,
  );
  console.log(
    `${'guest'.padEnd(width)}${head('native')}${head('Wynamo')} ${head('native')}${head('Wynamo')}   speed  in fragments  traces`,
  );

  const reports: Stats[] = [];
  const ratios: number[] = [];
  let failures = 0;
  for (const row of guests) {
    const build = buildOf(row);
    // On a slow machine the last ones are cut short, so that the whole stays a matter of two or three minutes.
    const late = performance.now() - began > LIMIT;
    const size = late ? 'small' : values.size;
    const title = `${row.name} ${build}${late ? ' (small)' : ''}`.padEnd(width);
    const native = await measure(row, build, size, 'native');
    const here = await measure(row, build, size, 'default');
    const counted = await measure(row, build, size, 'counted');
    if (!native || !here || !counted) {
      failures++;
      continue;
    }
    reports.push(counted.stats);
    const wrong = Object.entries({ natively: native, 'by default': here, counted }).find(([, r]) => r.wrong !== null);
    if (wrong) {
      failures++;
      console.log(`${title}  WRONG RESULT ${wrong[0]}: ${wrong[1].wrong}, not ${row.expected[size]}`);
      continue;
    }
    const ratio = native.steady / here.steady;
    ratios.push(ratio);
    const { instructions, traces } = counted.stats;
    console.log(
      `${title}${time(native.first)}${time(here.first)} ${time(native.steady)}${time(here.steady)}${ratio.toFixed(2).padStart(8)}` +
        `${`${(100 * instructions.coverage).toFixed(1)} %`.padStart(14)}${String(traces.compiled).padStart(8)}`,
    );
  }

  if (ratios.length > 0) {
    const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
    console.log(
      `\ngeometric mean of the speed in later calls: ${mean.toFixed(2)} times native (over 1: Wynamo is faster)`,
    );
    const { renderReport } = await import('../src/report/index.ts');
    writeFileSync(values.output, await renderReport(reports, { title: 'The shipped workloads' }));
    console.log(`report: ${values.output} (${((performance.now() - began) / 1000).toFixed(0)} s in all)`);
  }
  return failures > 0 ? 1 : 0;
}

await script('report', main);
