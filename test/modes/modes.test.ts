/** Every guest and build at its small size in every mode: equal results, host calls, exports and memories. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { GUESTS, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { expectAllModesEqual } from './harness.ts';
import { TRACING } from './modes.ts';

describe('guests in every mode', function () {
  this.timeout(300_000);
  let forced = 0;
  for (const row of GUESTS) {
    for (const build of row.builds) {
      it(`${row.name}.${build}`, () => {
        const bytes = readFileSync(wasmPath(row, build));
        const runs = expectAllModesEqual(bytes, () => makeImports(row), [['run', row.sizes.small]]);
        expect(runs.native.steps[0]?.replace(/n$/, '')).to.equal(row.expected.small);
        for (const mode of TRACING) {
          const { instructions, exits } = runs[mode].machine!.stats();
          const { fragments } = instructions;
          forced += exits.forced;
          if (mode !== 'trace') expect(fragments, `instructions in fragments in ${mode}`).to.be.greaterThan(0);
        }
      });
    }
  }

  it('went through a million forced exits', function () {
    // Without the tests above, where only some were asked for, there is nothing to count.
    if (forced === 0) this.skip();
    expect(forced).to.be.greaterThan(1_000_000);
  });
});
