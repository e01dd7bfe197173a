// Counting processes that do several jobs: the same counts as one process a job, whatever the order; what fails in company
// is run alone, which tells why.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execute } from '../../src/lab/execute.ts';
import type { Result } from '../../src/lab/job.ts';
import { loadWorkloads } from '../../src/lab/suite.ts';
import { groups } from '../../src/lab/together.ts';

const SUITES = [fileURLToPath(new URL('../../benchmarks/suites', import.meta.url))];
const CONFIGS = ['monitored', 'counted+hotLoop=5', 'counted+policy=oracle', 'counted+policy=lei', 'interp'];

describe('counting together', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'wynamo-together-'));
  });
  after(() => rmSync(dir, { recursive: true }));

  it('parts jobs by program, repetition and flags', () => {
    const job = (workload: string, config: string, rep: number) =>
      ({ workload, config, measure: 'count', rep }) as const;
    const jobs = [
      job('a', 'counted', 0),
      job('a', 'monitored', 0),
      job('a', 'interp', 0),
      job('b', 'interp', 0),
      job('a', 'interp', 1),
    ];
    expect(
      groups(jobs).map((group) => group.map(({ workload, config, rep }) => `${workload} ${config} ${rep}`)),
    ).to.deep.equal([['a counted 0', 'a interp 0'], ['a monitored 0'], ['b interp 0'], ['a interp 1']]);
  });

  it('gives what one process a job gives', async () => {
    const workloads = await loadWorkloads('guests#crc32.O3|collatz.wat', SUITES);
    const plan = { workloads, configs: CONFIGS, measures: ['count'] as const, reps: 1, seed: 1 };
    const settings = { budget: 1, timeout: 120_000, size: 'small' as const };
    const run = (name: string, more: object) =>
      execute({ plan, settings, quiet: true, raw: join(dir, name), ...more }).then(({ results }) =>
        results.map(counts),
      );
    const counts = ({ workload, config, error, sample }: Result) => ({
      workload,
      config,
      error,
      outcome: sample?.outcome,
      memory: sample?.memory,
      counts: sample?.counts,
      mix: sample?.mix,
      monitors: sample?.monitors,
    });
    const together = await run('together', { together: 2 });
    expect(together).to.have.length(10);
    expect(together).to.deep.equal(await run('alone', {}));
    expect(together.every((r) => r.outcome && (r.counts || r.monitors))).to.equal(true);
    // Milliseconds beside other processes are worth nothing.
    expect(readFileSync(join(dir, 'together'), 'utf8')).to.not.include('"time":');
    // What is there is not counted again.
    const lines = readFileSync(join(dir, 'together'), 'utf8').split('\n').length;
    await run('together', { together: 2 });
    expect(readFileSync(join(dir, 'together'), 'utf8').split('\n').length).to.equal(lines);
  });

  it('runs alone what fails in company', async () => {
    const [guest] = await loadWorkloads('guests#crc32.O3', SUITES);
    const wrong = { ...guest!, expected: { small: '1', medium: '1', large: '1' } };
    const { results } = await execute({
      plan: { workloads: [wrong], configs: ['counted', 'interp'], measures: ['count'], reps: 1, seed: 1 },
      settings: { budget: 1, timeout: 120_000, size: 'small' },
      quiet: true,
      raw: join(dir, 'wrong'),
      together: 1,
    });
    expect(results.map((r) => r.error)).to.deep.equal(Array(2).fill('gave 721732249 instead of 1'));
  });
});
