// `npm run bench` as a command: a tiny real run, its files, resumption, and mistakes. No time is looked at.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROOT } from '../cli/harness.ts';

const NAME = `test-${process.pid}`;
const file = (ending: string) => join(ROOT, `benchmarks/results/${NAME}.${ending}`);

function bench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'benchmarks/bench.ts'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 300_000,
  });
  return { status, stdout, stderr: stderr.replaceAll(/^\d+\/.*\n/gm, '') };
}

describe('npm run bench', () => {
  const ENDINGS = ['md', 'json', 'jsonl', 'csv', 'steady.svg', 'whole.svg'];
  after(() => {
    for (const ending of ENDINGS) rmSync(file(ending), { force: true });
  });
  const tiny = [
    '--suite=guests',
    '--only=crc32.O3',
    '--config=default,turbofan,trace',
    '--size=small',
    '--quick',
    '--noisy',
    '--budget=1',
    `--name=${NAME}`,
  ];

  it('writes its files and measures nothing twice', () => {
    expect(bench(...tiny)).to.deep.equal({ status: 0, stdout: `${file('md')}\n`, stderr: '' });
    const raw = readFileSync(file('jsonl'), 'utf8');
    // Three whole processes, three steady ones, one that counts.
    expect(raw.trim().split('\n')).to.have.length(7);
    for (const ending of ENDINGS) expect(existsSync(file(ending)), ending).to.equal(true);
    const { rows, provenance } = JSON.parse(readFileSync(file('json'), 'utf8'));
    expect(rows[0].cells.trace.metrics.instructions.value).to.be.above(1_000_000);
    expect(rows[0].disagreements).to.deep.equal([]);
    expect(provenance.configs.turbofan.flags).to.deep.equal(['--no-liftoff']);
    expect(bench(...tiny).status).to.equal(0);
    expect(readFileSync(file('jsonl'), 'utf8')).to.equal(raw);
  });

  it('says what is wrong in one sentence', () => {
    const mistakes: [string, RegExp][] = [
      ['--config=trase', /did you mean 'trace'/],
      ['--suite=gusts', /no suite 'gusts'/],
      ['--only=crc33', /nothing is called 'crc33'/],
      ['--measure=fast', /--measure takes first, steady, count/],
      ['--reps=no', /--reps takes a positive number/],
      ['--size=huge', /--size takes small, medium, large/],
      ['--sweet', /Unknown option '--sweet'/],
    ];
    for (const [arg, text] of mistakes) {
      const { status, stderr } = bench(arg);
      expect(stderr, arg)
        .to.match(text)
        .and.to.match(/^bench: [^\n]*\n$/);
      expect(status).to.equal(2);
    }
  });
});
