/** The cache grows for ever: what any bounded policy is compared with. */
import type { CachePolicy } from '../policy.ts';

export const unbounded: CachePolicy = {
  name: 'unbounded',
  doc: 'nothing is ever given up, whatever --cache-size says',
  source: 'the upper bound of any comparison: Hazelwood and Smith, CGO 2004, section 3',
  bounded: false,
  create: () => ({ before: () => 'room' }),
};
