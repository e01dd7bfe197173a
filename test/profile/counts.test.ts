/** All figures but times are the same in every run, and what the guest did is the same in every mode. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { guest, type Size, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { instantiateSync, type Options } from '../../src/index.ts';
import { MODES } from '../modes/modes.ts';

const RUNS = 10;

function statsOf(name: string, build: 'O0' | 'O3' | 'wat', options: Partial<Options>, size: Size = 'small') {
  const row = guest(name);
  const host = makeImports(row);
  const { instance, machine } = instantiateSync(readFileSync(wasmPath(row, build)), host.imports, options);
  host.attach(instance.exports);
  expect(String((instance.exports.run as (n: number) => unknown)(row.sizes[size]))).to.equal(row.expected[size]);
  const stats = machine.stats();
  machine.dispose();
  return stats;
}

/** Everything that is counted, and nothing that is timed. */
function counts(stats: ReturnType<typeof statsOf>) {
  return {
    instructions: stats.instructions,
    traces: stats.traces,
    exits: stats.exits,
    cache: stats.cache,
    functions: stats.functions,
    loops: stats.loops,
    aborts: stats.aborts,
    fragments: stats.fragments.map(({ compile_ms, time, ...counted }) => counted),
    passes: stats.passes.map(({ ms, ...counted }) => counted),
    timeline: stats.timeline.map(({ t_ms, ...counted }) => counted),
  };
}

/** What the guest did, whoever executed it. */
function work({ instructions, functions, loops }: ReturnType<typeof statsOf>) {
  return { total: instructions.total, functions, loops };
}

describe('counts', () => {
  for (const [name, build] of [
    ['crc32', 'O3'],
    ['matmul', 'O0'],
    ['queens', 'O3'],
    ['bytecode', 'O0'],
    ['callbacks', 'wat'],
    ['hashtable', 'O3'],
  ] as const) {
    it(`of ${name}.${build} are the same in ${RUNS} runs`, () => {
      const first = counts(statsOf(name, build, { mode: 'trace' }));
      for (let run = 1; run < RUNS; run++) {
        expect(counts(statsOf(name, build, { mode: 'trace' })), `run ${run + 1}`).to.deep.equal(first);
      }
    });

    it(`of what ${name}.${build} does are the same in every mode`, () => {
      const interpreted = work(statsOf(name, build, MODES.interp));
      expect(interpreted.total).to.be.greaterThan(1000);
      for (const mode of [
        'trace',
        'eager',
        'plain',
        'force',
        'random1',
        'linear',
        'small',
        'short',
        'flush',
      ] as const) {
        expect(work(statsOf(name, build, MODES[mode])), mode).to.deep.equal(interpreted);
      }
    });
  }

  for (const name of ['hashtable', 'heapsort'] as const) {
    it(`of what ${name}.O3 does hold exits behind the last step of a block`, () => {
      // A block that ends at cold code leaves behind its last step; the next number belongs to another block.
      const options = { mode: 'trace', hotLoop: 2, hotEntry: 2, hotExit: 2, compileShare: 0 } as const;
      const traced = statsOf(name, 'O3', options);
      const roots = traced.fragments.filter((f) => f.kind === 'root');
      expect(roots.flatMap((f) => f.exits).some((e) => e.reason === 'end' && e.count > 0)).to.equal(true);
      expect(work(traced)).to.deep.equal(work(statsOf(name, 'O3', MODES.interp)));
    });
  }

  it('of loops in regions are on record: every trip is one iteration of some fragment', () => {
    const { fragments, loops } = statsOf('crc32', 'O3', { mode: 'trace', hotLoop: 2, hotEntry: 2, compileShare: 0 });
    const most = Math.max(...loops.map((l) => l.heads));
    expect(most).to.be.greaterThan(1000);
    const begun = fragments.reduce((sum, f) => sum + f.iterations, 0);
    expect(begun).to.be.within(
      0.99 * most,
      loops.reduce((sum, l) => sum + l.heads, 0),
    );
    for (const f of fragments) if (f.iterations > 0) expect(f.loops, f.name).to.equal(true);
  });
});
