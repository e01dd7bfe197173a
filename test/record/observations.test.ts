/** Which locals count as constant: same bits in three entries, however often each was looked at. */
import { expect } from 'chai';
import { Observations } from '../../src/record/observations.ts';

const local = (off: number, bits: bigint) => ({ off, type: 'i32' as const, bits });
const offsets = (seen: Observations, pc: number) => seen.constants(pc).map(({ off }) => off);

describe('observations of locals', () => {
  it('call a flag constant that three entries saw', () => {
    const seen = new Observations(3);
    for (const entry of [1, 2]) seen.note(100, entry, () => [local(0, 7n)]);
    expect(seen.constants(100)).to.deep.equal([]);
    seen.note(100, 5, () => [local(0, 7n)]);
    expect(seen.constants(100)).to.deep.equal([local(0, 7n)]);
  });

  it('do not call the index of an outer loop constant within one of its trips', () => {
    const seen = new Observations(3);
    for (let i = 0; i < 10; i++) seen.note(100, 4, () => [local(0, 7n), local(8, 2n)]);
    expect(offsets(seen, 100)).to.deep.equal([]);
    for (const trip of [5n, 6n]) seen.note(100, Number(trip), () => [local(0, 7n), local(8, trip)]);
    expect(offsets(seen, 100)).to.deep.equal([0]);
  });

  it('remember what has varied, also when it is the same from then on', () => {
    const seen = new Observations(3);
    for (const [entry, bits] of [1n, 2n, 2n, 2n, 2n, 2n].entries()) seen.note(100, entry, () => [local(0, bits)]);
    expect(offsets(seen, 100)).to.deep.equal([]);
  });

  it('remember a guard that failed', () => {
    const seen = new Observations(3);
    const look = (entry: number) => seen.note(100, entry, () => [local(0, 7n), local(8, 1n)]);
    for (const entry of [1, 2, 3]) look(entry);
    seen.vary(100, 8);
    for (const entry of [4, 5, 6]) look(entry);
    expect(offsets(seen, 100)).to.deep.equal([0]);
  });

  it('know each head by itself', () => {
    const seen = new Observations(1);
    seen.note(100, 1, () => [local(0, 7n)]);
    seen.note(200, 1, () => [local(0, 8n)]);
    expect([seen.constants(100), seen.constants(200), seen.constants(300)]).to.deep.equal([
      [local(0, 7n)],
      [local(0, 8n)],
      [],
    ]);
  });
});
