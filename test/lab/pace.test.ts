import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { enoughQuiet } from '../../src/lab/enough.ts';
import type { Sample } from '../../src/lab/job.ts';
import { Looks, quietCalls } from '../../src/lab/look.ts';
import { Pace, slowTold } from '../../src/lab/pace.ts';
import type { Row } from '../../src/lab/summary.ts';

/** A machine whose looks take what the list says, the last for ever; tells what was waited. */
function machine(times: number[]) {
  const waits: number[] = [];
  // Some to begin with, which Pace makes first.
  const rest = [...Array<number>(20).fill(2), ...times];
  const clock = { look: () => (rest.length > 1 ? rest.shift()! : rest[0]!), wait: (ms: number) => waits.push(ms) };
  const pace = new Pace(clock);
  waits.length = 0;
  return { waits, pace };
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
    expect(waits.length).to.be.within(60, 120);
    for (let i = 0; i < 7; i++) pace.run(runs(1, 2, 3).job);
    const before = waits.length;
    expect(pace.run(runs(1, 2, 3).job)).to.deep.equal({ wall: 1, pace: 1 });
    expect(waits).to.have.length(before);
  });

  it('what takes long is not run again, since it saw several moments', () => {
    const { pace } = machine([2, 3, 2]);
    const { job, left } = runs(1000, 900);
    expect(pace.run(job)).to.deep.equal({ wall: 1000, pace: 1.5 });
    expect(left).to.deep.equal([900]);
  });

  it('a failure is not tried again', () => {
    const { pace } = machine([2, 4]);
    let calls = 0;
    const failed = pace.run(() => ({ wall: ++calls, error: 'no' }));
    expect(failed.error).to.equal('no');
    expect(calls).to.equal(1);
  });

  it('a process that looks by itself is run once, and has the pace of its quiet calls', () => {
    const { waits, pace } = machine([4, 4]);
    const sample = (paces?: number[]) => ({ calls: paces?.map(() => 5) ?? [5], paces }) as unknown as Sample;
    const ran = (paces?: number[]) => (usual: number) => ({ wall: usual, sample: sample(paces) });
    expect(pace.within(ran([1.9, 1.9, 1, 1.1, 1.1, 1.1, 1, 1.8]))).to.include({ wall: 2, pace: 1.1 });
    // Too few quiet ones: all count.
    expect(pace.within(ran([1.9, 1.9, 1, 1.1, 1.8])).pace).to.equal(1.8);
    expect(pace.within(ran([1, 1])).wall).to.equal(2);
    // What looks within processes found best is the usual best of the next.
    expect(pace.within(ran([0.8, 1])).wall).to.equal(2);
    expect(pace.within(ran([1, 1])).wall).to.be.within(1.6, 1.9);
    expect(pace.within(ran())).to.not.have.property('pace');
    expect(waits).to.deep.equal([]);
  });

  it('of a steady state the calls in quiet moments count, and the first', () => {
    const calls = [9, 1, 2, 3, 4, 5, 6, 7];
    expect(quietCalls({ calls })).to.deep.equal(calls);
    expect(quietCalls({ calls, paces: [2, 1, 1.2, 1, 1.15, 1, 1.1, 2] })).to.deep.equal([9, 1, 3, 4, 5, 6]);
    expect(quietCalls({ calls, paces: [2, 1, 1.2, 1, 1.2, 1, 1.1, 2] })).to.deep.equal(calls);
  });

  it('looks: short calls share them, each call has the slower of those around it', () => {
    const looks = new Looks(1e-6);
    for (const ms of [6, 2, 2, 2, 1]) looks.called(ms);
    expect(looks.paces).to.have.length(4);
    looks.end();
    expect(looks.paces).to.have.length(5);
    expect(new Set(looks.paces.slice(1, 4)).size).to.equal(1);
    // Beside a billionth of a second every moment is slow; beside a second none.
    expect(looks.quiet).to.deep.equal({ calls: 0, ms: 0 });
    const quiet = new Looks(1000);
    for (const ms of [6, 2, 2, 2, 1]) quiet.called(ms);
    expect(quiet.quiet).to.deep.equal({ calls: 4, ms: 12 });
  });

  it('the work of a look is larger than what the host puts into its callers, where it would be other code', () => {
    const url = new URL('../../src/lab/look.ts', import.meta.url);
    const script = `import { look, CELLS } from '${url}'; look(new Int32Array(CELLS));`;
    const run = (...args: string[]) => execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    const [, bound] = /default: --max-inlined-bytecode-size=(\d+)/.exec(run('--v8-options'))!;
    const functions = run('--print-bytecode', '--input-type=module', '-e', script).split('bytecode for function');
    const code = functions.findLast((text) => text.includes('ShiftRightLogicalSmi'))!;
    const [, work] = /Bytecode length: (\d+)/.exec(code)!;
    expect(Number(work)).to.be.above(Number(bound));
  });

  it('a process goes on until enough calls were quiet, but not for ever', () => {
    const job = { least: 12, budget: 100 };
    expect(enoughQuiet(job, 20, 150)).to.equal(true);
    expect(enoughQuiet(job, 20, 150, { calls: 20, ms: 140 })).to.equal(true);
    expect(enoughQuiet(job, 20, 150, { calls: 11, ms: 110 })).to.equal(false);
    expect(enoughQuiet(job, 50, 599, { calls: 11, ms: 80 })).to.equal(false);
    expect(enoughQuiet(job, 50, 600, { calls: 11, ms: 80 })).to.equal(true);
    expect(enoughQuiet(job, 3, 600, { calls: 1, ms: 80 })).to.equal(false);
  });

  it('reports tell how many processes ran in slow moments', () => {
    const row = (...paces: number[]) => ({ cells: { a: { paces }, best: { chosen: 'a', paces } } }) as unknown as Row;
    expect(slowTold([row(1, 1.05)])).to.deep.equal([]);
    expect(slowTold([row(1, 1.3), row(1.5)])).to.deep.equal([
      '2 of 3 timed processes ran while the machine was slower than its usual best by over 15 %, up to 50 %.',
    ]);
    const steady = (slow: number, ...calls: number[]) => ({
      cells: { a: { paces: [], steady: { slow, calls: [calls] } } },
    });
    expect(slowTold([steady(1, 1, 2), steady(0, 1)] as unknown as Row[])).to.deep.equal([
      "25 % of the steady calls were left out, as their core was slower than the machine's usual best by over 15 % around them.",
    ]);
  });
});
