/** What each keeper gives up, on a cache that only counts. */
import { expect } from 'chai';
import type { Fragment } from '../../src/cache/fragment.ts';
import { cachePolicyOf } from '../../src/cache/policies/index.ts';
import type { Decision, Keeper } from '../../src/cache/policy.ts';

/** A cache of 100 bytes: fragments named by letters, with sizes and uses to set. */
function cacheOf(policy: string) {
  const fragments: (Fragment & { name: string })[] = [];
  const state = { uses: new Map<string, number>(), instructions: 0 };
  const found = cachePolicyOf(policy);
  const keeper: Keeper = found.policy.create(
    {
      budget: 100,
      get bytes() {
        return fragments.reduce((sum, f) => sum + f.bytes, 0);
      },
      fragments: () => [...fragments],
      uses: ({ name }) => state.uses.get(name) ?? 0,
      instructions: () => state.instructions,
    },
    found.params,
  );
  const show = (decision: Decision) =>
    typeof decision === 'string' ? decision : `${decision.order.map((f) => f.name).join('')} until ${decision.until}`;
  return {
    state,
    /** The decision before it, without doing it. */
    add(name: string, bytes: number): string {
      const decision = keeper.before(bytes);
      fragments.push({ name, bytes, live: true } as Fragment);
      return show(decision);
    },
  };
}

describe('keepers of cache policies', () => {
  it('fifo gives up the oldest', () => {
    const cache = cacheOf('fifo:free=50');
    expect(cache.add('a', 50)).to.equal('room');
    expect(cache.add('b', 50)).to.equal('room');
    expect(cache.add('c', 20)).to.equal('ab until 30');
  });

  it('lru gives up what was not used since, then the oldest', () => {
    const cache = cacheOf('lru');
    for (const name of 'abc') cache.add(name, 30);
    cache.state.uses.set('a', 5);
    cache.state.uses.set('b', 1000);
    expect(cache.add('d', 10)).to.equal('room');
    cache.state.uses.set('b', 1001);
    expect(cache.add('e', 20)).to.equal('acbd until 80');
  });

  it('cull gives up the fewest uses for each byte, of late', () => {
    const cache = cacheOf('cull:free=0');
    cache.add('a', 60);
    cache.add('b', 40);
    cache.state.uses.set('a', 120);
    cache.state.uses.set('b', 100);
    expect(cache.add('c', 10)).to.equal('ab until 90');
    cache.state.uses.set('a', 220);
    cache.state.uses.set('b', 110);
    expect(cache.add('d', 10)).to.equal('cba until 90');
  });

  it('phase flushes when fragments come much faster than before, not while they come slower', () => {
    const cache = cacheOf('phase:window=2:rise=4');
    const decisions = [10, 20, 300, 600, 2000, 3000, 3010, 3020, 3030, 3040].map((instructions, i) => {
      cache.state.instructions = instructions;
      return cache.add(String(i), 1);
    });
    expect(decisions).to.deep.equal([...Array(7).fill('room'), 'flush', 'room', 'room']);
  });

  it('flush, pinned and unbounded when the cache is full', () => {
    for (const [policy, wanted] of [
      ['flush', 'flush'],
      ['phase', 'flush'],
      ['pinned', 'refuse'],
      ['unbounded', 'room'],
    ] as const) {
      const cache = cacheOf(policy);
      expect(cache.add('a', 100)).to.equal('room');
      expect(cache.add('b', 1)).to.equal(wanted);
    }
  });
});
