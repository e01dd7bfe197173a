// A linear trace that leaves its first frame and comes back to its head in a call from elsewhere is no loop.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { instantiateSync } from '../../src/index.ts';

describe('linear traces through returns', () => {
  const bytes = readFileSync(wasmPath(guest('lu'), 'O0'));
  const run = (options: object, n: number) => {
    const { instance, machine } = instantiateSync(bytes, {}, options);
    const result = (instance.exports.run as (n: number) => number)(n);
    const stats = machine.stats();
    machine.dispose();
    return { result, stats };
  };

  for (const n of [25, 35, 80]) {
    it(`of lu.O0 give its result for ${n}`, () => {
      const interpreted = run({ mode: 'interp' }, n);
      const traced = run({ mode: 'trace', maxRegion: 0, deterministic: true, compileFree: 200, check: n < 80 }, n);
      expect(traced.result).to.equal(interpreted.result);
      expect(traced.stats.instructions.total).to.equal(interpreted.stats.instructions.total);
      expect(traced.stats.functions).to.deep.equal(interpreted.stats.functions);
      // Loops whose callers stay the same still close.
      expect(traced.stats.fragments.some((f) => f.loops && f.iterations > 50)).to.equal(true);
    });
  }
});
