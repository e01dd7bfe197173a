/**
 * One guest, one mode, one process: `child.ts GUEST BUILD SIZE MODE` calls `run` a few times, checks its results and prints
 * one line of JSON. A fresh process, so that no guest profits from what another made hot. Mode `counted` collects all that a
 * report shows of each fragment, which takes time of its own: its times are not for comparison.
 */
import { readFileSync } from 'node:fs';
import { type Build, guest, type Size, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { instantiate } from '../../src/index.ts';
import type { Stats } from '../../src/profile/schema.ts';
import { addGuestText } from '../../src/report/guest-text.ts';

/** How the guest is run. */
export type Measured = 'native' | 'default' | 'counted';

/** What the parent reads. */
export interface ChildResult {
  /** Milliseconds of the first call of `run`, everything that the machine does meanwhile included. */
  first: number;
  /** Median of the later calls; the first one where there was no time for more. */
  steady: number;
  /** What a call gave that was not expected; null when all were right. */
  wrong: string | null;
  stats: Stats;
}

/** Calls at most, and milliseconds after which no further call begins. */
const CALLS = 8;
const BUDGET = 900;

const [name, build, size, mode] = process.argv.slice(2) as [string, Build, Size, Measured];
const row = guest(name);
const path = wasmPath(row, build);
const host = makeImports(row);
const bytes = Uint8Array.from(readFileSync(path));
const { instance, machine } = await instantiate(bytes, host.imports, {
  mode: mode === 'native' ? 'native' : 'trace',
  nativeFirst: mode === 'default' ? 'on' : 'off',
  keepCode: mode === 'counted',
  sample: mode === 'counted',
  // As `wynamo report` does: the report is there to show fragments.
  compileFree: mode === 'counted' ? 200 : 0,
});
host.attach(instance.exports);
const run = instance.exports.run as (n: number) => unknown;
const times: number[] = [];
let wrong: string | null = null;
const began = performance.now();
do {
  const start = performance.now();
  const result = String(run(row.sizes[size]));
  times.push(performance.now() - start);
  if (result !== row.expected[size]) wrong = result;
} while (times.length < (mode === 'counted' ? 2 : CALLS) && performance.now() - began < BUDGET && wrong === null);
const later = times.slice(1).toSorted((a, b) => a - b);
const stats = machine.stats();
stats.module.path ??= `${name}.${build}.wasm`;
machine.dispose();
if (mode === 'counted') addGuestText(stats, bytes);
const first = times[0]!;
const answer: ChildResult = { first, steady: later[later.length >> 1] ?? first, wrong, stats };
process.stdout.write(JSON.stringify(answer));
