/** The documents: generated parts are what the tables give, relative links lead to files and headings. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { brokenLinks } from '../../scripts/docs/links.ts';
import { OPTION_ROWS } from '../../src/options.ts';
import { ROOT, Scratch, wynamo } from './harness.ts';

describe('documents', () => {
  it('are up to date and have no broken links', () => {
    const { stderr, status } = spawnSync(process.execPath, [join(ROOT, 'scripts/docs.ts'), '--check'], {
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
  });

  it('have their links checked: a missing file, a missing heading, and nothing in code', () => {
    const scratch = new Scratch();
    try {
      mkdirSync(join(scratch.path, 'sub'));
      scratch.file('sub/other.md', '# A `heading`, here\n');
      const text = [
        '[a](sub/other.md) [b](sub/other.md#a-heading-here) [c](sub) [d](https://example.org/x) [e](#top-of-it)',
        '[f](none.md) [g](sub/other.md#nothing)',
        '```\n[h](in-a-block.md)\n```',
        '`[i](in-code.md)`',
        '# Top of it',
      ].join('\n');
      const page = pathToFileURL(scratch.file('page.md', text));
      expect(brokenLinks(page, text)).to.deep.equal(['none.md', 'sub/other.md#nothing']);
    } finally {
      scratch.remove();
    }
  });

  for (const command of ['run', 'profile', 'report', 'dump']) {
    it(`help of ${command} names every option`, () => {
      const { stdout, status, stderr } = wynamo([command, '--help']);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
      for (const row of OPTION_ROWS)
        expect(stdout).to.contain(row.flag.length === 1 ? `-${row.flag}` : `--${row.flag}`);
      for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(80);
    });
  }
});
