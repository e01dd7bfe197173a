/** `profile`, `report` and `dump`: what they print, where the guest's own output goes, and that counts repeat. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Stats } from '../../src/profile/schema.ts';
import { Scratch, WYNAMO, wynamo } from './harness.ts';

const traps = fileURLToPath(new URL('guests/traps.wat', import.meta.url));
const cat = fileURLToPath(new URL('guests/cat.wat', import.meta.url));

describe('wynamo profile, report and dump', () => {
  let scratch: Scratch;
  let imports: string;
  before(() => {
    scratch = new Scratch();
    imports = `--imports=${scratch.file('none.mjs', 'export default { env: { throws() {} } };\n')}`;
  });
  after(() => scratch.remove());

  const counting = (n: number) => [imports, '--invoke=count', traps, '--', String(n)];

  it('profile prints functions, loops and traces in columns', () => {
    const { stdout, stderr, status } = wynamo(['profile', ...counting(100_000)]);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '100000\n' });
    expect(stdout).to.match(/guest instructions, 9\d\.\d % of them in fragments\n/);
    for (const title of ['functions', 'loops', 'traces']) expect(stdout).to.match(new RegExp(`^${title}$`, 'm'));
    expect(stdout).to.match(/^\$count\+0x[0-9a-f]+ +100,000 +100\.0$/m);
    expect(stdout).to.match(/^T1 +root +\$count\+0x[0-9a-f]+ /m);
  });

  it('a reader that leaves early is no mistake', () => {
    const command = `'${process.execPath}' '${WYNAMO}' dump --hot-loop=2 ${counting(5000).join(' ')} | head -c 10`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect(stdout).to.have.length(10);
    expect(stderr).to.equal('5000\n');
  });

  it('profile --json prints the statistics, with the same counts in every run', () => {
    const run = () => JSON.parse(wynamo(['profile', '--json', ...counting(5000)]).stdout) as Stats;
    const counts = ({ instructions, functions, loops, fragments, exits, traces }: Stats) => ({
      instructions,
      functions,
      loops,
      exits,
      traces,
      fragments: fragments.map(({ id, kind, entries, iterations, instructions: n, bytes }) => ({
        id,
        kind,
        entries,
        iterations,
        n,
        bytes,
      })),
    });
    const first = run();
    expect(first.module.path).to.equal(traps);
    expect(first.loops[0]?.heads).to.equal(5000);
    expect(counts(run())).to.deep.equal(counts(first));
  });

  it('profile keeps the status of a guest that ended badly, and still tells', () => {
    const { stdout, stderr, status } = wynamo(['profile', imports, '--invoke=divide', traps, '--', '1', '0']);
    expect(status).to.equal(134);
    expect(stderr).to.match(/^wynamo: trap: divide by zero at \$divide\+0x[0-9a-f]+\n$/);
    expect(stdout).to.contain('guest instructions');
  });

  it("sends the guest's standard output to standard error", () => {
    const { stdout, stderr } = wynamo(['profile', '--json', cat], 'hello\n');
    expect(stderr).to.equal('hello\n');
    expect(JSON.parse(stdout)).to.include({ schema: 1 });
  });

  it('report writes one HTML file without outside references', () => {
    const file = `${scratch.path}/count.html`;
    const { stdout, stderr, status } = wynamo(['report', '-o', file, ...counting(5000)]);
    expect({ stdout, stderr, status }).to.deep.equal({ stdout: `${file}\n`, stderr: '5000\n', status: 0 });
    const html = readFileSync(file, 'utf8');
    expect(html).to.match(/^<!doctype html>/i);
    expect(html).not.to.match(/<(?:script|img|link)[^>]+(?:src|href)="https?:/);
  });

  const stages: [string, RegExp][] = [
    ['guest', /local\.get/],
    ['trace', /trace T1 root \$count\+0x/],
    ['ir', /region T1[\s\S]*i32\.add/],
    ['opt', /region T1[\s\S]*i32\.add/],
    ['wat', /\(func \$T1[\s\S]*i32\.add/],
  ];
  for (const [stage, text] of stages) {
    it(`dump prints the stage ${stage}`, () => {
      const { stdout, stderr, status } = wynamo(['dump', `--stage=${stage}`, '--trace=T1', ...counting(5000)]);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '5000\n' });
      expect(stdout).to.match(/^;; T1 root \$count\+0x/);
      expect(stdout).to.match(text);
    });
  }

  it('dump says which traces there are, and why there are none', () => {
    const missing = wynamo(['dump', '--trace=99', ...counting(5000)]);
    expect(missing.stderr).to.match(/there is no trace T99; there are T1/);
    expect(missing.status).to.equal(2);
    expect(wynamo(['dump', ...counting(5)]).stderr).to.match(/there are no traces: nothing got hot enough/);
    expect(wynamo(['dump', '--mode=interp', ...counting(5000)]).stderr).to.match(
      /there are no traces: mode interp makes none/,
    );
  });

  it('--log writes a line an event', () => {
    const file = `${scratch.path}/log.txt`;
    expect(wynamo(['run', `--log=${file}`, '--compile-free=200', ...counting(5000)])).to.deep.equal({
      status: 0,
      stdout: '5000\n',
      stderr: '',
    });
    expect(readFileSync(file, 'utf8')).to.match(/^\[T1 .*\$count\+0x.*\]\n/m);
  });
});
