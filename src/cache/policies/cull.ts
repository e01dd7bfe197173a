/**
 * Culling of what does not pay: uses since the last culling, for each byte. Large fragments that run rarely go first,
 * however new they are; a fragment that was hot in an earlier phase only has no uses to show. Some more room than needed is
 * made, so that fragments can show their worth before the next culling.
 */
import type { Fragment } from '../fragment.ts';
import { type CachePolicy, isFull } from '../policy.ts';

export const cull: CachePolicy = {
  name: 'cull',
  doc: 'the fragments with the fewest uses for each byte since the last time go, until a share of the cache is free',
  source:
    'this project: a fine-grained policy as in Hazelwood and Smith, CGO 2004, with the value for each byte of GreedyDual-Size (Cao and Irani, USITS 1997)',
  bounded: true,
  params: { free: { default: 25, doc: 'percent of the cache that is free after a culling, besides the room needed' } },
  create(cache, { free = 0 }) {
    let before = new Map<Fragment, number>();
    const worth = (fragment: Fragment) => (cache.uses(fragment) - (before.get(fragment) ?? 0)) / fragment.bytes;
    return {
      before(bytes) {
        if (!isFull(cache, bytes)) return 'room';
        const fragments = cache.fragments();
        const rated = fragments.map((fragment) => ({ fragment, worth: worth(fragment) }));
        before = new Map(fragments.map((fragment) => [fragment, cache.uses(fragment)]));
        const order = rated.sort((a, b) => a.worth - b.worth).map((r) => r.fragment);
        return { order, until: cache.budget * (1 - Math.min(free, 100) / 100) - bytes };
      },
    };
  },
};
