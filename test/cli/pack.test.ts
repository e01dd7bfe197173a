/** `npm pack` gives a package that works when it is installed in an empty folder: command, library, declarations. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROOT, Scratch } from './harness.ts';

/** `npm` of the machine, whatever Node it runs under. */
function npm(args: readonly string[], cwd: string) {
  return spawnSync('npm', ['--no-audit', '--no-fund', ...args], {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
}

const WAT = `(module (func (export "sum") (param $n i32) (result i32) (local $s i32)
  (loop $l (local.set $s (i32.add (local.get $s) (local.get $n)))
    (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  (local.get $s)))`;

describe('the npm package', function () {
  this.timeout(300_000);
  let scratch: Scratch;
  before(function () {
    scratch = new Scratch();
    const packed = npm(['pack', '--json', '--pack-destination', scratch.path], ROOT);
    expect(packed.status, packed.stderr).to.equal(0);
    const listing = JSON.parse(packed.stdout.slice(packed.stdout.search(/^[[{]/m))) as
      | Record<string, Packed>
      | Packed[];
    [contents] = Object.values(listing) as [Packed];
    scratch.file('package.json', '{ "private": true, "type": "module" }');
    const tarball = join(scratch.path, contents.filename);
    const installed = npm(['install', '--prefer-offline', tarball], scratch.path);
    if (installed.status !== 0 && /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENOTCACHED/.test(installed.stderr)) {
      console.log('      (skipped: the npm registry cannot be reached, so the dependencies cannot be installed)');
      this.skip();
    }
    expect(installed.status, installed.stderr).to.equal(0);
  });
  after(() => scratch.remove());

  interface Packed {
    filename: string;
    files: { path: string }[];
  }
  let contents: Packed;

  it('holds compiled code, declarations and documents, and no sources or tests', () => {
    const paths = contents.files.map((file) => file.path);
    expect(paths).to.include.members([
      'bin/wynamo.mjs',
      'bin/engine.mjs',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cli/main.js',
      'dist/command/wynamo.cjs',
      'dist/library/index.js',
      'dist/library/register.js',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'docs/cli.md',
    ]);
    const odd = paths.filter(
      (path) => /^(src|test|benchmarks|scripts|reports|traces)\//.test(path) || /(?<!\.d)\.ts$/.test(path),
    );
    expect(odd).to.deep.equal([]);
  });

  it('installs a command that runs a module', () => {
    const file = scratch.file('sum.wat', WAT);
    const npx = (args: string[]) => npm(['exec', '--offline', '--', 'wynamo', ...args], scratch.path);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(npx(['--version']).stdout).to.match(new RegExp(`^wynamo ${version.replaceAll('.', '\\.')} `));
    const result = npx(['run', '--invoke=sum', '--hot-loop=10', file, '--', '10000']);
    expect(result.stdout, result.stderr).to.equal('50005000\n');
    expect(result.status).to.equal(0);
  });

  it('installs the report with everything it needs', () => {
    const file = scratch.file('sum.wat', WAT);
    const args = ['exec', '--offline', '--', 'wynamo', 'report', '--invoke=sum', '-o', 'out.html', file, '--', '10000'];
    const result = npm(args, scratch.path);
    expect(result.status, result.stderr).to.equal(0);
    expect(readFileSync(join(scratch.path, 'out.html'), 'utf8')).to.match(/^<!doctype html>/i);
  });

  it('is a library for JavaScript', () => {
    const main = scratch.file(
      'main.mjs',
      `import { instantiateSync } from 'wynamo';
       const bytes = Uint8Array.from([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,42,11]);
       const { instance, machine } = instantiateSync(bytes, {}, { mode: 'interp' });
       console.log(instance.exports.f(), machine.stats().schema);
       machine.dispose();`,
    );
    const { stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
      cwd: scratch.path,
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).to.deep.equal({ stdout: '42 1\n', stderr: '' });
  });

  it('has declarations that TypeScript reads', () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    scratch.file(
      'use.ts',
      "import { instantiateSync, type Options, type Stats } from 'wynamo';\n" +
        'const options: Partial<Options> = { hotLoop: 3 };\n' +
        'const stats: Stats = instantiateSync(new Uint8Array(), {}, options).machine.stats();\n' +
        "// @ts-expect-error no such mode\nconst wrong: Options['mode'] = 'tracer';\n" +
        'export { stats, wrong };\n',
    );
    const args = [tsc, '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', 'use.ts'];
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: scratch.path, encoding: 'utf8' });
    expect({ stdout, status }).to.deep.equal({ stdout: '', status: 0 });
  });
});
