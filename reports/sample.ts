/**
 * Writes `reports/sample.html`: a report of a few shipped guests, as `wynamo report` would write one for each.
 *
 *     node bin/node.mjs reports/sample.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { guest, wasmPath } from '../benchmarks/guests/catalogue.ts';
import { makeImports } from '../benchmarks/guests/imports.ts';
import { readArguments, script } from '../scripts/arguments.ts';
import { instantiate } from '../src/index.ts';
import type { Stats } from '../src/profile/schema.ts';
import { addGuestText } from '../src/report/guest-text.ts';
import { renderReport } from '../src/report/index.ts';

const GUESTS = [
  ['sha256', 'O3'],
  ['crc32', 'O0'],
  ['quicksort', 'O3'],
  ['bytecode', 'O3'],
  ['sieve', 'O3'],
] as const;

async function run(name: string, build: 'O0' | 'O3'): Promise<Stats> {
  const row = guest(name);
  const bytes = Uint8Array.from(readFileSync(wasmPath(row, build)));
  const host = makeImports(row);
  const { instance, machine } = await instantiate(bytes, host.imports, { keepCode: true, sample: true, compileFree: 200 });
  host.attach(instance.exports);
  // The sampler is a worker that takes a moment to start.
  await new Promise((done) => setTimeout(done, 200));
  const result = String((instance.exports.run as (n: number) => unknown)(row.sizes.medium));
  if (result !== row.expected.medium) throw new Error(`${name} ${build} gave ${result}, not ${row.expected.medium}`);
  const stats = machine.stats();
  stats.module.path ??= `benchmarks/guests/wasm/${name}.${build}.wasm`;
  addGuestText(stats, bytes);
  machine.dispose();
  return stats;
}

async function main(): Promise<void> {
  readArguments('node bin/node.mjs reports/sample.ts', {});
  const runs: Stats[] = [];
  for (const [name, build] of GUESTS) runs.push(await run(name, build));
  const page = await renderReport(runs, { title: 'Wynamo: sample report' });
  writeFileSync(new URL('sample.html', import.meta.url), page);
  console.log(`reports/sample.html: ${(page.length / 1e6).toFixed(2)} MB`);
}

await script('sample', main);
