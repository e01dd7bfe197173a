/** Metrics by their formulas: from made-up counts where the value can be seen, from real runs where parts must make the whole. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { GUESTS, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { instantiateSync, type Options } from '../../src/index.ts';
import { type Counts, countsOf } from '../../src/lab/counts.ts';
import { METRICS } from '../../src/lab/metrics.ts';
import { runJob } from '../../src/lab/run.ts';
import { chosenBy, loadWorkloads } from '../../src/lab/suite.ts';
import { summarize } from '../../src/lab/summary.ts';
import { result, sampleOf, WORKLOAD } from './fixture.ts';

const SUITES = [fileURLToPath(new URL('../../benchmarks/suites', import.meta.url))];

/** All metrics of a configuration by name, in a row of that and others. */
function metricsOf(config: string, results: Parameters<typeof summarize>[2], others: string[] = []) {
  const row = summarize(WORKLOAD, '', results, [config, ...others]);
  return (name: string) => {
    const metric = METRICS.find((m) => m.name === name);
    if (!metric) throw new Error(`no metric ${name}`);
    return metric.of(row.cells[config]!, row, 'default');
  };
}

const counting = (counts: Counts) => result('counted', 'count', { sample: sampleOf([1], { counts }) });

/** Counts of a real run. */
function ran(name: string, options: Partial<Options>): Counts {
  const row = GUESTS.find((g) => g.name === name)!;
  const { instance, machine } = instantiateSync(readFileSync(wasmPath(row, 'O3')), {}, options);
  (instance.exports.run as (n: number) => unknown)(row.sizes.small);
  return countsOf(machine.stats());
}

describe('metrics', function () {
  this.timeout(60_000);

  it('have names of their own, and say what they are', () => {
    expect(new Set(METRICS.map((m) => m.name)).size).to.equal(METRICS.length);
    for (const { name, unit, doc } of METRICS) {
      expect(unit, name).to.not.equal('');
      expect(doc.length, name).to.be.greaterThan(10);
    }
  });

  it('completion: passes that come to the end of their fragment', () => {
    const real = ran('crc32', { hotLoop: 5, compileShare: 0 });
    const [any] = real.fragments;
    const exit = (reason: string, count: number) => ({ ...any!.exits[0]!, reason, count });
    const fragments = [
      {
        ...any!,
        loops: true,
        entries: 3,
        iterations: 100,
        exits: [exit('branch', 8), exit('bounds', 2), exit('loop', 1)],
      },
      {
        ...any!,
        loops: false,
        entries: 10,
        iterations: 0,
        exits: [exit('end', 6), exit('return', 2), exit('branch', 2)],
      },
    ];
    const of = metricsOf('counted', [counting({ ...real, fragments })]);
    expect(of('completion')).to.equal(98 / 110);
    expect(of('guard-failures')).to.equal((1e6 * 12) / real.instructions.fragments);
    expect(of('exits-branch')).to.equal((1e6 * 10) / real.instructions.fragments);
  });

  for (const policy of ['net', 'mixed', 'trace-trees']) {
    it(`parts make the whole: ${policy}`, () => {
      const counts = ran('quicksort', { policy, hotLoop: 5, hotExit: 3, hotEntry: 5, compileShare: 0 });
      const of = metricsOf('counted', [counting(counts)]);
      const all = (prefix: string) =>
        METRICS.filter((m) => m.name.startsWith(prefix)).reduce((sum, m) => sum + (of(m.name) as number), 0);
      expect(all('aborts-')).to.equal(of('aborts'));
      const exits = (of('exits') as number) + (of('transitions') as number);
      expect(all('exits-')).to.be.closeTo((1e6 * exits) / counts.instructions.fragments, 1e-6);
      expect(of('guard-failures'))
        .to.be.greaterThan(0)
        .and.at.most(all('exits-') + 1e-6);
      expect(of('completion')).to.be.greaterThan(0.5).and.at.most(1);
      expect(of('stub-bytes'))
        .to.be.greaterThan(50)
        .and.lessThan(of('code-bytes') as number);
      expect(all('removed-')).to.not.equal(0);
    });
  }

  it('warm-up has a time and a class', () => {
    const slow = [50, 30, ...Array.from({ length: 20 }, (_, i) => 10 + 0.001 * (i % 3))];
    const of = metricsOf(
      'trace',
      [
        result('trace', 'steady', { sample: sampleOf(slow) }),
        result('turbofan', 'steady', { sample: sampleOf(slow.map((ms) => 2 * ms)) }),
      ],
      ['turbofan'],
    );
    expect(of('warm-up-time')).to.equal(80);
    expect(of('warm-up-class')).to.equal(1);
    expect((of('speedup-turbofan') as { value: number }).value).to.be.closeTo(2, 0.01);
    expect(of('speedup-default')).to.equal(null);
    expect(of('interpret-time')).to.equal(null);
  });

  it('the instruction mix comes from a native run that counts', async () => {
    const [guest] = chosenBy(await loadWorkloads('guests', SUITES), 'quicksort.O3');
    const job = { workload: guest!.id, config: 'profiled', measure: 'count', rep: 0 } as const;
    const { sample, error } = runJob(job, guest!, { budget: 1, timeout: 60_000, size: 'small' });
    expect(error).to.equal(undefined);
    const counts = ran('quicksort', { mode: 'interp' });
    expect(Object.values(sample!.mix!).reduce((a, b) => a + b)).to.equal(counts.instructions.total);
    const of = metricsOf('counted', [counting(counts), result('profiled', 'count', { sample: sample! })], ['profiled']);
    const mix = METRICS.filter((m) => m.name.startsWith('mix-')).map((m) => of(m.name) as number);
    expect(mix.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-9);
    expect(of('mix-load')).to.be.greaterThan(0.01);
  });
});
