/**
 * Runs the micro-suites: times of single parts of the tool, for orientation. `--write` keeps them in `results/micro.md`.
 *
 *     node benchmarks/micro/run.ts [--write] [SUITE...]
 */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments, script } from '../../scripts/arguments.ts';
import { UserError, unknownName } from '../../src/errors.ts';
import { provenance, toolDigest } from '../../src/lab/provenance.ts';
import { table } from '../../src/lab/render/markdown.ts';
import { type Derived, runCases } from './adapter.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const OPTIONS = { write: { type: 'boolean', default: false, doc: 'keeps the times in results/micro.md' } } as const;
const known = readdirSync(here('suites')).map((file) => file.replace(/\.ts$/, ''));

/** Nanoseconds with the unit that makes a short number. */
function timeText(ns: number): string {
  if (ns < 1e3) return `${ns.toFixed(1)} ns`;
  return ns < 1e6 ? `${(ns / 1e3).toFixed(1)} us` : `${(ns / 1e6).toFixed(2)} ms`;
}

/** Runs a suite, prints its times as they come to be known, and gives them as a part of the page. */
async function runSuite(name: string): Promise<string[]> {
  const suite = await import(new URL(`suites/${name}.ts`, import.meta.url).href);
  console.log(`${name}: ${suite.doc}`);
  const results = await runCases(suite.cases);
  for (const r of results) console.log(`  ${timeText(r.ns).padStart(10)} ±${r.margin.toFixed(1)} %  ${r.name}`);
  const ns = (of: string) => results.find((r) => r.name === of)!.ns;
  const derived = ((suite.derived ?? []) as Derived[]).map((d) => ({ ...d, value: d.of(ns) }));
  for (const d of derived)
    console.log(`  ${timeText(d.value).padStart(10)}         ${d.name} (${timeText(d.limit)} at most)`);
  return [
    `## ${name}`,
    '',
    `${suite.doc[0].toUpperCase()}${suite.doc.slice(1)}.`,
    '',
    ...table(
      ['what', 'mean', 'margin'],
      results.map((r) => [r.name, timeText(r.ns), `±${r.margin.toFixed(1)} %`]),
    ),
    ...table(
      ['derived from these', 'goal at most', 'measured', 'met'],
      derived.map((d) => [d.name, timeText(d.limit), timeText(d.value), d.value <= d.limit ? 'yes' : '**no**']),
    ),
  ];
}

async function main(): Promise<void> {
  const { values, positionals: asked } = readArguments(
    'node bin/node.mjs benchmarks/micro/run.ts [options] [SUITE...]',
    OPTIONS,
    { positionals: true },
  );
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown) throw new UserError(unknownName('micro-suite', unknown, known));
  const parts: string[] = [];
  for (const name of asked.length ? asked : known) parts.push(...(await runSuite(name)));
  if (!values.write) return;
  const p = provenance(toolDigest(), []);
  mkdirSync(here('../results'), { recursive: true });
  const head = [
    '# Times of single parts',
    '',
    'Written by `node bin/node.mjs benchmarks/micro/run.ts --write`; do not edit. Means with their 95 % margins.',
    '',
    `${p.date}, Node ${p.node}, V8 ${p.v8}, ${p.platform}, ${p.cpu}, ${p.cores} cores, load ${p.load.toFixed(2)} at the start, commit ${p.commit ?? 'unknown'}`,
    '',
  ];
  writeFileSync(here('../results/micro.md'), `${[...head, ...parts].join('\n').trimEnd()}\n`);
  console.log(here('../results/micro.md'));
}

await script('micro', main);
