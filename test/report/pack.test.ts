/** What the page unpacks is what was packed. */
import { inflateRawSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { pack, packAll, unpack } from '../../src/report/pack.ts';
import { type Code, packCode, unpackCode } from '../../src/report/pack-code.ts';
import { interpretedRun, manyFragments, smallRun } from './fixture.ts';

/** The code in a packed run as the page reads it. */
function inflated(text: string): Code {
  return unpackCode(JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString()));
}

describe('packed statistics', () => {
  it('give back all but the code, for any number of fragments', () => {
    for (const run of [interpretedRun(), manyFragments(300)]) {
      const { packedCode, codeLeftOut, ...stats } = unpack(JSON.parse(JSON.stringify(pack(run, 1000))));
      expect(stats).to.deep.equal(run);
      expect([Object.keys(packedCode).length, codeLeftOut]).to.deep.equal([0, 0]);
    }
  });

  it('give back the code', () => {
    const run = smallRun();
    expect(inflated(pack(run, 10_000).code[1]!)).to.deep.equal(run.fragments[0]!.code);
  });

  it('keep the code of the hottest fragments within the budget', () => {
    const run = manyFragments(50, true);
    const packed = pack(run, 20_000);
    const size = Object.values(packed.code).reduce((n, text) => n + text.length, 0);
    expect(size).to.be.within(10_000, 20_000);
    const hottest = run.fragments.reduce((a, b) => (b.instructions > a.instructions ? b : a));
    expect(packed.code).to.have.property(String(hottest.id));
    expect(packed.codeLeftOut + Object.keys(packed.code).length).to.equal(50);
  });

  it('leave to large runs what small ones do not need', () => {
    const [large, small] = packAll([manyFragments(50, true), smallRun()], 40_000);
    expect(Object.keys(small!.code)).to.deep.equal(['1']);
    expect(Object.values(large!.code).reduce((n, text) => n + text.length, 0)).to.be.greaterThan(30_000);
  });
});

describe('packed code', () => {
  it('gives back any text', () => {
    const address = fc.nat(0xffffff).chain((n) => {
      const hex = n.toString(16);
      return fc.constantFrom(
        `+0x${hex}  op`,
        `${hex.padStart(6, '0')} op`,
        `+0x0${hex} op`,
        `+0x${hex}`,
        `~${hex}`,
        `=${hex} op`,
      );
    });
    const line = fc.oneof(address, fc.string({ maxLength: 12 }), fc.constantFrom('', '!', '~', 'same'));
    const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
    const step = fc.record({ pass: fc.string(), removed: fc.nat(), rules: fc.dictionary(fc.string(), fc.nat()), text });
    const code = fc.record({ guest: text, trace: text, wat: text, ir: fc.array(step, { maxLength: 5 }) });
    fc.assert(
      fc.property(code, (given) => {
        expect(unpackCode(JSON.parse(JSON.stringify(packCode(given))))).to.deep.equal(
          JSON.parse(JSON.stringify(given)),
        );
      }),
      { numRuns: 500 },
    );
  });
});
