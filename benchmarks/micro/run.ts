/**
 * Runs the micro-suites: times of single parts of the tool, for orientation.
 *
 *     node benchmarks/micro/run.ts [SUITE...]
 */

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCases } from './adapter.ts';

const folder = new URL('suites/', import.meta.url);
const known = readdirSync(fileURLToPath(folder)).map((file) => file.replace(/\.ts$/, ''));

/** Nanoseconds with the unit that makes a short number. */
function timeText(ns: number): string {
  if (ns < 1e3) return `${ns.toFixed(1)} ns`;
  return ns < 1e6 ? `${(ns / 1e3).toFixed(1)} us` : `${(ns / 1e6).toFixed(2)} ms`;
}

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !known.includes(name));
if (unknown) {
  console.error(`no micro-suite '${unknown}'; there are ${known.join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of asked.length ? asked : known) {
    const suite = await import(new URL(`${name}.ts`, folder).href);
    console.log(`${name}: ${suite.doc}`);
    for (const r of await runCases(suite.cases)) {
      console.log(`  ${timeText(r.ns).padStart(10)} ±${r.margin.toFixed(1)} %  ${r.name}`);
    }
  }
}
