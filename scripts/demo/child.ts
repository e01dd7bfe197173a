/**
 * One guest, one mode, one process: `child.ts GUEST BUILD SIZE MODE` calls `run` once, checks its result and prints one
 * line of JSON. A fresh process, so that no guest profits from what another made hot.
 */
import { readFileSync } from 'node:fs';
import { type Build, guest, type Size, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { instantiate } from '../../src/index.ts';
import type { Options } from '../../src/options.ts';
import type { Stats } from '../../src/profile/schema.ts';

/** What the parent reads. */
export interface ChildResult {
  /** Milliseconds of the one call of `run`, everything that the machine does meanwhile included. */
  ms: number;
  result: string;
  expected: string;
  stats: Stats;
}

const [name, build, size, mode] = process.argv.slice(2) as [string, Build, Size, Options['mode']];
const row = guest(name);
const path = wasmPath(row, build);
const host = makeImports(row);
const { instance, machine } = await instantiate(Uint8Array.from(readFileSync(path)), host.imports, {
  mode,
  keepCode: mode === 'trace',
});
host.attach(instance.exports);
const run = instance.exports.run as (n: number) => unknown;
const start = performance.now();
const result = String(run(row.sizes[size]));
const ms = performance.now() - start;
const stats = machine.stats();
stats.module.path ??= `${name}.${build}.wasm`;
machine.dispose();
const answer: ChildResult = { ms, result, expected: row.expected[size], stats };
process.stdout.write(JSON.stringify(answer));
