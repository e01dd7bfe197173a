/** The first fragments stay; afterwards nothing is compiled. It costs nothing, and is bad where the program changes. */
import { type CachePolicy, isFull } from '../policy.ts';

export const pinned: CachePolicy = {
  name: 'pinned',
  doc: 'what is in the cache stays; when it is full nothing more is compiled',
  source:
    'a lower bound of replacement; the HotSpot virtual machine stops compiling likewise when its code cache is full',
  bounded: true,
  create: (cache) => ({ before: (bytes) => (isFull(cache, bytes) ? 'refuse' : 'room') }),
};
