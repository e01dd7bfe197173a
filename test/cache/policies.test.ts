/**
 * Every cache policy on guests in caches that are much too small: the guest cannot tell, the counts stay exact, the cache
 * keeps to its size. Each policy gets another seventh of all builds; with WYNAMO_ALL=1 in the environment all of them.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { GUESTS, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { CACHE_POLICIES } from '../../src/cache/policies/index.ts';
import { instantiateSync, type Options } from '../../src/index.ts';
import { observed, runWith } from '../modes/harness.ts';

const SOON = {
  hotLoop: 10,
  hotExit: 5,
  hotEntry: 20,
  compileShare: 150,
  minRegion: 0,
  check: true,
} satisfies Partial<Options>;

/** Room for some fragments, for one or two, with linear traces and their side traces, and with guards that fail. */
const VARIANTS = {
  small: { ...SOON, cacheSize: 12_000 },
  // Not as soon: what is given up all the time would be compiled all the time.
  tiny: { ...SOON, hotLoop: 100, hotExit: 50, hotEntry: 200, cacheSize: 2000 },
  linear: { ...SOON, cacheSize: 3000, maxRegion: 0 },
  forced: { ...SOON, cacheSize: 8000, hotExit: 40, forceExits: '0.03,7' },
} satisfies Record<string, Partial<Options>>;

const BUILDS = GUESTS.flatMap((row) => row.builds.map((build) => ({ row, build })));
const SHARE = process.env.WYNAMO_ALL ? 1 : CACHE_POLICIES.length;

describe('cache policies', () => {
  for (const [number, { name, bounded }] of CACHE_POLICIES.entries()) {
    describe(name, () => {
      const all = { flushes: 0, evicted: 0, refused: 0, beyond: 0 };
      for (const { row, build } of BUILDS.filter((_, i) => (i + number) % SHARE === 0)) {
        it(`${row.name}.${build}`, () => {
          const bytes = readFileSync(wasmPath(row, build));
          const steps = [
            ['run', row.sizes.small],
            ['run', row.sizes.small],
          ] as const;
          const run = (label: string, options: Partial<Options> | null) =>
            runWith(bytes, () => makeImports(row), `${name}, ${label}`, options, steps);
          const native = run('native', null);
          const interpreted = run('interpreted', { mode: 'interp' });
          for (const [label, options] of Object.entries(VARIANTS)) {
            const traced = run(label, { ...options, cachePolicy: name });
            expect(observed(traced), label).to.deep.equal(observed(native));
            expect(traced.digest, label).to.equal(interpreted.digest);
            const { cache, traces, instructions, fragments } = traced.machine!.stats();
            expect(instructions.total, label).to.equal(interpreted.machine!.stats().instructions.total);
            const live = fragments.filter((f) => f.live);
            expect(cache.bytes, label).to.equal(live.reduce((sum, f) => sum + f.bytes, 0));
            expect(cache.fragments, label).to.equal(live.length);
            if (bounded) expect(cache.bytes, label).to.be.at.most(options.cacheSize);
            all.flushes += cache.flushes;
            all.evicted += cache.evicted;
            all.refused += traces.aborted.full ?? 0;
            if (cache.bytes > options.cacheSize) all.beyond++;
          }
        });
      }

      it('gives up what it says', () => {
        const expected = {
          flushes: ['flush', 'phase'].includes(name),
          evicted: ['fifo', 'lru', 'cull'].includes(name),
          refused: name === 'pinned',
          beyond: name === 'unbounded',
        };
        for (const [what, wanted] of Object.entries(expected))
          expect(all[what as keyof typeof all] > 0, what).to.equal(wanted);
      });
    });
  }

  it('have parameters, which are checked', () => {
    const module = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const open = (cachePolicy: string) => () => instantiateSync(module, {}, { cachePolicy });
    expect(open('lrv')).to.throw("there is no cache policy 'lrv'; did you mean 'lru'?");
    expect(open('lru:free=3')).to.throw('the policy lru has no parameters');
    open('cull:free=3')();
  });
});
