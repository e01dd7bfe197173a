import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { chosen, oneOf, readArguments, wholeNumber } from '../../scripts/arguments.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SCRIPTS = [
  'benchmarks/applications/run.ts',
  'benchmarks/bench.ts',
  'benchmarks/hints.ts',
  'benchmarks/micro/run.ts',
  'benchmarks/monitors.ts',
  'reports/sample.ts',
  'scripts/demo.ts',
  'scripts/docs.ts',
  'scripts/traces.ts',
];
const start = (file: string, flag: string) =>
  spawnSync(process.execPath, [file, flag], { cwd: root, encoding: 'utf8', timeout: 60_000 });

describe('scripts of the checkout', () => {
  for (const file of SCRIPTS) {
    it(`${file}: a wrong flag is one sentence with status 2`, () => {
      const { status, stdout, stderr } = start(file, '--bogus');
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
      expect(stderr).to.match(/^\w+: Unknown option '--bogus' \(see .* --help\)\n$/);
    });
  }

  it('print their options', () => {
    const { status, stdout } = start('benchmarks/hints.ts', '--help');
    expect(status).to.equal(0);
    expect(stdout)
      .to.match(/^usage: .*\n\n {2}--reps=N {2,}\w/)
      .and.include('--help');
  });
});

describe('arguments of scripts', () => {
  const rows = { reps: { value: 'N', type: 'string', default: '3', doc: 'processes' } } as const;

  it('have defaults, and words without a dash only where they are taken', () => {
    expect(readArguments('x [options]', rows, { args: [] }).values.reps).to.equal('3');
    expect(() => readArguments('x [options]', rows, { args: ['y'] })).to.throw(/'y'.*\(see x --help\)/);
    expect(readArguments('x', rows, { args: ['y'], positionals: true }).positionals).to.deep.equal(['y']);
  });

  it('are numbers, words or names of rows', () => {
    expect(wholeNumber('reps', '12')).to.equal(12);
    for (const text of ['0', '-1', '1.5', 'x', '']) expect(() => wholeNumber('reps', text)).to.throw(/--reps takes/);
    expect(oneOf('size', ['small', 'large'], 'small')).to.equal('small');
    expect(() => oneOf('size', ['small', 'large'], 'huge')).to.throw("--size takes small, large, not 'huge'");
    const guests = [{ name: 'fib' }, { name: 'lu' }];
    expect(chosen(guests, 'guest', '')).to.have.length(2);
    expect(chosen(guests, 'guest', 'lu')).to.deep.equal([guests[1]]);
    expect(() => chosen(guests, 'guest', 'fob')).to.throw(/guest 'fob'/);
  });
});
