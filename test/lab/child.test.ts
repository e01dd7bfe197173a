// Measured processes, really started: the same observations natively and under the machine, however iterations are made.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { UserError } from '../../src/errors.ts';
import { MACHINE_FLAGS, runnable } from '../../src/lab/config.ts';
import { enough } from '../../src/lab/enough.ts';
import type { Job, Measure } from '../../src/lab/job.ts';
import { resettable } from '../../src/lab/resettable.ts';
import { childArgs, runJob } from '../../src/lab/run.ts';
import { chosenBy, loadWorkloads } from '../../src/lab/suite.ts';
import type { Workload } from '../../src/lab/workload.ts';
import { parseWat } from '../../src/wasm/wat.ts';
import { COMMAND } from './fixture.ts';

const SUITES = [fileURLToPath(new URL('../../benchmarks/suites', import.meta.url))];
const LEAST = { budget: 1, timeout: 60_000, size: 'small' } as const;

function sample(workload: Workload, config: string, measure: Measure) {
  const job: Job = { workload: workload.id, config, measure, rep: 0 };
  const { sample: found, error } = runJob(job, workload, LEAST);
  expect(error, `${workload.id} ${config} ${measure}`).to.equal(undefined);
  return found!;
}

describe('measured processes', () => {
  let dir: string;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'wynamo-suite-'));
    mkdirSync(join(dir, 'toys/sub'), { recursive: true });
    writeFileSync(join(dir, 'toys/sub/hello.wasm'), await parseWat(COMMAND, 'hello.wat'));
    writeFileSync(join(dir, 'toys/library.wasm'), await parseWat('(module (func (export "f")))', 'library.wat'));
    writeFileSync(join(dir, 'toys/broken.wasm'), 'no module');
  });
  after(() => rmSync(dir, { recursive: true }));

  it('take the WASI commands of a folder, and nothing else', async () => {
    const found = await loadWorkloads(join(dir, 'toys'), []);
    expect(found.map((w) => w.id)).to.deep.equal(['toys/sub/hello']);
    expect(chosenBy(found, 'sub/hello')).to.have.length(1);
    for (const [list, text] of [
      [join(dir, 'none'), /no file or folder/],
      ['gests', /did you mean 'guests'/],
      ['guests#crc33', /no workload 'crc33'/],
      [`${join(dir, 'toys')},${join(dir, 'toys')}`, /two workloads/],
    ] as const) {
      const error = await loadWorkloads(list, SUITES).catch((e: unknown) => e);
      expect(error, list).to.be.instanceOf(UserError);
      expect((error as Error).message).to.match(text);
    }
  });

  it('set the flags of the machine as the command does, others are on the command line', () => {
    const script = join(dir, 'at-exit.cjs');
    writeFileSync(script, "process.on('exit', () => console.log(JSON.stringify(process.execArgv)))");
    const args = childArgs(runnable('trace+--no-wasm-bounds-checks').flags, [], LEAST);
    const at = args.findIndex((arg) => !arg.startsWith('-'));
    expect(args.slice(0, at)).to.deep.equal(['--disable-warning=ExperimentalWarning', '--no-wasm-bounds-checks']);
    const shown = execFileSync(process.execPath, ['--require', script, ...args], { encoding: 'utf8' });
    expect(JSON.parse(shown).slice(-1 - MACHINE_FLAGS.length)).to.deep.equal([
      '--no-wasm-bounds-checks',
      ...MACHINE_FLAGS,
    ]);
  });

  it('write the profile of a first run where the policy selects by one', async () => {
    const [guest] = chosenBy(await loadWorkloads('guests', SUITES), 'quicksort.O3');
    const oracle = sample(guest!, 'counted+policy=oracle+compileFree=200', 'count');
    const waits = sample(guest!, 'counted+policy=net+compileFree=200', 'count');
    expect(oracle.outcome).to.deep.equal(waits.outcome);
    expect(oracle.instructions).to.equal(waits.instructions);
    expect(oracle.coverage).to.be.greaterThan(waits.coverage!);
  });

  it('run a command again and again from the same state', async () => {
    const [hello] = await loadWorkloads(join(dir, 'toys'), []);
    const seen = ['turbofan', 'warm', 'interp', 'trace+hotLoop=2'].map((config) => {
      const { outcome, memory, calls, iterate } = sample(hello!, config, 'steady');
      expect(calls.length, config).to.be.at.least(3);
      expect(iterate, config).to.equal(config === 'warm' ? 'fresh' : 'again');
      return { outcome, memory };
    });
    expect(seen[0]!.outcome.result).to.equal('status 1');
    expect(seen[0]!.memory).to.match(/^[0-9a-f]{16}$/);
    for (const other of seen) expect(other).to.deep.equal(seen[0]);
  });

  it('make half of the calls where these take long', () => {
    const job = { least: 12, budget: 100 };
    const calls = (ms: number) => Array.from({ length: 40 }, (_, i) => i + 1).find((n) => enough(job, n, n * ms));
    expect([1, 5, 20, 40, 90, 1000].map(calls)).to.deep.equal([undefined, 20, 12, 12, 6, 6]);
  });

  it('count the same each time', async () => {
    const config = 'trace+compileFree=200';
    const [hello] = await loadWorkloads(join(dir, 'toys'), []);
    const [a, b] = [sample(hello!, config, 'count'), sample(hello!, config, 'count')];
    expect(a.counts!.instructions.total).to.be.above(20_000 * 5);
    expect(a.counts!.fragments).to.have.length.above(0);
    expect(a.counts).to.deep.equal(b.counts);
  });

  it('run guests with their own imports, and apps', async () => {
    const [callbacks, hash, empty] = await loadWorkloads('guests#callbacks,apps#hash,start', SUITES);
    for (const config of ['default', 'trace']) {
      expect(sample(callbacks!, config, 'steady').outcome.result).to.equal(callbacks!.expected!.small);
    }
    for (const config of ['default', 'trace'])
      expect(sample(empty!, config, 'first').outcome.result).to.equal('status 0');
    expect(sample(hash!, 'default', 'first').outcome.result).to.equal(hash!.expected!.small);
  });

  it('tell a wrong result', async () => {
    const [crc] = await loadWorkloads('guests#crc32.O3', SUITES);
    const wrong = { ...crc!, expected: { small: '1', medium: '1', large: '1' } };
    const { error } = runJob({ workload: crc!.id, config: 'default', measure: 'first', rep: 0 }, wrong, LEAST);
    expect(error).to.equal('gave 721732249 instead of 1');
  });

  it('set back only programs that can be', async () => {
    const fits = async (text: string) => resettable(await parseWat(`(module ${text})`, 'x.wat')) !== null;
    const memory = '(memory (export "memory") 1)';
    expect(await fits(`${memory} (global (mut i32) (i32.const 0)) (func (export "_start"))`)).to.equal(true);
    expect(await fits('(memory 1) (func (export "_start"))')).to.equal(false);
    expect(
      await fits(`${memory} (table 1 funcref) (func (export "_start") (table.set (i32.const 0) (ref.null func)))`),
    ).to.equal(false);
    expect(await fits(`${memory} (data $d "x") (func (export "_start") (data.drop $d))`)).to.equal(false);
    expect(await fits(`${memory} (global (mut funcref) (ref.null func)) (func (export "_start"))`)).to.equal(false);
  });
});
