import { expect } from 'chai';
import { Pace, slowTold } from '../../src/lab/pace.ts';
import type { Row } from '../../src/lab/summary.ts';

/** A machine whose looks take what the list says, the last for ever; tells what was waited. */
function machine(times: number[]) {
  const waits: number[] = [];
  // Looks of a cold loop, which Pace makes first.
  const rest = [9, 9, 9, 9, 9, ...times];
  const clock = { look: () => (rest.length > 1 ? rest.shift()! : rest[0]!), wait: (ms: number) => waits.push(ms) };
  return { waits, pace: new Pace(clock) };
}

/** A job whose runs take these times. */
const runs = (...walls: number[]) => {
  const job = () => ({ wall: walls.shift()! });
  return { job, left: walls };
};

describe('pace of the machine', () => {
  it('a quiet machine: a job is run once, at once', () => {
    const { waits, pace } = machine([2]);
    const { job, left } = runs(10, 11);
    expect(pace.run(job)).to.deep.equal({ wall: 10, pace: 1 });
    expect(left).to.deep.equal([11]);
    expect(waits).to.deep.equal([]);
  });

  it('a slow moment is waited for to end', () => {
    const { waits, pace } = machine([2, 2, 4, 4, 2, 2]);
    pace.run(runs(10).job);
    const { job, left } = runs(10, 11);
    expect(pace.run(job)).to.deep.equal({ wall: 10, pace: 1 });
    expect(left).to.deep.equal([11]);
    expect(waits).to.have.length(2);
  });

  it('a job beside which the machine became slow is run again; the quietest run counts', () => {
    const { pace } = machine([2, 2, 2, 3, 2, 2.5, 2, 4]);
    pace.run(runs(10).job);
    const { job, left } = runs(15, 12, 20, 30);
    const { wall, pace: around } = pace.run(job);
    expect(wall).to.equal(12);
    expect(around).to.be.closeTo(1.25, 0.01);
    expect(left).to.deep.equal([30]);
  });

  it('a machine that stays slow is not waited for for ever, and its new pace is the usual one in the end', () => {
    const { waits, pace } = machine([...Array<number>(20).fill(2), 4]);
    for (let i = 0; i < 10; i++) pace.run(runs(1).job);
    expect(waits).to.deep.equal([]);
    const { wall, pace: around } = pace.run(runs(1, 2, 3).job);
    expect(wall).to.equal(1);
    expect(around).to.equal(2);
    const patience = waits.length;
    expect(patience).to.be.within(60, 120);
    for (let i = 0; i < 5; i++) pace.run(runs(1, 2, 3).job);
    const before = waits.length;
    expect(pace.run(runs(1, 2, 3).job)).to.deep.equal({ wall: 1, pace: 1 });
    expect(waits).to.have.length(before);
  });

  it('a failure is not tried again', () => {
    const { pace } = machine([2, 4]);
    let calls = 0;
    const failed = pace.run(() => ({ wall: ++calls, error: 'no' }));
    expect(failed.error).to.equal('no');
    expect(calls).to.equal(1);
  });

  it('reports tell how many processes ran in slow moments', () => {
    const row = (...paces: number[]) => ({ cells: { a: { paces }, best: { chosen: 'a', paces } } }) as unknown as Row;
    expect(slowTold([row(1, 1.05)])).to.deep.equal([]);
    expect(slowTold([row(1, 1.3), row(1.5)])).to.deep.equal([
      '2 of 3 timed processes ran while the machine was slower than its usual best by over 15 %, up to 50 %.',
    ]);
  });
});
