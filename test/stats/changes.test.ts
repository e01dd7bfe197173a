// Changepoints and steady states on series whose truth is known because they were made that way.

import { expect } from 'chai';
import { changepoints } from '../../src/stats/pelt.ts';
import { generator } from '../../src/stats/random.ts';
import { classify, together, withoutOutliers } from '../../src/stats/steady.ts';

/** Segments of [length, mean, deviation] in sequence, normally distributed by seed. */
function series(seed: number, ...segments: [number, number, number][]): number[] {
  const random = generator(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return segments.flatMap(([n, m, d]) => Array.from({ length: n }, () => m + d * normal()));
}

/** The least cost over all segmentations, tried one by one. */
function exhaustive(values: readonly number[], penalty: number): number[] {
  const middle = values.reduce((a, b) => a + b, 0) / values.length;
  const floor = (middle * 1e-4) ** 2;
  const cost = (s: number, t: number) => {
    const part = values.slice(s, t);
    const m = part.reduce((a, b) => a + b, 0) / part.length;
    const v = part.reduce((a, x) => a + (x - m) ** 2, 0) / part.length;
    return part.length * (Math.log(2 * Math.PI) + Math.log(v + floor) + 1);
  };
  let best: { cost: number; cuts: number[] } = { cost: Number.POSITIVE_INFINITY, cuts: [] };
  for (let mask = 0; mask < 1 << (values.length - 1); mask++) {
    const cuts = Array.from({ length: values.length - 1 }, (_, i) => i + 1).filter((i) => mask & (1 << (i - 1)));
    const edges = [0, ...cuts, values.length];
    if (edges.some((e, i) => i > 0 && e - edges[i - 1]! < 2)) continue;
    let total = penalty * cuts.length;
    for (let i = 1; i < edges.length; i++) total += cost(edges[i - 1]!, edges[i]!);
    if (total < best.cost - 1e-9) best = { cost: total, cuts };
  }
  return best.cuts;
}

describe('changepoints', () => {
  it('finds changes of mean and of variance where they are', () => {
    const mean = changepoints(series(1, [60, 20, 0.3], [60, 10, 0.3], [80, 12, 0.3]));
    expect(mean).to.deep.equal([60, 120]);
    const spread = changepoints(series(2, [100, 10, 0.05], [100, 10, 1]));
    expect(spread).to.have.length(1);
    expect(spread[0]).to.be.closeTo(100, 4);
    expect(changepoints(series(3, [200, 10, 0.5]))).to.deep.equal([]);
  });

  it('does not cut constants, and cuts a step without noise once', () => {
    expect(changepoints(Array(30).fill(5))).to.deep.equal([]);
    expect(changepoints([...Array(15).fill(9), ...Array(15).fill(5)])).to.deep.equal([15]);
    expect(changepoints([])).to.deep.equal([]);
    expect(changepoints([1, 2, 3])).to.deep.equal([]);
  });

  it('prunes nothing that could win: equals the exhaustive search', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const values = series(seed, [5, 10, 0.2], [4, 6 + seed / 3, 0.4], [4, 9, 0.1]);
      for (const penalty of [3, 8, 20]) {
        expect(changepoints(values, penalty), `seed ${seed}, penalty ${penalty}`).to.deep.equal(
          exhaustive(values, penalty),
        );
      }
    }
  });
});

describe('steady state', () => {
  const kind = (...segments: [number, number, number][]) => classify(series(5, ...segments));

  it('tells the classes apart', () => {
    expect(kind([100, 10, 0.1]).class).to.equal('flat');
    expect(kind([20, 30, 0.3], [80, 10, 0.1]).class).to.equal('warm-up');
    expect(kind([30, 10, 0.1], [70, 14, 0.1]).class).to.equal('slowdown');
    expect(kind([20, 20, 0.1], [30, 10, 0.1], [50, 12, 0.1]).class).to.equal('slowdown');
    expect(kind([90, 10, 0.1], [10, 20, 0.1]).class).to.equal('no steady state');
    expect(classify([3, 2, 2]).class).to.equal('too short');
  });

  it('takes the steady time from the steady part only', () => {
    const state = kind([20, 30, 0.3], [80, 10, 0.1]);
    expect(state.from).to.equal(20);
    expect(state.time).to.be.closeTo(10, 0.05);
  });

  it('counts a level that is within a hundredth as the same', () => {
    expect(kind([50, 10.05, 0.01], [50, 10, 0.01]).class).to.equal('flat');
  });

  it('takes out single disturbed iterations, but no warm-up', () => {
    const values = series(9, [60, 10, 0.1]);
    values[40] = 50;
    const clean = withoutOutliers(values);
    expect(clean[40]).to.be.closeTo(10, 0.3);
    expect(clean.filter((x, i) => x !== values[i])).to.have.length(1);
    const warm = [40, 20, ...series(9, [40, 10, 0.1])];
    expect(withoutOutliers(warm).slice(0, 2)).to.deep.equal([40, 20]);
  });

  it('joins the classes of processes', () => {
    expect(together(['flat', 'flat', 'too short'])).to.equal('flat');
    expect(together(['flat', 'warm-up'])).to.equal('inconsistent');
    expect(together(['too short'])).to.equal('too short');
    expect(together([])).to.equal(null);
  });
});
