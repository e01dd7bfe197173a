/** The sentences that tell why a fragment is as fast as it is. */
import { expect } from 'chai';
import type { FragmentStats, Stats } from '../../src/profile/schema.ts';
import { whyFast } from '../../src/report/browser/code/why.ts';
import { formatters } from '../../src/report/format.ts';

const stats = { instructions: { total: 1000 }, time_ms: { total: 0.01 } } as Stats;
const exit = { func: 0, offset: 16, name: 'f', link: null };
const fragment = {
  instructions: 500,
  entries: 10,
  time: 0.1,
  irBefore: 20,
  irAfter: 5,
  bytes: 100,
  recorded: 40,
  exits: [
    { ...exit, id: 1, reason: 'branch', count: 2 },
    { ...exit, id: 2, reason: 'loop', count: 8, link: 3 },
  ],
} as FragmentStats;

describe('why a fragment is as fast as it is', () => {
  const why = (changes: Partial<FragmentStats>) =>
    whyFast(formatters(), stats, { ...fragment, ...changes }).replaceAll('\u00a0', ' ');

  it('tells of time, stay, exits and code', () => {
    expect(why({})).to.equal(
      '2.00 ns a guest instruction: 10.0 % of the sampled time for 50.0 % of the instructions. ' +
        'It executes 50 instructions from entry to exit on average. ' +
        '20.0 % of its exits go back to the interpreter or a caller; most often taken is exit 2 (loop at $f+0x10, 80.0 %). ' +
        'Optimization left 25.0 % of the IR; 2.5 bytes of Wasm were emitted for each recorded instruction.',
    );
  });

  it('says where entering weighs, and leaves out what nobody knows', () => {
    expect(why({ entries: 100 })).to.contain('It executes 5 instructions from entry to exit on average, so entering');
    expect(why({ time: null })).not.to.contain('ns a guest instruction');
    expect(why({ time: null, entries: 0, exits: [], irBefore: 0 })).to.equal('');
  });
});
