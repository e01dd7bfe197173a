/** Whether activations stay or move: by measured times, with an end to every trial. */
import { expect } from 'chai';
import { Choice, type Kind, type Moment } from '../../src/osr/choice.ts';

/**
 * Kinds of so many activations, of which each takes as long as `cost` says; a trial that is late ends as a move. The clock
 * goes on by `wait` more in each.
 */
function run(
  count: number,
  cost: (kind: Kind, i: number) => number,
  wait: (kind: Kind) => number = () => 0,
): { kinds: Kind[]; total: number } {
  const choice = new Choice();
  let waited = 0;
  const at = (executed: number): Moment => ({ clock: executed + waited, executed });
  const kinds: Kind[] = [];
  let time = 0;
  for (let i = 0; i < count; i++) {
    const kind = choice.next(at(time), true);
    waited += wait(kind);
    kinds.push(kind);
    const end = time + cost(kind, i);
    if (kind === 'move') time = end;
    else {
      for (; time < end && !choice.late(at(time)); time++);
      if (time < end) {
        choice.moved();
        time += cost('move', i);
      }
    }
  }
  return { kinds, total: time };
}

const share = (kinds: readonly Kind[], kind: Kind) => kinds.filter((k) => k === kind).length / kinds.length;

describe('the choice between staying and moving', () => {
  it('moves where that is faster, and tries the other at powers of two', () => {
    const { kinds, total } = run(300, (kind) => (kind === 'move' ? 50 : 5000));
    expect(share(kinds, 'move')).to.be.greaterThan(0.97);
    // No trial has cost more than its patience.
    expect(total).to.be.lessThan(300 * 50 * 1.05);
  });

  it('stays where that is faster', () => {
    const { kinds } = run(300, (kind) => (kind === 'move' ? 70 : 50));
    expect(share(kinds.slice(10), 'stay')).to.be.greaterThan(0.97);
  });

  it('does not count time in which others have the processor', () => {
    // By the clock, staying seems the faster one.
    const { kinds } = run(
      300,
      (kind) => (kind === 'move' ? 50 : 100),
      (kind) => (kind === 'move' ? 1000 : 0),
    );
    expect(share(kinds, 'move')).to.be.greaterThan(0.95);
  });

  it('notices when staying has become faster', () => {
    const { kinds } = run(300, (kind, i) => (kind === 'move' ? 70 : i < 20 ? 100 : 50));
    expect(share(kinds.slice(0, 30), 'move')).to.be.greaterThan(0.8);
    expect(share(kinds.slice(70), 'stay')).to.be.greaterThan(0.97);
  });

  it('tries a kind that is clearly worse only once', () => {
    const moving = run(31, (kind) => (kind === 'move' ? 62 : 70));
    expect(moving.kinds.filter((k) => k === 'stay')).to.have.length(1);
    const close = run(31, (kind) => (kind === 'move' ? 62 : 63));
    expect(close.kinds.filter((k) => k === 'stay')).to.have.length(2);
  });

  it('does not judge a machine by the first activation in it', () => {
    const choice = new Choice();
    let time = 0;
    const at = (): Moment => ({ clock: time, executed: time });
    for (let i = 0; i < 3; i++, time += 50) choice.stays(at(), true);
    choice.warmsUp();
    const kinds: Kind[] = [];
    for (let i = 0; i < 30; i++) {
      const kind = choice.next(at(), true);
      kinds.push(kind);
      time += kind === 'stay' ? 50 : i === 0 ? 120 : 25;
    }
    expect(share(kinds, 'move')).to.be.greaterThan(0.9);
  });

  it('knows from activations that had nowhere to go how well staying does', () => {
    const choice = new Choice();
    let time = 0;
    const at = (): Moment => ({ clock: time, executed: time });
    for (let i = 0; i < 3; i++, time += 50) choice.stays(at(), true);
    // The one that moves on its way says nothing.
    choice.stays(at(), true);
    choice.moved();
    time += 10;
    expect(choice.next(at(), true)).to.equal('move');
    time += 70;
    expect(choice.next(at(), true)).to.equal('stay');
    time += 50;
    expect(choice.next(at(), true)).to.equal('stay');
  });

  it('does not give staying up for what it took when there was nowhere to go', () => {
    const choice = new Choice();
    let time = 0;
    const at = (): Moment => ({ clock: time, executed: time });
    for (let i = 0; i < 3; i++, time += 500) choice.stays(at(), true);
    const kinds: Kind[] = [];
    for (let i = 0; i < 20; i++) {
      const kind = choice.next(at(), true);
      kinds.push(kind);
      time += kind === 'move' ? 70 : 50;
    }
    expect(share(kinds.slice(4), 'stay')).to.equal(1);
  });
});
