/** Broken and hostile modules: through the library in all modes, and through the command. Seeds are printed. */
import { expect } from 'chai';
import { Scratch, wynamo } from '../cli/harness.ts';
import { guestModules, suiteModules } from '../wasm/corpus.ts';
import { mutated, type Told, tell } from './hostile.ts';

const COUNT = 120;

describe('broken modules', function () {
  this.timeout(120_000);
  const guests = guestModules().filter(({ bytes }) => bytes.length < 20_000);
  /** A module of the corpus and its mutation, the same for the same seed. */
  const pick = <T>(list: readonly T[], seed: number): T => list[(seed * 7919) % list.length] as T;

  it(`${COUNT} guests do and say what they do under the host`, () => {
    const kinds: Partial<Record<Told['kind'], number>> = {};
    for (let seed = 0; seed < COUNT; seed++) {
      const { name, bytes } = pick(guests, seed);
      const { differs, kind } = tell(mutated(bytes, seed));
      expect(differs, `${name}, seed ${seed}`).to.deep.equal([]);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    // Both kinds are among them: else nothing was tested.
    expect(kinds.invalid).to.be.greaterThan(COUNT / 2);
    expect(kinds.runs).to.be.greaterThan(COUNT / 20);
  });

  it(`${COUNT} modules of the core suite, too`, function () {
    const modules = suiteModules().filter(({ bytes }) => bytes.length > 30 && bytes.length < 20_000);
    if (modules.length === 0) this.skip();
    for (let seed = 0; seed < COUNT; seed++) {
      const { name, bytes } = pick(modules, seed);
      expect(tell(mutated(bytes, seed)).differs, `${name}, seed ${seed}`).to.deep.equal([]);
    }
  });

  it('the command says one sentence about invalid ones', () => {
    const scratch = new Scratch();
    try {
      for (let seed = 0, said = 0; said < 6; seed++) {
        const bytes = mutated(pick(guests, seed).bytes, seed);
        if (WebAssembly.validate(bytes as BufferSource)) continue;
        said++;
        const { status, stdout, stderr } = wynamo(['run', scratch.file(`broken${seed}.wasm`, bytes)]);
        expect(stderr, `seed ${seed}`).to.match(/^wynamo: [^\n]+\n$/);
        expect({ status, stdout }, `seed ${seed}: ${stderr}`).to.deep.equal({ status: 2, stdout: '' });
      }
    } finally {
      scratch.remove();
    }
  });
});
