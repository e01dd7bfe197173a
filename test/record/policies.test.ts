/**
 * Every selection policy on guests: the guest cannot tell which one it runs under. Each policy gets another fifth of all
 * builds; with WYNAMO_ALL=1 in the environment all of them.
 */
import { readFileSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { GUESTS, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { instantiateSync, type Options } from '../../src/index.ts';
import { POLICIES } from '../../src/record/policies/index.ts';
import { observed, runWith } from '../modes/harness.ts';
import { profiled, profileFile } from './profiled.ts';

/** Soon, but not at once: policies that look at several executions get to see them. */
const SOON = {
  hotLoop: 3,
  hotExit: 2,
  hotEntry: 3,
  compileShare: 0,
  minRegion: 0,
  check: true,
} satisfies Partial<Options>;

/** Guards fail on purpose as well. */
const VARIANTS = {
  soon: SOON,
  forced: { ...SOON, hotExit: 40, forceExits: '0.03,7' },
} satisfies Record<string, Partial<Options>>;

const BUILDS = GUESTS.flatMap((row) => row.builds.map((build) => ({ row, build })));
const SHARE = process.env.WYNAMO_ALL ? 1 : 5;

const callsRun = (row: (typeof GUESTS)[number]) => (exports: WebAssembly.Exports) => {
  (exports.run as (n: number) => unknown)(row.sizes.small);
};

describe('selection policies', () => {
  for (const [number, { name }] of POLICIES.entries()) {
    describe(name, () => {
      let fragments = 0;
      for (const { row, build } of BUILDS.filter((_, i) => (i + number) % SHARE === 0)) {
        it(`${row.name}.${build}`, () => {
          const bytes = readFileSync(wasmPath(row, build));
          const steps = [['run', row.sizes.small]] as const;
          const native = runWith(bytes, () => makeImports(row), `${name}, native`, null, steps);
          const digests = new Set<string | null>();
          const twoRuns = name === 'oracle' ? profileFile(profiled(bytes, makeImports(row), callsRun(row))) : null;
          for (const [label, options] of Object.entries(VARIANTS)) {
            const run = runWith(
              bytes,
              () => makeImports(row),
              `${name}, ${label}`,
              { ...options, policy: name, exactProfile: twoRuns?.path ?? '' },
              steps,
            );
            expect(observed(run), label).to.deep.equal(observed(native));
            digests.add(run.digest);
            fragments += run.machine!.stats().traces.compiled;
          }
          expect(digests.size).to.equal(1);
          if (twoRuns) rmSync(twoRuns.folder, { recursive: true });
        });
      }

      it('compiles what it says', () => {
        if (name === 'none') expect(fragments).to.equal(0);
        else expect(fragments).to.be.greaterThan(10);
      });
    });
  }

  it('have parameters, which are checked', () => {
    const module = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const open = (policy: string) => () => instantiateSync(module, {}, { policy });
    expect(open('nett')).to.throw("there is no selection policy 'nett'; did you mean 'net'?");
    expect(open('net:cycles=3')).to.throw('the policy net has no parameters');
    expect(open('mret2:appart=3')).to.throw("there is no parameter 'appart'; did you mean 'apart'?");
    expect(open('mret2:apart=x')).to.throw('apart takes a whole number');
    open('mret2:apart=3')();
  });
});
