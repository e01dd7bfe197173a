/** `wynamo bisect` finds mistakes that were planted into the optimizer, and writes what it takes to see them again. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { bisect } from '../../src/bisect/bisect.ts';
import { firstBad } from '../../src/bisect/search.ts';
import type { Trial } from '../../src/bisect/trial.ts';
import { type Result, Scratch, WYNAMO } from '../cli/harness.ts';

const PLANT = new URL('plant.ts', import.meta.url).href;

describe('the first bad number', () => {
  it('is found in few steps wherever it is', () => {
    for (const most of [1, 2, 7, 100, 1000]) {
      for (let first = 1; first <= most; first++) {
        let asked = 0;
        const found = firstBad(0, 1 << 20, (n) => {
          asked++;
          return n >= first;
        });
        expect(found).to.equal(first);
        expect(asked).to.be.at.most(2 * Math.ceil(Math.log2(first + 1)) + 1);
      }
    }
    expect(firstBad(5, 40, () => false)).to.equal(null);
    expect(firstBad(5, 40, (n) => n >= 40)).to.equal(40);
    expect(firstBad(5, 40, () => true)).to.equal(6);
  });
});

describe('wynamo bisect', function () {
  this.timeout(180_000);
  let scratch: Scratch;
  before(() => {
    scratch = new Scratch();
  });
  after(() => scratch.remove());

  /** The command with a mistake planted into it and all that it starts. */
  function planted(plant: Record<string, string>, args: readonly string[], cwd = scratch.path): Result {
    const { status, stdout, stderr } = spawnSync(process.execPath, [WYNAMO, ...args], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ...plant, NODE_OPTIONS: `--import=${PLANT}` },
    });
    return { status, stdout, stderr };
  }

  /** The guests are over before they have earned a fragment. */
  const FREE = '--compile-free=200';
  const crc32 = () => wasmPath(guest('crc32'), 'O3');
  const quicksort = () => wasmPath(guest('quicksort'), 'O3');

  it('names the rule, and its reproduction goes wrong and well', () => {
    const folder = join(scratch.path, 'rule');
    const result = planted({ PLANT: 'rule' }, [
      'bisect',
      '-q',
      FREE,
      '-o',
      folder,
      '--invoke=run',
      crc32(),
      '--',
      '20',
    ]);
    expect(result.stderr).to.equal('');
    expect(result.status).to.equal(1);
    expect(result.stdout).to.match(/^wrong: {4}exit status 65 instead of 0 \(.*\)\n/);
    expect(result.stdout).to.match(/^fragment: T1 root \$crc32\/run\+0x[0-9a-f]+, \d+ instructions$/m);
    expect(result.stdout).to.match(/^pass: {5}rules \(run \d+ over all fragments\)$/m);
    expect(result.stdout).to.match(/^rule: {5}planted \(firing \d+ over all fragments\)$/m);
    expect(result.stdout.trimEnd().split('\n').at(-1)).to.equal(`written:  ${folder}`);

    expect(readdirSync(folder).sort()).to.deep.equal([
      'README.md',
      'before.trace',
      'behind.trace',
      'calls.jsonl',
      'guest.wasm',
    ]);
    const code = (name: string) => readFileSync(join(folder, `${name}.trace`), 'utf8');
    expect([code('before').includes('i32.xor'), code('before').includes('i32.or ')]).to.deep.equal([true, false]);
    expect([code('behind').includes('= i32.xor'), code('behind').includes('= i32.or ')]).to.deep.equal([false, true]);

    const text = readFileSync(join(folder, 'README.md'), 'utf8');
    const [bad, good] = [...text.matchAll(/^ {4}wynamo (run .*)$/gm)].map((m) => m[1]!.split(' '));
    expect(planted({ PLANT: 'rule' }, bad!, folder).status).to.equal(65);
    expect(planted({ PLANT: 'rule' }, good!, folder).status).to.equal(0);
    expect(planted({}, bad!, folder).status).to.equal(0);
  });

  it('names the pass in the fragment that it spoils', () => {
    const plant = { PLANT: 'pass', PLANT_FRAGMENT: '4' };
    const args = ['bisect', '-q', '--hot-loop=20', FREE, '--invoke=run', crc32(), '--', '20'];
    const result = planted(plant, args);
    expect(result.status).to.equal(1);
    expect(result.stdout).to.match(/^fragment: T4 /m);
    expect(result.stdout).to.match(/^pass: {5}dce \(run \d+ over all fragments\)\nrule: {5}none; .*$/m);
    // The folder is named after the guest where nobody names it.
    expect(readdirSync(join(scratch.path, 'traces'))).to.deep.equal(['crc32.O3-T4']);
    const text = readFileSync(join(scratch.path, 'traces/crc32.O3-T4/README.md'), 'utf8');
    expect(text).to.contain('--hot-loop=20 --compile-free=200 --deterministic --max-fragments=4 --pass-fuel=');
  });

  it('finds a pass that throws', () => {
    const args = ['bisect', '-q', FREE, '-o', 'crash', '--invoke=run', quicksort(), '--', '300'];
    const result = planted({ PLANT: 'crash', PLANT_FRAGMENT: '2' }, args);
    expect(result.stdout).to.match(/^wrong: {4}exit status 65 instead of 0 .*planted/);
    expect(result.stdout).to.match(/^fragment: T2\n/m);
    expect(result.stdout).to.match(/^pass: {5}phis /m);
  });

  it('finds what makes a run slow', () => {
    const args = ['bisect', '-q', FREE, '-o', 'slow', '--slow=1800000', '--invoke=run', crc32(), '--', '20'];
    const result = planted({ PLANT: 'slow', PLANT_FRAGMENT: '1' }, args);
    expect(result.status).to.equal(1);
    expect(result.stdout).to.match(/^wrong: {4}it takes \d+ ms\nfragment: T1 .*\npass: {5}dce /);
  });

  it('says when nothing is wrong, and tells of its runs', () => {
    const result = planted({}, ['bisect', '--invoke=run', crc32(), '--', '20']);
    expect(result).to.deep.equal({
      status: 0,
      stdout: 'the result is the same as in the interpreter\n',
      stderr: ': good\n',
    });
  });

  it('says what it cannot do', () => {
    const wrong = (...args: string[]) => planted({}, ['bisect', ...args]);
    expect(wrong()).to.deep.include({
      status: 2,
      stderr: 'wynamo: which file? give the path of a .wasm or .wat file\n',
    });
    expect(wrong('--mode=native', crc32()).stderr).to.contain('leave --mode out');
    expect(wrong('--slow=0', crc32()).stderr).to.contain("--slow takes milliseconds, not '0'");
    expect(wrong('--invoke=nothing', crc32()).stderr).to.match(/^wynamo: --invoke: there is no exported function/);
  });

  it('does not blame fragments for what goes wrong without any', () => {
    const trial = { status: 1 } as Trial;
    expect(() => bisect({ run: () => trial, judge: () => 'bad', note() {} })).to.throw('in the interpreter alone');
  });
});
