/**
 * A slice of the core suite in every mode; `npm run spec` runs all of it. The files are those in which control flow,
 * calls, traps and memories meet, and one for each family of numeric instructions.
 */
import { expect } from 'chai';
import { DEFAULT_DIR, missingSuite, type NativeResults, readJson } from './format.ts';
import { SPEC_MODES, type SpecMode } from './modes.ts';
import { type FileResult, runFiles } from './pool.ts';
import { regressions } from './summary.ts';

const SLICE = [
  'core/address.json',
  'core/br_if.json',
  'core/call.json',
  'core/call_indirect.json',
  'core/conversions.json',
  'core/f32.json',
  'core/float_exprs.json',
  'core/i64.json',
  'core/imports.json',
  'core/left-to-right.json',
  'core/loop.json',
  'core/memory_grow.json',
  'core/memory_trap.json',
  'core/multi-memory/load1.json',
  'core/nop.json',
  'core/simd/simd_f32x4_arith.json',
  'core/simd/simd_lane.json',
  'core/start.json',
  'core/switch.json',
  'core/traps.json',
  'core/unwind.json',
];

describe('core suite (a slice)', () => {
  const missing = missingSuite(DEFAULT_DIR);
  before(function () {
    if (missing === null) return;
    console.log(`    skipped: ${missing}`);
    this.skip();
  });

  for (const mode of Object.keys(SPEC_MODES) as SpecMode[]) {
    it(`gives the host's results in mode ${mode}`, async () => {
      const native = readJson<NativeResults>(DEFAULT_DIR, 'native.json');
      const options = { dir: DEFAULT_DIR, mode, covered: false, jobs: 2, limitSeconds: 60 };
      const results = await runFiles(SLICE, options);
      expect(regressions(results, native)).to.deep.equal([]);
      const passed = (of: Pick<FileResult, 'passed'>[]) => of.reduce((n, { passed }) => n + passed, 0);
      expect(passed(results)).to.equal(passed(SLICE.map((file) => native.files[file]!)));
      if (mode === 'native') return;
      const covered = results.filter((r) => r.nativeModules < r.modules);
      expect(covered, 'files under the machine').to.have.lengthOf(SLICE.length);
      const fragments = results.reduce((n, r) => n + r.fragments, 0);
      if (mode === 'trace' || mode === 'force') expect(fragments, 'fragments').to.be.greaterThan(500);
    });
  }

  it('reports a file that cannot run as failures, not as nothing', async () => {
    const options = { dir: DEFAULT_DIR, mode: 'interp' as const, covered: false, jobs: 1, limitSeconds: 0.001 };
    const [result] = await runFiles(['core/f32.json'], options);
    expect(result?.failed).to.equal(result?.failures.length);
    expect(result?.failures[0]?.why).to.contain('hangs');
    expect(result?.passed).to.equal(0);
  });
});
