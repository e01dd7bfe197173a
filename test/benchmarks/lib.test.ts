// The measuring harness itself: statistics with known answers, plans, resumption and the rendered table.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CONFIGS, configNames, MACHINE_FLAGS } from '../../benchmarks/lib/configs.ts';
import type { Job, Result } from '../../benchmarks/lib/job.ts';
import { plan } from '../../benchmarks/lib/plan.ts';
import { geomean, geomeanRatio, median, ratio } from '../../benchmarks/lib/statistics.ts';
import { appendResult, jobKey, loadResults } from '../../benchmarks/lib/store.ts';
import { summarize } from '../../benchmarks/lib/summary.ts';
import { WORKLOADS, workload } from '../../benchmarks/lib/workloads.ts';
import { renderTable } from '../../benchmarks/table.ts';

const engine: string = '../../bin/engine.mjs';

describe('benchmark harness', () => {
  it('computes medians, geometric means and intervals that hold the value', () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
    expect(geomean([1, 4])).to.equal(2);
    const r = ratio([10, 11, 12, 10.5], [5, 5, 6, 5.2]);
    expect(r.value).to.be.closeTo(10.75 / 5.1, 1e-12);
    expect(r.low)
      .to.be.at.most(r.value)
      .and.above(10 / 6 - 1e-9);
    expect(r.high)
      .to.be.at.least(r.value)
      .and.below(12 / 5 + 1e-9);
    expect(ratio([3], [2])).to.deep.equal({ value: 1.5, low: 1.5, high: 1.5 });
    expect(
      geomeanRatio([
        { a: [2], b: [1] },
        { a: [8], b: [1] },
      ]).value,
    ).to.be.closeTo(4, 1e-12);
  });

  it('starts the machine with the flags of the wynamo command', async () => {
    expect(MACHINE_FLAGS).to.deep.equal((await import(engine)).V8_FLAGS);
  });

  it('interleaves: each repetition holds every job once, in another order', () => {
    const options = { workloads: WORKLOADS.slice(0, 4), configs: configNames('default,interp'), budget: 1, seed: 3 };
    const jobs = plan({ ...options, measures: ['first', 'steady'], reps: 5 });
    const round = (rep: number) =>
      jobs.filter((j) => j.rep === rep).map((j) => `${j.workload} ${j.config} ${j.measure}`);
    expect(round(0)).to.have.length(16);
    expect(round(1).sort()).to.deep.equal(round(0).sort());
    expect(round(0)).to.not.deep.equal(round(0).sort());
    const longOnes = jobs.filter((j) => j.config === 'interp' && j.measure === 'first');
    expect(Math.max(...longOnes.map((j) => j.rep))).to.equal(CONFIGS.interp.maxReps - 1);
  });

  it('keeps a result as long as what it depends on', () => {
    const job: Job = { workload: 'fib.O3', config: 'trace', measure: 'steady', rep: 0, budget: 5 };
    expect(jobKey(job, 'g', 'tool')).to.equal(jobKey({ ...job }, 'g', 'tool'));
    expect(jobKey(job, 'g', 'tool')).to.not.equal(jobKey(job, 'g', 'other tool'));
    expect(jobKey(job, 'g', 'tool')).to.not.equal(jobKey(job, 'other guest', 'tool'));
    const native = { ...job, config: 'default' as const };
    expect(jobKey(native, 'g', 'tool')).to.equal(jobKey(native, 'g', 'other tool'));
  });

  it('reads raw results back, without a line that was cut off', () => {
    const dir = mkdtempSync(join(tmpdir(), 'wynamo-bench-'));
    try {
      const path = join(dir, 'raw.jsonl');
      const result = { key: 'k', workload: 'fib.O3', wall: 1 } as Result;
      appendResult(path, result);
      writeFileSync(path, '{"key":"cut', { flag: 'a' });
      expect([...loadResults(path).values()]).to.deep.equal([result]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('summarizes and renders ratios the right way up', () => {
    const row = workload('fib.O3');
    const result = (config: Result['config'], measure: Result['measure'], wall: number, calls: number[]): Result => ({
      workload: row.id,
      config,
      measure,
      rep: 0,
      budget: 0,
      key: '',
      date: '',
      wall,
      sample: { open: 1, calls, cpu: 1, rss: 1, ...(config === 'trace' && { instructions: 1e6, coverage: 0.975 }) },
    });
    const summary = summarize(row, 'sha', [
      result('turbofan', 'steady', 0, [90, 10, 10]),
      result('interp', 'steady', 0, [150, 150, 150]),
      result('trace', 'steady', 0, [40, 8, 8]),
      result('default', 'first', 300, [250]),
      result('trace', 'first', 200, [150]),
    ]);
    const best = summarize(row, 'sha', [result('interp', 'steady', 0, [7, 3, 9, 9])], 'best');
    expect(best.steady.interp).to.equal(3);
    expect(summary.interpSlowdown?.value).to.equal(15);
    expect(summary.traceSpeed?.value).to.equal(1.25);
    expect(summary.traceWholeSpeed?.value).to.equal(1.5);
    expect(summary.nsPerInstruction.trace).to.equal(8);
    const text = renderTable({
      schema: 1,
      provenance: {
        date: 'D',
        node: 'N',
        v8: 'V',
        platform: 'P',
        cpu: 'C',
        cores: 2,
        memory: 2 ** 30,
        load: 0,
        commit: null,
        tool: 'T',
        configs: {},
      },
      settings: { reps: 1, budget: 1, seed: 1, quick: true, steady: 'median' },
      rows: [summary],
    });
    expect(text).to.include('| `fib.O3` | 10.0 | – | – | 15.0 | 150.00 | 1.25 | 1.50 | 97.5 % |');
    expect(text).to.include(
      '| interpreter: at most 20 times the time of TurboFan only (geometric mean) | 15.00 times over 1 | yes |',
    );
    // fib is no loop guest: a goal without figures is not listed as met.
    expect(text).to.not.include('inner-loop guests');
    expect(text).to.include('| **geometric mean** (1) |  | – | – | 15.00 | 150.00 | 1.25 | 1.50 |  |');
  });
});
