/**
 * What `wynamo hint` is worth in plain Node: whole processes of each guest, as it is and with hints from a run of its small
 * size, plain and with --experimental-wasm-compilation-hints, in random order.
 *
 *     node bin/node.mjs benchmarks/hints.ts [--reps=5] [--only=queens,fib] [--size=large] [--out=benchmarks/results/hints]
 *
 * Writes OUT.jsonl (every measurement, as soon as it is there; a run that was stopped goes on with what it finds) and OUT.md
 * (the table). Ratios are of medians, plain over hinted: above 1 the hints help; intervals are bootstrapped over processes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { script } from '../scripts/arguments.ts';
import { sha256 } from '../src/builtin.ts';
import { hintsOf } from '../src/hint/profile.ts';
import { addHints } from '../src/hint/sections.ts';
import { progress } from '../src/lab/progress.ts';
import { appendResult, readLines } from '../src/lab/store.ts';
import { type CallEdge, monitor as calls } from '../src/monitor/monitors/calls.ts';
import { openMonitored } from '../src/monitor/open.ts';
import { geomeanRatio, type Interval, ratio } from '../src/stats/bootstrap.ts';
import { median } from '../src/stats/quantile.ts';
import { generator, shuffled } from '../src/stats/random.ts';
import { decodeModule } from '../src/wasm/decode.ts';
import { type Guest, wasmPath } from './guests/catalogue.ts';
import { makeImports } from './guests/imports.ts';
import { guestSettings } from './guests/settings.ts';

const FLAG = '--experimental-wasm-compilation-hints';
const CONFIGS = [
  { name: 'plain', hinted: false, flags: [] },
  { name: 'hints', hinted: true, flags: [] },
  { name: 'plain, flag', hinted: false, flags: [FLAG] },
  { name: 'hints, flag', hinted: true, flags: [FLAG] },
] as const;

/** One process: the whole run of a guest. */
const CHILD = `import { readFileSync } from 'node:fs';
const [, , file, n, host] = process.argv;
const started = performance.now();
const { makeImports } = await import(host);
const side = makeImports({ imports: process.argv[5] });
const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), side.imports);
side.attach(instance.exports);
const result = String(instance.exports.run(Number(n)));
console.log(JSON.stringify({ result, ms: performance.now() - started }));`;

interface Measurement {
  /** What was measured, where and with which engine. */
  readonly key: string;
  readonly program: string;
  readonly config: string;
  readonly rep: number;
  readonly ms: number;
}

/** The module with hints from a run of the small size. */
function hinted(row: Guest, bytes: Uint8Array): Uint8Array {
  const side = makeImports(row);
  const run = openMonitored(Uint8Array.from(bytes), side.imports, [calls], { counts: true });
  side.attach(run.instance.exports);
  (run.instance.exports.run as (n: number) => void)(row.sizes.small);
  run.dispose();
  const edges = run.results().get(calls.name) as CallEdge[];
  return addHints(decodeModule(bytes), hintsOf(run.counts(), edges, { bias: 0.9, share: 0.95 }));
}

function main(): void {
  const { reps, size, rows, out } = guestSettings('hints', { value: '5', doc: 'processes of each kind' }, 'large');
  const folder = mkdtempSync(join(tmpdir(), 'wynamo-hints-'));
  const child = join(folder, 'child.mjs');
  writeFileSync(child, CHILD);
  const programs = rows.flatMap((row) =>
    row.builds
      .filter((build) => build !== 'O0')
      .map((build) => {
        const bytes = new Uint8Array(readFileSync(wasmPath(row, build)));
        const name = `${row.name}.${build}`;
        const files = [join(folder, `${name}.wasm`), join(folder, `${name}.hinted.wasm`)] as const;
        const modules = [bytes, hinted(row, bytes)] as const;
        for (const i of [0, 1] as const) writeFileSync(files[i], modules[i]);
        return { row, name, files, digests: modules.map((m) => sha256(m)) };
      }),
  );

  const jobs = Array.from({ length: reps }, (_, rep) =>
    programs.flatMap((program) => CONFIGS.map((config) => ({ rep, program, config }))),
  );
  const random = generator(1);
  const host = new URL('./guests/imports.ts', import.meta.url).href;
  const measured: Measurement[] = [];
  // What an earlier run has left.
  const before = new Map(readLines<Measurement>(`${out}.jsonl`).map((one) => [one.key, one]));
  const shown = progress(jobs.flat().length);
  for (const block of jobs) {
    for (const { rep, program, config } of shuffled(block, random)) {
      const file = program.files[config.hinted ? 1 : 0];
      const { node, v8 } = process.versions;
      const what = [program.digests[config.hinted ? 1 : 0], config.name, size, rep, node, v8, hostname()];
      const key = sha256(Buffer.from(what.join(' '))).slice(0, 24);
      const earlier = before.get(key);
      if (earlier) {
        measured.push(earlier);
        shown.end();
        continue;
      }
      shown.begin(`${program.name} ${config.name} #${rep}`);
      const args = [...config.flags, child, file, String(program.row.sizes[size]), host, program.row.imports];
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (stdout === '') throw new Error(`${program.name} with ${config.name}: ${stderr}`);
      const { result, ms } = JSON.parse(stdout) as { result: string; ms: number };
      if (result !== program.row.expected[size]) throw new Error(`${program.name} with ${config.name} gave ${result}`);
      const one = { key, program: program.name, config: config.name, rep, ms };
      measured.push(one);
      appendResult(`${out}.jsonl`, one);
      shown.end();
    }
  }
  shown.done();
  rmSync(folder, { recursive: true, force: true });

  const times = (program: string, config: string) =>
    measured.filter((m) => m.program === program && m.config === config).map((m) => m.ms);
  const pairs = [
    ['plain', 'hints'],
    ['plain', 'hints, flag'],
  ] as const;
  const lines = [
    '# Hints in plain Node',
    '',
    `Node ${process.versions.node}, V8 ${process.versions.v8}, ${size} sizes, ${reps} processes each. Plain over hinted: above 1 the hints help.`,
    '',
    '| program | plain, ms | branch hints | all hints, with the flag |',
    '|---|---:|---:|---:|',
  ];
  const show = (r: Interval) => `${r.value.toFixed(3)} (${r.low.toFixed(3)} to ${r.high.toFixed(3)})`;
  for (const { name } of programs) {
    const cells = pairs.map(([a, b]) => show(ratio(times(name, a), times(name, b))));
    lines.push(`| ${name} | ${median(times(name, 'plain')).toFixed(0)} | ${cells.join(' | ')} |`);
  }
  const means = pairs.map(([a, b]) =>
    show(geomeanRatio(programs.map(({ name }) => ({ a: times(name, a), b: times(name, b) })))),
  );
  lines.push(`| geometric mean | | ${means.join(' | ')} |`);
  writeFileSync(`${out}.md`, `${lines.join('\n')}\n`);
  console.log(lines.join('\n'));
}

await script('hints', main);
