/** First in, first out: the oldest fragments go. It needs no counts, and leaves most of the cache as it is. */
import { type CachePolicy, isFull } from '../policy.ts';

export const fifo: CachePolicy = {
  name: 'fifo',
  doc: 'the oldest fragments go, as many as make room',
  source: 'Hazelwood and Smith, CGO 2004, section 4 (fine-grained FIFO); Hazelwood and Smith, TACO 3(3), 2006',
  bounded: true,
  params: { free: { default: 0, doc: 'percent of the cache that is made free each time, besides the room needed' } },
  create: (cache, { free = 0 }) => ({
    before: (bytes) =>
      isFull(cache, bytes)
        ? { order: cache.fragments(), until: cache.budget * (1 - Math.min(free, 100) / 100) - bytes }
        : 'room',
  }),
};
