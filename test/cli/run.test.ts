/** `wynamo run`: the guest's output and status are the only ones, in every mode; mistakes are one sentence and status 2. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
// @ts-expect-error plain JavaScript without declarations, because an old Node has to run it
import { NODE_FLAGS, V8_FLAGS } from '../../bin/engine.mjs';
import type { StateFile } from '../../src/cli/state-file.ts';
import type { Stats } from '../../src/profile/schema.ts';
import { Scratch, WYNAMO, wynamo } from './harness.ts';

const guest = (name: string) => fileURLToPath(new URL(`guests/${name}.wat`, import.meta.url));
const MODES = ['native', 'interp', 'trace'] as const;

describe('wynamo run', () => {
  let scratch: Scratch;
  let throwing: string;
  before(() => {
    scratch = new Scratch();
    throwing = `--imports=${scratch.file('throws.mjs', "export default { env: { throws() { throw new Error('no more'); } } };\n")}`;
  });
  after(() => scratch.remove());

  for (const mode of MODES) {
    const run = (args: readonly string[], input = '') => wynamo(['run', `--mode=${mode}`, ...args], input);

    describe(`in mode ${mode}`, () => {
      it('passes standard input and output through, byte for byte', () => {
        const input = Array.from({ length: 3000 }, (_, i) => `line ${i} äöü\n`).join('');
        expect(run([guest('cat')], input)).to.deep.equal({ status: 0, stdout: input, stderr: '' });
      });

      it('is silent about experimental parts of the host when its flags came with the process', () => {
        const flags = [...NODE_FLAGS, ...V8_FLAGS];
        const { stderr } = spawnSync(process.execPath, [...flags, WYNAMO, 'run', `--mode=${mode}`, guest('exit')], {
          encoding: 'utf8',
        });
        expect(stderr).to.equal('');
      });

      it("ends with the guest's exit status", () => {
        expect(run([guest('exit'), '--', 'a', '-b', '--help'])).to.deep.equal({ status: 4, stdout: '', stderr: '' });
      });

      it('gives the guest its arguments, environment and folders', () => {
        const { path } = scratch;
        mkdirSync(`${path}/data`, { recursive: true });
        scratch.file('data/in.txt', 'from a file');
        const args = [`--dir=${path}/data:/`, '--env=A=1', '--env=B=x=y', guest('show'), 'one', '--', '--two'];
        expect(run(args)).to.deep.equal({
          status: 0,
          stdout: 'show.wat\0one\0--two\0A=1\0B=x=y\0from a file',
          stderr: '',
        });
      });

      it('prints the results of an export one a line', () => {
        const args = [throwing, '--invoke=swap', guest('traps'), '--', '-1', '0x7fffffffffffffff', '0.1', '-inf'];
        expect(run(args)).to.deep.equal({ status: 0, stdout: '-inf\n0.1\n9223372036854775807\n-1\n', stderr: '' });
      });

      it('tells of a host function whose result cannot be converted', () => {
        const text = '(module (import "env" "h" (func $h (result TYPE))) (func $c (export "f") (drop (call $h))))';
        for (const [type, value] of [
          ['i32', '5n'],
          ['i32', 'Symbol()'],
          ['i64', '5'],
          ['i64', '"five"'],
        ] as const) {
          const imports = scratch.file('wrong.mjs', `export default { env: { h: () => ${value} } };`);
          const result = run([
            `--imports=${imports}`,
            '--invoke=f',
            scratch.file('wrong.wat', text.replace('TYPE', type)),
          ]);
          expect(result.stderr).to.match(
            /^wynamo: a value from the host is none for the guest: Cannot convert .* at \$c\+0x\S+\n$/,
          );
          expect(result).to.include({ status: 134, stdout: '' });
        }
      });

      it('tells of a start function that traps, and of an exception that nobody catches', () => {
        const start = run([scratch.file('start.wat', '(module (func $boot (unreachable)) (start $boot))')]);
        expect(start.stderr).to.match(/^wynamo: trap: unreachable at [^\n]*(?:\$boot\+0x|start function)[^\n]*\n$/);
        expect(start.status).to.equal(134);
        const text = '(module (tag $t) (func (export "_start") (throw $t)))';
        const uncaught = run([scratch.file('throw.wat', text)]);
        expect(uncaught.stderr).to.contain('wynamo: the guest threw an exception that nobody caught');
        expect(uncaught.status).to.equal(134);
      });

      const traps: [string, string[], RegExp][] = [
        ['divide', ['1', '0'], /^wynamo: trap: divide by zero at \$divide\+0x[0-9a-f]+\n$/],
        ['divide', ['-0x80000000', '-1'], /^wynamo: trap: divide result unrepresentable at \$divide\+0x[0-9a-f]+\n$/],
        ['never', [], /^wynamo: trap: unreachable at \$never\+0x[0-9a-f]+\n$/],
        ['outside', [], /^wynamo: trap: memory access out of bounds at \$outside\+0x[0-9a-f]+\n$/],
        ['deep', ['1'], /^wynamo: trap: call stack exhausted at \$deep\+0x[0-9a-f]+\n$/],
        ['host', [], /^wynamo: a host function threw: no more/],
      ];
      for (const [name, args, line] of traps) {
        it(`tells of ${name}(${args.join(', ')}) in one line with its place`, () => {
          const result = run([throwing, `--invoke=${name}`, guest('traps'), '--', ...args]);
          expect(result.stderr).to.match(line);
          expect(result.stderr.match(/\n/g)).to.have.length(1);
          expect(result).to.include({ status: 134, stdout: '' });
        });
      }
    });
  }

  for (const mode of ['interp', 'trace'] as const) {
    it(`stops the guest when its fuel is used up, in mode ${mode}`, () => {
      const result = wynamo(['run', `--mode=${mode}`, '--fuel=100000', throwing, '--invoke=spin', guest('traps')]);
      expect(result.stderr).to.match(/^wynamo: .*fuel.* at \$spin\+0x[0-9a-f]+\n$/);
      expect(result).to.include({ status: 152, stdout: '' });
    });

    it(`stops the guest when its time is over, in mode ${mode}`, () => {
      const result = wynamo(['run', `--mode=${mode}`, '--timeout=300', throwing, '--invoke=spin', guest('traps')]);
      expect(result.stderr).to.match(/^wynamo: .*300 ms.* at \$spin\+0x[0-9a-f]+\n$/);
      expect(result).to.include({ status: 124, stdout: '' });
    });
  }

  it('stops a guest that asks for more memory than it may have', () => {
    const grow = scratch.file(
      'grow.wat',
      '(module (memory 1) (func $grow (export "_start") (loop $l (drop (memory.grow (i32.const 1))) (br $l))))',
    );
    const result = wynamo(['run', '--max-memory=1M', grow]);
    expect(result.stderr).to.match(
      /^wynamo: .*1114112 bytes of memory, more than the 1048576.* at \$grow\+0x[0-9a-f]+\n$/,
    );
    expect(result).to.include({ status: 137, stdout: '' });
  });

  it('writes where and with what state the guest stopped, the same in every mode of the machine', () => {
    const cases: [string[], Partial<StateFile>, (state: StateFile['state']) => void][] = [
      [
        ['--invoke=divide', guest('traps'), '--', '7', '0'],
        { ended: 'trap', status: 134 },
        ({ frames }) => expect(frames[0]).to.deep.include({ name: 'divide', operands: ['i32:7', 'i32:0'] }),
      ],
      [
        ['--fuel=100000', '--invoke=spin', guest('traps')],
        { ended: 'fuel', status: 152 },
        ({ frames, globals }) => expect([frames[0]?.name, globals.length]).to.deep.equal(['spin', 1]),
      ],
      [
        ['--invoke=host', guest('traps')],
        { ended: 'trap', status: 134 },
        ({ frames }) => expect(frames.map((f) => f.name)).to.deep.equal(['host']),
      ],
      [
        ['--invoke=count', guest('traps'), '--', '1000'],
        { ended: 'returned', status: 0, message: null },
        ({ frames }) => expect(frames).to.deep.equal([]),
      ],
      [
        [guest('exit'), '--', 'a'],
        { ended: 'exited', status: 2, message: null },
        ({ frames }) => expect(frames).not.to.be.empty,
      ],
    ];
    for (const [args, head, look] of cases) {
      const files = ['--mode=interp', '--hot-loop=2'].map((mode, i) => {
        const file = `${scratch.path}/state${i}.json`;
        wynamo(['run', mode, `--state=${file}`, throwing, ...args]);
        return JSON.parse(readFileSync(file, 'utf8')) as StateFile;
      });
      expect(files[1]).to.deep.equal(files[0]);
      expect(files[0]).to.deep.include(head);
      look(files[0]!.state);
    }
  });

  it('says that there is no state natively', () => {
    const file = `${scratch.path}/none.json`;
    const result = wynamo(['run', '--mode=native', `--state=${file}`, throwing, '--invoke=never', guest('traps')]);
    expect(result.status).to.equal(2);
    expect(result.stderr).to.equal(
      'wynamo: --state: the state of the guest is not known: with --mode=native nothing sees it\n',
    );
  });

  it('writes statistics to a file', () => {
    const file = `${scratch.path}/stats.json`;
    const result = wynamo([
      'run',
      '--mode=interp',
      `--stats=${file}`,
      throwing,
      '--invoke=count',
      guest('traps'),
      '--',
      '1000',
    ]);
    expect(result).to.deep.equal({ status: 0, stdout: '1000\n', stderr: '' });
    const stats = JSON.parse(readFileSync(file, 'utf8')) as Stats;
    expect(stats.schema).to.equal(1);
    expect(stats.mode).to.equal('interp');
    expect(stats.instructions.total).to.be.greaterThan(5000);
    expect(stats.options.hotLoop).to.equal(60);
    expect(stats.engine.flags).to.include('--experimental-wasm-compilation-hints');
  });
});
