/** `wynamo monitor` from the outside: what it prints and writes, own monitors, mistakes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Scratch, wynamo } from './harness.ts';

const WAT = `(module
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "trap") (param i32)
    (loop $l (br_if $l (i32.div_u (i32.const 8) (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))))`;

describe('wynamo monitor', () => {
  let scratch: Scratch;
  let file: string;
  before(() => {
    scratch = new Scratch();
    file = scratch.file('fib.wat', WAT);
  });
  after(() => scratch.remove());

  it('prints what each monitor saw, and the results of the guest to standard error', () => {
    const { status, stdout, stderr } = wynamo(['monitor', '--with=hotness,branches', '--invoke=fib', file, '10']);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '55\n' });
    expect(stdout).to.match(/^hotness: .*\nfunction .*\nfib +177 +/);
    expect(stdout).to.match(/\nbranches: .*\nbranch .*\n\$fib\+0x[0-9a-f]+ +if +177 +50\.3 % +89 88\n/);
  });

  it('prints JSON', () => {
    const { stdout } = wynamo(['monitor', '--with=calls', '--json', '--invoke=fib', file, '10']);
    const { calls } = JSON.parse(stdout) as { calls: { callerName: string; count: number }[] };
    expect(calls.map((c) => [c.callerName, c.count])).to.deep.equal([
      ['fib', 88],
      ['fib', 88],
    ]);
  });

  it('writes coverage that agrees with its listing', () => {
    const path = join(scratch.path, 'cover.info');
    expect(wynamo(['monitor', '--with=mix', `--lcov=${path}`, '--invoke=fib', file, '10']).status).to.equal(0);
    const listing = readFileSync(`${path}.wat`, 'utf8').split('\n');
    const info = readFileSync(path, 'utf8');
    expect(info).to.contain(`SF:${path}.wat\nFN:1,fib\nFNDA:177,fib\nFN:`);
    expect(info).to.contain('FNDA:0,trap').and.contain('FNF:2\nFNH:1\n');
    for (const [, line, times] of info.matchAll(/^DA:(\d+),(\d+)$/gm)) {
      const text = listing[Number(line) - 1] as string;
      expect(text).to.match(/^ +\S.* ;; 0x[0-9a-f]+$/);
      if (text.includes('i32.lt_s')) expect(times).to.equal('177');
      if (text.includes('i32.add')) expect(times).to.equal('88');
    }
    const branch = /^BRDA:(\d+),0,0,89\nBRDA:\1,0,1,88$/m.exec(info);
    expect(listing[Number(branch?.[1]) - 1]).to.match(/^ +if/);
  });

  it('runs a monitor of your own', () => {
    const own = scratch.file(
      'stores.ts',
      `export const monitor = {
        name: 'arguments', doc: 'largest argument', counts: false,
        start() {
          let most = 0;
          return { entries: true, event(site: unknown, e: { number(k: number): number }) { most = Math.max(most, e.number(0)); }, result: () => most };
        },
      };`,
    );
    const { stdout, status } = wynamo(['monitor', `--with=${own}`, '--invoke=fib', file, '12']);
    expect({ stdout, status }).to.deep.equal({ stdout: 'arguments: largest argument\n12\n', status: 0 });
  });

  it('tells where a trap was, and what that leaves uncounted', () => {
    const { status, stderr, stdout } = wynamo(['monitor', '--with=loops', '--json', '--invoke=trap', file, '3']);
    expect(status).to.equal(wynamo(['run', '--invoke=trap', file, '3']).status);
    expect(stderr).to.match(/^wynamo: trap: divide by zero at \$trap\+0x[0-9a-f]+\nwynamo: counts of trap lack/);
    expect(stdout).to.be.a('string');
    const exact = wynamo(['monitor', '--with=loops', '--counters=memory', '--json', '--invoke=trap', file, '3']);
    expect(exact.stderr).to.not.contain('lack');
    expect((JSON.parse(exact.stdout) as { loops: { heads: number }[] }).loops[0]?.heads).to.equal(3);
  });

  for (const [flags, message] of [
    [['--with=branch'], /there is no monitor 'branch'; did you mean 'branches'\?/],
    [['--with=./none.ts'], /there is no file \.\/none\.ts/],
    [['--with=mix,mix'], /mix is given twice/],
    [['--counters=disk'], /--counters takes local or memory, not 'disk'/],
    [['--top=0'], /--top takes a whole number from 1 on/],
  ] as const) {
    it(`explains ${flags.join(' ')}`, () => {
      const { status, stderr } = wynamo(['monitor', ...flags, '--invoke=fib', file, '3']);
      expect(stderr).to.match(message).and.not.contain('\n    at ');
      expect(status).to.equal(2);
    });
  }
});
