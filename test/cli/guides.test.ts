/** What the guides to monitors, formats and hints tell to type does what they say. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROOT, Scratch, wynamo } from './harness.ts';

const GUIDES = ['monitors', 'formats', 'hints'];

const page = (name: string) => readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8');

describe('guides', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  before(() => {
    scratch = new Scratch();
  });
  after(() => scratch.remove());

  for (const name of GUIDES) {
    const commands = [...page(name).matchAll(/^ {4}npm run --silent wynamo -- (.*)$/gm)].map((m) => m[1] as string);
    it(`${name}: ${commands.length} commands run`, () => {
      expect(commands).to.not.deep.equal([]);
      for (const line of commands) {
        const args = line.split(' ').map((arg) => arg.replace(/^benchmarks\//, `${ROOT}/benchmarks/`));
        const { status, stderr } = wynamo(args, '', scratch.path);
        expect(status, `${line}: ${stderr}`).to.equal(0);
        const output = /(?:-o |--lcov=)(\S+)/.exec(line)?.[1];
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
