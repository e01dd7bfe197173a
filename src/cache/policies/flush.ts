/** Everything goes when the cache is full: nothing has to be known of single fragments, and no link dangles. */
import { type CachePolicy, isFull } from '../policy.ts';

export const flush: CachePolicy = {
  name: 'flush',
  doc: 'the default: the cache is emptied when it is full',
  source: 'Bala, Duesterwald and Banerjia (Dynamo), PLDI 2000, section 6; Cmelik and Keppel (Shade), SIGMETRICS 1994',
  bounded: true,
  create: (cache) => ({ before: (bytes) => (isFull(cache, bytes) ? 'flush' : 'room') }),
};
