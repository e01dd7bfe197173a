// Statistics against values computed by hand, by R, or printed in tables.

import { expect } from 'chai';
import { geomeanRatio, hierarchicalRatio, ratio } from '../../src/stats/bootstrap.ts';
import { breakEven } from '../../src/stats/breakeven.ts';
import { bestIterations, components, meanInterval, meanRatio } from '../../src/stats/kalibera.ts';
import { geomean, mean, median, quantile, variance } from '../../src/stats/quantile.ts';
import { generator, shuffled } from '../../src/stats/random.ts';
import { studentQuantile, studentWithin } from '../../src/stats/student.ts';

describe('statistics', () => {
  it('computes quantiles, means and variances', () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
    expect(quantile([1, 2, 3, 4, 5], 0.9)).to.be.closeTo(4.6, 1e-12);
    expect(geomean([1, 4])).to.be.closeTo(2, 1e-12);
    expect(variance([1, 2, 3, 4])).to.be.closeTo(5 / 3, 1e-12);
    for (const f of [median, mean, geomean, variance]) expect(f([])).to.be.NaN;
  });

  it('shuffles by seed and loses nothing', () => {
    const values = Array.from({ length: 50 }, (_, i) => i);
    const once = shuffled(values, generator(7));
    expect(once).to.deep.equal(shuffled(values, generator(7)));
    expect(once).to.not.deep.equal(shuffled(values, generator(8)));
    expect([...once].sort((a, b) => a - b)).to.deep.equal(values);
  });

  it("agrees with tables of Student's t", () => {
    const table = { 1: 12.706, 2: 4.303, 5: 2.571, 10: 2.228, 30: 2.042, 120: 1.98 };
    for (const [df, t] of Object.entries(table)) {
      expect(studentQuantile(0.95, Number(df)), df).to.be.closeTo(t, 0.0006);
    }
    expect(studentWithin(1, 1)).to.be.closeTo(0.5, 1e-12);
  });

  it('gives bootstrap intervals that hold the value and stay within the data', () => {
    const r = ratio([10, 11, 12, 10.5], [5, 5, 6, 5.2]);
    expect(r.value).to.be.closeTo(10.75 / 5.1, 1e-12);
    expect(r.low)
      .to.be.at.most(r.value)
      .and.at.least(10 / 6);
    expect(r.high)
      .to.be.at.least(r.value)
      .and.at.most(12 / 5);
    expect(ratio([3], [2])).to.deep.equal({ value: 1.5, low: 1.5, high: 1.5 });
    expect(ratio([10, 11, 12, 10.5], [5, 5, 6, 5.2])).to.deep.equal(r);
    const pairs = [
      { a: [2], b: [1] },
      { a: [8], b: [1] },
    ];
    expect(geomeanRatio(pairs).value).to.be.closeTo(4, 1e-12);
  });

  it('covers the true ratio about 95 times in a hundred', () => {
    const random = generator(42);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const processes = (m: number) =>
      Array.from({ length: 8 }, () => {
        const own = m * (1 + 0.02 * normal());
        return Array.from({ length: 10 }, () => own * (1 + 0.01 * normal()));
      });
    let fieller = 0;
    let bootstrap = 0;
    for (let i = 0; i < 60; i++) {
      const [a, b] = [processes(30), processes(20)];
      const holds = (r: { low: number; high: number } | null) => r !== null && r.low <= 1.5 && r.high >= 1.5;
      if (holds(meanRatio(a, b))) fieller++;
      if (holds(hierarchicalRatio(a, b))) bootstrap++;
    }
    expect(fieller).to.be.at.least(53);
    // The percentile bootstrap of eight medians is a little narrow.
    expect(bootstrap).to.be.at.least(49);
  });

  it('finds variance at its level', () => {
    // Processes differ by 10, their iterations by 1.
    const apart = [
      [99, 100, 101],
      [109, 110, 111],
      [119, 120, 121],
    ];
    const parts = components(apart);
    expect(parts.mean).to.equal(110);
    expect(parts.iterations).to.equal(1);
    expect(parts.processes).to.be.closeTo(100 - 1 / 3, 1e-9);
    expect(bestIterations(parts, 1, 10)).to.equal(1);
    // Processes of one level: only iterations vary, so more of them are as good as more processes.
    expect(
      components([
        [1, 3],
        [3, 1],
        [1, 3],
      ]).processes,
    ).to.equal(0);
    expect(
      bestIterations(
        components([
          [1, 3],
          [3, 1],
          [1, 3],
        ]),
        1,
        10,
      ),
    ).to.equal(Number.POSITIVE_INFINITY);
    // sqrt(50 × 4 / 1)
    expect(bestIterations({ mean: 1, iterations: 4, processes: 1 }, 2, 100)).to.equal(15);
  });

  it("gives the t interval of a mean and Fieller's of a ratio", () => {
    // R: t.test(c(10, 12, 11, 13))$conf.int: 9.4457 13.5543
    const i = meanInterval([[10], [12], [11], [13]]);
    expect(i.low).to.be.closeTo(9.4457, 1e-3);
    expect(i.high).to.be.closeTo(13.5543, 1e-3);
    const r = meanRatio([[10], [12], [11], [13]], [[5], [5], [5], [5]])!;
    // A divisor without variance: the interval of the mean, divided.
    expect([r.value, r.low, r.high].map((x) => x * 5)[1]).to.be.closeTo(i.low, 1e-9);
    expect(r.high * 5).to.be.closeTo(i.high, 1e-9);
    expect(meanRatio([[1]], [[1], [2]])).to.equal(null);
    // The divisor's interval holds zero.
    expect(meanRatio([[1], [2]], [[-1], [3]])).to.equal(null);
  });

  it('finds when a slow start has paid', () => {
    const native = { start: 1, times: [10, 10, 10, 10], steady: 10 };
    expect(breakEven({ start: 5, times: [13, 8, 6, 5], steady: 5 }, native)).to.deep.equal({
      iterations: 4,
      time: 37,
      extrapolated: false,
    });
    expect(breakEven({ start: 15, times: [20, 8, 8, 8], steady: 8 }, native)).to.deep.equal({
      iterations: 13,
      time: 131,
      extrapolated: true,
    });
    expect(breakEven({ start: 15, times: [20, 12], steady: 12 }, native)).to.equal(null);
    expect(breakEven({ start: 1, times: [9, 9], steady: 9 }, native)?.iterations).to.equal(0);
    // Ahead now, but behind in the end.
    expect(breakEven({ start: 1, times: [9, 9], steady: 11 }, native)).to.equal(null);
  });
});
