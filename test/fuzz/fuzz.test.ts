/**
 * Random modules, natively and in configurations of the machine: a fixed slice. Longer runs, and failing modules made
 * small: `npm run fuzz -- --seconds=600 --seed=1000`.
 */
import { expect } from 'chai';
import { trial } from './differ.ts';
import { SIZES } from './plan.ts';

describe('random modules', () => {
  const blocks = [1, 2, 3, 4];
  for (const block of blocks) {
    it(`do what they do natively (seeds from ${block * 100_000})`, () => {
      let fragments = 0;
      for (let seed = block * 100_000; seed < block * 100_000 + 12; seed++) {
        const { differences, fragments: n } = trial(seed, SIZES.normal);
        fragments += n;
        expect(differences, `seed ${seed}`).to.deep.equal([]);
      }
      expect(fragments).to.be.greaterThan(20);
    });
  }
});
