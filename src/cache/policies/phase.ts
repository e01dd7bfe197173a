/**
 * Dynamo's preemptive flush: many new traces within a short time say that the program has entered a new phase, in which
 * the old traces are of no use. Time is guest instructions. Rates are compared between windows of equally many fragments,
 * so that the falling rate of the warm-up does not flush.
 */
import { type CachePolicy, isFull } from '../policy.ts';

export const phase: CachePolicy = {
  name: 'phase',
  doc: 'the cache is emptied when fragments are made much faster than before, which shows a new phase, or when it is full',
  source: 'Bala, Duesterwald and Banerjia (Dynamo), PLDI 2000, section 6 (preemptive flushing)',
  bounded: true,
  params: {
    window: { default: 16, doc: 'fragments of which the rate is taken' },
    rise: { default: 8, doc: 'how many times faster than the window before they have to come' },
  },
  create(cache, { window = 1, rise = 1 }) {
    let made = 0;
    let began = 0;
    /** Instructions that the window before took; 0: there was none since the last flush. */
    let last = 0;
    const restart = () => {
      made = 0;
      last = 0;
      began = cache.instructions();
    };
    return {
      before(bytes) {
        if (isFull(cache, bytes)) {
          restart();
          return 'flush';
        }
        if (++made < window) return 'room';
        const now = cache.instructions();
        const took = now - began;
        if (last > 0 && took * rise < last) {
          restart();
          return 'flush';
        }
        made = 0;
        began = now;
        last = took;
        return 'room';
      },
    };
  },
};
