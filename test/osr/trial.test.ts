import { expect } from 'chai';
import { type Code, Trial } from '../../src/osr/trial.ts';

/** Plays an activation whose trips take so many milliseconds; tells which code it ends in and what it took to know. */
function play(trial: Trial, first: number, cost: Record<Code, (trip: number) => number>, trips = 100_000) {
  trial.moves(first);
  const codes: Code[] = ['optimized'];
  let time = 0;
  let asked = false;
  let left = 0;
  for (let i = 0; i < trips; i++) {
    const code = codes.at(-1)!;
    if (left-- === 0) {
      left = trial.ask(code, asked, time);
      asked = true;
      if (left === 0) {
        codes.push(code === 'optimized' ? 'baseline' : 'optimized');
        asked = false;
        i--;
        continue;
      }
      left--;
    }
    time += cost[codes.at(-1)!](i);
    if (trial.verdict) break;
  }
  return { codes, verdict: trial.verdict, time };
}

const steady = (ms: number) => () => ms;

describe('trial of moved code', () => {
  for (const trip of [0.001, 0.3, 40]) {
    it(`faster code keeps the activation, trips of ${trip} ms`, () => {
      const { codes, verdict, time } = play(new Trial(false), 3 * trip, {
        optimized: steady(trip),
        baseline: steady(3 * trip),
      });
      expect(codes).to.deep.equal(['optimized']);
      expect(verdict).to.equal('optimized');
      expect(time).to.be.within(10, 10 * 3 + 3 * trip);
    });

    it(`slower code does not, trips of ${trip} ms`, () => {
      const { codes, verdict } = play(new Trial(false), trip, { optimized: steady(2 * trip), baseline: steady(trip) });
      expect(codes).to.deep.equal(['optimized', 'baseline']);
      expect(verdict).to.equal('baseline');
    });
  }

  it('trips that grow deceive once', () => {
    const { codes, verdict } = play(new Trial(false), 0.1, {
      optimized: (i) => 0.2 + 0.001 * i,
      baseline: (i) => 3 * (0.2 + 0.001 * i),
    });
    expect(codes).to.deep.equal(['optimized', 'baseline', 'optimized']);
    expect(verdict).to.equal('optimized');
  });

  it('where nobody knows what a trip took, both are timed', () => {
    const { codes, verdict } = play(new Trial(false), 0, { optimized: steady(1), baseline: steady(3) });
    expect(codes).to.deep.equal(['optimized', 'baseline', 'optimized']);
    expect(verdict).to.equal('optimized');
  });

  it('activations after it begin where the better code is', () => {
    const trial = new Trial(false);
    play(trial, 1, { optimized: steady(2), baseline: steady(1) });
    expect(trial.ask('optimized', false, 1e6)).to.equal(0);
    expect(trial.ask('baseline', false, 1e6)).to.be.greaterThan(1e6);
  });

  it('an activation within the one that is tried ends the trial', () => {
    const trial = new Trial(false);
    trial.moves(1);
    expect(trial.ask('optimized', false, 0)).to.equal(1);
    expect(trial.ask('optimized', false, 5)).to.be.greaterThan(1e6);
    expect(trial.verdict).to.equal('optimized');
    expect(trial.ask('baseline', true, 6)).to.equal(0);
  });

  it('eagerly, each code gets a trip', () => {
    const { codes, verdict } = play(new Trial(true), 1, { optimized: steady(1), baseline: steady(0.1) });
    expect(codes).to.deep.equal(['optimized', 'baseline', 'optimized']);
    expect(verdict).to.equal('optimized');
  });
});
