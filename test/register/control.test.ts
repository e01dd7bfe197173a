/** The drop-in form in a program that goes on: attached, detached, dumped and set back by functions and by signals. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { instantiateSync, type Stats } from '../../src/index.ts';
import { since } from '../../src/profile/since.ts';
import { parseSignals } from '../../src/register/control.ts';
import { Scratch } from '../cli/harness.ts';

const REGISTER = new URL('../../src/register/index.ts', import.meta.url).href;
const CRC = wasmPath(guest('crc32'), 'O3');

/** What the guest gives natively. */
const RESULT = (
  new WebAssembly.Instance(new WebAssembly.Module(readFileSync(CRC)), { env: { abort() {} } }).exports.run as (
    n: number,
  ) => number
)(20);

/** Runs what it reads, a line each, in a program that goes on. */
const SERVER = `
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as wynamo from ${JSON.stringify(REGISTER)};
const bytes = readFileSync(${JSON.stringify(CRC)});
const make = () => new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { abort() {} } }).exports;
let guest = make();
const commands = { run: () => guest.run(20), make: () => { guest = make(); return 'made'; } };
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = line.split(' ');
  try {
    const value = await (commands[name] ?? wynamo[name])(...args.map((a) => JSON.parse(a)));
    console.log(JSON.stringify(value ?? null));
  } catch (error) {
    console.log(JSON.stringify(error.message));
  }
}
`;

describe('control of the drop-in form', () => {
  let scratch: Scratch;
  let server: ChildProcess | undefined;
  before(() => {
    scratch = new Scratch();
  });
  afterEach(() => {
    server?.kill();
  });
  after(() => scratch.remove());

  function start(env: Record<string, string>): (line: string) => Promise<unknown> {
    const file = scratch.file('server.mjs', SERVER);
    // Without the mark of another tree of processes: the files then have the names that were given.
    const { WYNAMO_ROOT_PID: _, ...own } = process.env;
    const made = spawn(process.execPath, ['--import', REGISTER, file], {
      env: { ...own, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    server = made;
    const lines = createInterface({ input: made.stdout! });
    return (line) =>
      new Promise((resolve) => {
        lines.once('line', (text) => resolve(JSON.parse(text)));
        made.stdin!.write(`${line}\n`);
      });
  }

  const read = (path: string) => (JSON.parse(readFileSync(path, 'utf8')) as { runs: Stats[] }).runs;

  it('dumps and sets back by function', async () => {
    const ask = start({ WYNAMO_OPTIONS: '--native-first=off --compile-free=200' });
    expect(await ask('run')).to.equal(RESULT);
    expect(await ask('dump')).to.match(/^dump writes nothing: /);
    const path = (name: string) => JSON.stringify({ stats: join(scratch.path, name) });
    await ask(`dump ${path('a.json')}`);
    await ask('reset');
    await ask(`dump ${path('b.json')}`);
    await ask('run');
    await ask(`dump ${path('c.json')}`);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => read(join(scratch.path, `${name}.json`))[0]!);
    expect(a!.instructions.total).to.be.greaterThan(100_000);
    expect(b!.instructions).to.deep.equal({ interpreter: 0, fragments: 0, total: 0, coverage: 0 });
    expect(b!.fragments).to.have.length(a!.fragments.length);
    // The second call does what the first did, with its fragments ready.
    expect(c!.instructions.total).to.be.within(0.99 * a!.instructions.total, a!.instructions.total);
    expect(c!.instructions.coverage).to.be.greaterThan(a!.instructions.coverage);
    expect(await ask(`dump ${JSON.stringify({ stats: '/none/x.json' })}`)).to.match(/^cannot write \/none\/x/);
  });

  it('attaches and detaches what is made from then on', async () => {
    const stats = JSON.stringify({ stats: join(scratch.path, 'd.json') });
    const ask = start({ WYNAMO_DETACHED: '1' });
    const count = async () => {
      await ask(`dump ${stats}`);
      return read(join(scratch.path, 'd.json')).length;
    };
    expect(await count()).to.equal(0);
    await ask('attach');
    await ask('make');
    expect(await ask('run')).to.equal(RESULT);
    expect(await count()).to.equal(1);
    await ask('detach');
    await ask('make');
    expect(await ask('run')).to.equal(RESULT);
    expect(await count()).to.equal(1);
  });

  it('dumps a report by signal', async () => {
    const report = join(scratch.path, 'live.html');
    const ask = start({ WYNAMO_REPORT: report, WYNAMO_SIGNALS: 'SIGUSR2=dump,SIGHUP=reset' });
    await ask('run');
    server!.kill('SIGUSR2');
    for (let i = 0; i < 300 && !existsSync(report); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(readFileSync(report, 'utf8')).to.contain('</html>');
    expect(await ask('run')).to.equal(RESULT);
    expect(server!.exitCode).to.equal(null);
  });

  it('refuses signals and actions that make no sense', () => {
    expect(parseSignals('SIGUSR2=dump,SIGHUP=reset')).to.deep.equal([
      ['SIGUSR2', 'dump'],
      ['SIGHUP', 'reset'],
    ]);
    expect(() => parseSignals('SIGKILL=dump')).to.throw("there is no signal to use 'SIGKILL'");
    expect(() => parseSignals('SIGUSR2=dmup')).to.throw("did you mean 'dump'?");
    const { status, stderr } = spawnSync(process.execPath, ['--import', REGISTER, '-e', '0'], {
      env: { ...process.env, WYNAMO_SIGNALS: 'x' },
      encoding: 'utf8',
    });
    expect(status).to.equal(2);
    expect(stderr).to.match(/^wynamo: WYNAMO_SIGNALS: there is no signal/);
  });
});

describe('figures since an earlier time', () => {
  it('add up to those of the whole run', () => {
    const row = guest('quicksort');
    const bytes = Uint8Array.from(readFileSync(wasmPath(row, 'O3')));
    const { instance, machine } = instantiateSync(bytes, { env: { abort() {} } }, { hotLoop: 20, compileShare: 0 });
    const run = instance.exports.run as (n: number) => number;
    run(2000);
    const then = machine.stats();
    run(5000);
    const now = machine.stats();
    machine.dispose();
    const part = since(then, now);
    const sum = (f: (s: Stats) => number) => expect(f(then) + f(part)).to.equal(f(now));
    sum((s) => s.instructions.total);
    sum((s) => s.exits.taken);
    sum((s) => s.functions.reduce((n, f) => n + f.instructions, 0));
    sum((s) => s.loops.reduce((n, l) => n + l.heads, 0));
    sum((s) => s.fragments.reduce((n, f) => n + f.exits.reduce((m, e) => m + e.count, 0), 0));
    sum((s) => s.timeline.length);
    sum((s) => s.passes.reduce((n, p) => n + Object.values(p.rules).reduce((a, b) => a + b, 0), 0));
    expect(part.instructions.total).to.be.greaterThan(then.instructions.total);
    expect(since(now, now).instructions.total).to.equal(0);
  });
});
