// Unmodified packages from npm give the same natively and under Wynamo. They are installed by `npm run apps`, not with the
// project; where they are not there, these tests are skipped.
import { expect } from 'chai';
import { APPLICATIONS } from '../../benchmarks/applications/catalogue.ts';
import { installed } from '../../benchmarks/applications/install.ts';
import { type Measured, runOnce } from '../../benchmarks/applications/measure.ts';
import { markdown, missed } from '../../benchmarks/applications/table.ts';
import { build } from '../../scripts/build/build.ts';
import { ROOT } from '../cli/harness.ts';

const TIMEOUT = 300_000;

describe('applications', () => {
  // They run under the drop-in form as a package has it.
  before(async function () {
    this.timeout(TIMEOUT);
    if (installed()) await build(ROOT);
  });

  for (const name of Object.keys(APPLICATIONS)) {
    it(name, function () {
      if (!installed()) this.skip();
      this.timeout(2 * TIMEOUT);
      const native = runOnce(name, null, TIMEOUT);
      expect(native.error).to.equal(null);
      expect(native.sample?.output).to.have.length.above(20);
      const wynamo = runOnce(name, {}, TIMEOUT);
      expect(wynamo.error).to.equal(null);
      expect(wynamo.sample?.output).to.equal(native.sample?.output);
    });
  }
});

describe('the table of applications', () => {
  const figures = (start: number, whole: number, memory: number) => ({ start, whole, memory });
  const row = (native: Measured['native'], wynamo: Measured['wynamo']): Measured => ({
    name: 'app',
    doc: 'what it is',
    bytes: 12_345,
    native,
    wynamo,
    equal: native !== null,
    instructions: 3e6,
    coverage: 0.5,
    errors: native ? [] : ['status 1: broken'],
    largest: null,
  });

  it('names the goals that are missed', () => {
    const native = figures(100, 1000, 1e8);
    expect(missed(row(native, figures(400, 3000, 2.5e8)))).to.deep.equal([]);
    expect(missed(row(native, figures(401, 3000, 2.5e8)))).to.deep.equal(['start']);
    expect(missed(row(native, figures(400, 3001, 2.5e8 + 1)))).to.deep.equal(['memory', 'speed']);
    expect(missed(row(null, null))).to.deep.equal(['start', 'memory', 'speed']);
  });

  it('has a line for each, and tells what failed', () => {
    const text = markdown([row(figures(100, 1000, 1e8), figures(150, 500, 1e8)), row(null, null)], ['somewhere']);
    expect(text).to.include(
      '| app | what it is | 0.01 | 100 | 150 | 1000 | 500 | 2.00 | 100 | 100 | 3.0 | 50.0 % | yes |  |',
    );
    expect(text).to.include('| NO | start, memory, speed |');
    expect(text).to.include('- app: status 1: broken');
    expect(text).to.include('- *speed*: at most 3 times as long as plain Node; 1 of 2');
  });
});
