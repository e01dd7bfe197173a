/** `npm run report`, the first command that anybody calls: what can be mistaken about it is one sentence before anything runs. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROOT } from '../cli/harness.ts';

describe('npm run report', () => {
  const cases: [string, RegExp][] = [
    ['--bogus', /Unknown option '--bogus' \(see npm run report -- --help\)/],
    ['--size=huge', /--size takes small, medium, large, not 'huge'/],
    ['--filter=sieves', /--filter: there is no guest 'sieves'; did you mean 'sieve'\?/],
    ['--output=/no/such/report.html', /cannot write \/no\/such\/report\.html: its folder does not exist/],
  ];
  for (const [arg, sentence] of cases) {
    it(`with ${arg} says what is wrong`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/demo.ts'), arg], {
        encoding: 'utf8',
        timeout: 120_000,
      });
      expect(stderr).to.match(sentence);
      expect(stderr).to.match(/^report: [^\n]+\n$/);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
    });
  }
});
