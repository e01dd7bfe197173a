/**
 * Every `wynamo` command in the documents does what they say. Those about campaigns take minutes and have tests of their
 * own; those of the reference (cli.md) name files that only the reader has.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { wat } from '../emit/harness.ts';
import { ROOT, Scratch, wynamo } from './harness.ts';

function page(name: string): string {
  return readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8');
}

const ELSEWHERE = ['campaigns', 'cli'];
const GUIDES = [
  '../README',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.replace('.md', ''))
    .filter((name) => !ELSEWHERE.includes(name) && page(name).includes('    npm run --silent wynamo -- ')),
];

/** Sizes that keep a guest busy for seconds show a reader good figures, and a test nothing more than a tenth of them. */
const smaller = (arg: string) => (/^[1-9]\d*0{4}$/.test(arg) ? arg.slice(0, -1) : arg);

describe('guides', () => {
  let scratch: Scratch;
  before(() => {
    scratch = new Scratch();
    // The reader's own program.
    scratch.file('program.wasm', wat(readFileSync(join(ROOT, 'test/cli/guests/cat.wat'), 'utf8')));
  });
  after(() => scratch.remove());

  for (const name of GUIDES) {
    const commands = [...page(name).matchAll(/^ {4}npm run --silent wynamo -- (.*?)(?: +#.*)?$/gm)].map(
      (m) => m[1] as string,
    );
    it(`${name}: ${commands.length} commands run`, () => {
      expect(commands).to.not.deep.equal([]);
      for (const line of commands) {
        const args = line.split(' ').map((arg) => smaller(arg.replace(/^(benchmarks|test)\//, `${ROOT}/$1/`)));
        const { status, stderr } = wynamo(args, '', scratch.path);
        expect(status, `${line}: ${stderr}`).to.equal(0);
        const output = /(?:-o |--lcov=|--state=)(\S+)/.exec(line)?.[1];
        if (output) expect(existsSync(join(scratch.path, output)), output).to.equal(true);
      }
    });
  }

  it('monitors: the monitor in the guide works', () => {
    const code = /```ts\n([\s\S]*?)```/.exec(page('monitors'))?.[1] as string;
    const own = scratch.file('mine.ts', code);
    const guest = scratch.file(
      'add.wat',
      '(module (func (export "run") (param i32) (result i32) (i32.add (i32.const 0) (i32.add (local.get 0) (i32.const 2)))))',
    );
    const { stdout, status, stderr } = wynamo(['monitor', `--with=${own}`, '--invoke=run', guest, '5']);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '7\n' });
    expect(stdout).to.equal('zeros: additions of nothing\n1 additions of zero\n');
  });
});
