/**
 * What monitors cost: warm guests with each monitor against the same guest without, in one process, in turns.
 *
 *     node bin/node.mjs benchmarks/monitors.ts [--reps=7] [--only=fib,crc32] [--size=medium] [--out=benchmarks/results/monitors]
 *
 * Writes OUT.json (every measurement) and OUT.md (the table, with published figures of other tools beside it). A figure is
 * the ratio of medians, monitored over plain; `counts` is what `wynamo profile --fast` uses. Sizes of events are such that a
 * monitor of memory accesses takes a while: those run with the small size.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { script } from '../scripts/arguments.ts';
import type { CounterHome } from '../src/instrument/counters.ts';
import { MONITORS } from '../src/monitor/catalogue.ts';
import type { Monitor } from '../src/monitor/monitor.ts';
import { openMonitored } from '../src/monitor/open.ts';
import { geomeanRatio } from '../src/stats/bootstrap.ts';
import { median } from '../src/stats/quantile.ts';
import { type Guest, type Size, wasmPath } from './guests/catalogue.ts';
import { makeImports } from './guests/imports.ts';
import { guestSettings } from './guests/settings.ts';
import { WASABI, WIZARD } from './published.ts';

interface Config {
  readonly name: string;
  readonly monitors: readonly Monitor[];
  readonly home: CounterHome;
}

const CONFIGS: readonly Config[] = [
  { name: 'counts', monitors: [], home: 'local' },
  { name: 'counts in memory', monitors: [], home: 'memory' },
  ...MONITORS.map((m): Config => ({ name: m.name, monitors: [m], home: 'local' })),
];

/** Monitors that see each access, value or call: a record each time. */
const EVENTS = new Set(
  MONITORS.filter(
    (m) => !['hotness', 'branches', 'mix', 'pairs', 'host-calls', 'coverage', 'allocation'].includes(m.name),
  ).map((m) => m.name),
);

type Run = (n: number) => unknown;

function open(row: Guest, bytes: Uint8Array, config: Config | null): Run {
  const side = makeImports(row);
  const { exports } =
    config === null
      ? new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)), side.imports)
      : openMonitored(Uint8Array.from(bytes), side.imports, config.monitors, {
          counts: config.monitors.length === 0,
          home: config.home,
        }).instance;
  side.attach(exports);
  return exports.run as Run;
}

function main(): void {
  const calls = { value: '7', doc: 'calls of each, in turns' };
  const { reps, size: largest, rows, out, flags } = guestSettings('monitors', calls, 'medium');
  const programs = rows.flatMap((row) =>
    row.builds.filter((b) => b !== 'O0').map((build) => ({ row, build, name: `${row.name}.${build}` })),
  );
  const measured: { program: string; config: string; size: Size; plain: number[]; monitored: number[] }[] = [];
  for (const { row, build, name } of programs) {
    const bytes = new Uint8Array(readFileSync(wasmPath(row, build)));
    for (const config of CONFIGS) {
      const size: Size = EVENTS.has(config.name) ? 'small' : largest;
      const runs = [open(row, bytes, null), open(row, bytes, config)] as const;
      const times: [number[], number[]] = [[], []];
      // Tiers are up after a while of small calls.
      const warm = performance.now();
      while (performance.now() - warm < 150) for (const run of runs) run(row.sizes.small);
      for (let rep = 0; rep < reps; rep++) {
        runs.forEach((run, i) => {
          const started = performance.now();
          if (String(run(row.sizes[size])) !== row.expected[size])
            throw new Error(`${name} under ${config.name} is wrong`);
          times[i as 0 | 1].push(performance.now() - started);
        });
      }
      measured.push({ program: name, config: config.name, size, plain: times[0], monitored: times[1] });
    }
    console.log(name);
  }

  const lines = [
    '# What monitors cost',
    '',
    `Node ${process.versions.node}, V8 ${process.versions.v8}; warm guests (${programs.length}), ${reps} calls in turns, monitored time over plain time, both optimized by the host.`,
    '',
    '| monitor | geometric mean (95 % interval) | least | most | program | Wizard, its compiler | Wasabi, empty hooks |',
    '|---|---:|---:|---:|---|---|---|',
  ];
  for (const { name } of CONFIGS) {
    const own = measured.filter((m) => m.config === name);
    const mean = geomeanRatio(own.map((m) => ({ a: m.monitored, b: m.plain })));
    const ratios = own
      .map((m) => ({ program: m.program, ratio: median(m.monitored) / median(m.plain) }))
      .sort((a, b) => a.ratio - b.ratio);
    const [least, most] = [ratios[0], ratios.at(-1)];
    lines.push(
      `| ${name} | ${mean.value.toFixed(2)} (${mean.low.toFixed(2)} to ${mean.high.toFixed(2)}) | ${least?.ratio.toFixed(2)} | ${most?.ratio.toFixed(2)} | ${most?.program} | ${WIZARD[name] ?? ''} | ${WASABI[name] ?? ''} |`,
    );
  }
  lines.push(
    '',
    'Figures of others are of other programs, engines and machines. Wizard: its monitors of the same kind, ten programs of',
    'PolyBench, Ostrich and libsodium. Wasabi (Lehmann and Pradel, ASPLOS 2019): calls of JavaScript that does nothing, for the',
    'hooks named, geometric mean over PolyBench in Firefox, from the data that its authors publish',
    '(https://github.com/danleh/wasabi, evaluation-asplos2019/results/runtime-analysis.csv); over all hooks and programs the',
    'paper tells 1.02 to 163 times.',
    '',
  );
  writeFileSync(`${out}.json`, `${JSON.stringify({ node: process.versions, flags, measured }, null, 1)}\n`);
  writeFileSync(`${out}.md`, lines.join('\n'));
  console.log(lines.join('\n'));
}

await script('monitors', main);
