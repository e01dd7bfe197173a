/** Starting under the pinned Node: any Node may start the command, flags, signals and statuses come through. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
// @ts-expect-error plain JavaScript without declarations, because an old Node has to run it
import { NODE_FLAGS, PINNED, V8_FLAGS } from '../../bin/engine.mjs';
import { ROOT, Scratch, WYNAMO } from './harness.ts';

const RUNNER = join(ROOT, 'bin/node.mjs');

/** Nodes to start from: the running one, and the machine's own where it is another. */
const STARTERS = [...new Set([process.execPath, '/usr/bin/node', '/usr/local/bin/node'])].filter(
  (path) => spawnSync(path, ['--version']).status === 0,
);

describe('the pinned Node', () => {
  let scratch: Scratch;
  before(() => {
    scratch = new Scratch();
  });
  after(() => scratch.remove());

  it('has one version, in all its packages', () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      optionalDependencies: Record<string, string>;
    };
    expect(new Set(Object.values(optionalDependencies))).to.deep.equal(new Set([PINNED]));
  });

  it('leaves a flag that is given with another value', () => {
    const script = scratch.file('given.ts', 'console.log(process.execArgv.join(" "));');
    const { stdout } = spawnSync(process.execPath, ['--wasm-inlining-budget=7', RUNNER, script], { encoding: 'utf8' });
    expect(stdout.match(/--wasm-inlining-\S+/g)).to.deep.equal([
      '--wasm-inlining-budget=7',
      '--wasm-inlining-factor=50',
    ]);
  });

  for (const node of STARTERS) {
    describe(`started by ${node}`, () => {
      it('runs the command line', () => {
        const { stdout, stderr, status } = spawnSync(node, [WYNAMO, '--version'], { encoding: 'utf8' });
        expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
        expect(stdout).to.match(new RegExp(`^wynamo \\S+ \\(Node ${PINNED}, V8 \\S+\\)\n$`));
      });

      it('passes flags, arguments and the exit status', () => {
        const script = scratch.file(
          'show.ts',
          'const n: number = 7; console.log(JSON.stringify([process.execArgv, process.argv.slice(2)])); process.exitCode = n;',
        );
        const { stdout, stderr, status } = spawnSync(node, [RUNNER, script, '-a', '--b=1'], { encoding: 'utf8' });
        expect({ status, stderr }).to.deep.equal({ status: 7, stderr: '' });
        const [flags, args] = JSON.parse(stdout) as [string[], string[]];
        expect(flags).to.include.members([...NODE_FLAGS, ...V8_FLAGS]);
        expect(args).to.deep.equal(['-a', '--b=1']);
      });

      it('passes more flags of Node', () => {
        const script = scratch.file('flags.ts', 'console.log(process.execArgv.includes("--no-liftoff"));');
        const { stdout } = spawnSync(node, [RUNNER, '--no-liftoff', script], { encoding: 'utf8' });
        expect(stdout).to.equal('true\n');
      });

      it('passes signals on', async () => {
        const script = scratch.file(
          'wait.ts',
          'process.on("SIGTERM", () => process.exit(3)); setInterval(() => {}, 1000); console.log("ready");',
        );
        const child = spawn(node, [RUNNER, script], { stdio: ['ignore', 'pipe', 'inherit'] });
        await once(child.stdout, 'data');
        child.kill('SIGTERM');
        expect(await once(child, 'exit')).to.deep.equal([3, null]);
      });

      it('dies by the signal that the guest process died by', () => {
        const script = scratch.file('die.ts', 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);');
        const { signal } = spawnSync(node, [RUNNER, script]);
        expect(signal).to.equal('SIGKILL');
      });

      it('ends with one sentence when WYNAMO_NODE is no Node', () => {
        const { stderr, status } = spawnSync(node, [WYNAMO, '--version'], {
          encoding: 'utf8',
          env: { ...process.env, WYNAMO_NODE: '/no/such/node' },
        });
        expect(stderr).to.match(/^wynamo: cannot start \/no\/such\/node: [^\n]+\n$/);
        expect(status).to.equal(2);
      });
    });
  }
});
