/**
 * Least recently used. Fragments do not note when they run, which would cost a store each time; their counts of entries
 * and iterations are looked at whenever a fragment is made. One that has risen since was used in between.
 */
import type { Fragment } from '../fragment.ts';
import { type CachePolicy, isFull } from '../policy.ts';

export const lru: CachePolicy = {
  name: 'lru',
  doc: 'the fragments that have not been used for the longest time go, by their counts of entries and iterations',
  source:
    'Hazelwood and Smith, TACO 3(3), 2006, section 3 (LRU); counts looked at now and then as in clock algorithms (Corbató 1968)',
  bounded: true,
  create(cache) {
    const seen = new Map<Fragment, { uses: number; at: number }>();
    let now = 0;
    const look = () => {
      now++;
      const fragments = cache.fragments();
      for (const fragment of fragments) {
        const uses = cache.uses(fragment);
        const known = seen.get(fragment);
        if (!known) seen.set(fragment, { uses, at: now });
        else if (known.uses !== uses) {
          known.uses = uses;
          known.at = now;
        }
      }
      for (const fragment of seen.keys()) if (!fragment.live) seen.delete(fragment);
      return fragments;
    };
    const last = (fragment: Fragment) => seen.get(fragment)?.at ?? 0;
    return {
      before(bytes) {
        const fragments = look();
        if (!isFull(cache, bytes)) return 'room';
        // Equal ones stay in the order of their age.
        return { order: [...fragments].sort((a, b) => last(a) - last(b)), until: cache.budget - bytes };
      },
    };
  },
};
