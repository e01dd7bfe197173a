/** Options: defaults, ranges, and the small languages of passes and forced exits. */
import { expect } from 'chai';
import { nearest, UserError } from '../../src/errors.ts';
import { OPTION_ROWS, type Options, parseForceExits, parsePasses, resolveOptions } from '../../src/options.ts';

describe('options', () => {
  it('have defaults that are valid themselves', () => {
    expect(resolveOptions(resolveOptions())).to.deep.equal(resolveOptions());
    expect(Object.keys(resolveOptions())).to.deep.equal(OPTION_ROWS.map((row) => row.name));
  });

  it('keep what is given and ignore undefined', () => {
    expect(resolveOptions({ hotLoop: 2, hotExit: undefined } as unknown as Partial<Options>)).to.include({
      hotLoop: 2,
      hotExit: 20,
    });
  });

  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ hotloop: 2 }, /no option 'hotloop'; did you mean 'hotLoop'\?/],
    [{ zzzzzzzz: 2 }, /no option 'zzzzzzzz'; there are mode, /],
    [{ mode: 'jit' }, /mode takes interp, trace, native, not "jit"/],
    [{ hotLoop: 0 }, /hotLoop takes a whole number from 1/],
    [{ hotLoop: 1.5 }, /hotLoop takes a whole number/],
    [{ hotLoop: '3' }, /hotLoop takes a whole number/],
    [{ hotLoop: Number.NaN }, /hotLoop takes a whole number/],
    [{ check: 1 }, /check takes true or false/],
    [{ log: null }, /log takes text/],
    [{ passes: 'cse' }, /passes takes a level/],
    [{ forceExits: '1.5' }, /forceExits takes 'all' or a probability/],
  ];
  for (const [given, sentence] of wrong) {
    it(`refuse ${JSON.stringify(given)}`, () => {
      expect(() => resolveOptions(given)).to.throw(UserError, sentence);
    });
  }

  it('read levels and changes of passes', () => {
    expect(parsePasses('')).to.deep.equal({ level: 3, changes: [], order: null });
    expect(parsePasses('O0')).to.deep.equal({ level: 0, changes: [], order: null });
    expect(parsePasses('1,+cse,-licm,-guards.widened')).to.deep.equal({
      level: 1,
      changes: [
        { name: 'cse', on: true },
        { name: 'licm', on: false },
        { name: 'guards', rule: 'widened', on: false },
      ],
      order: null,
    });
  });

  it('read orders of passes', () => {
    expect(parsePasses('order:phis:fold:phis').order).to.deep.equal(['phis', 'fold', 'phis']);
    for (const wrong of ['order', 'order:', 'order:phis,fold', '-guards.']) {
      expect(() => parsePasses(wrong), wrong).to.throw(UserError, 'order:pass:pass');
    }
  });

  it('read probabilities and seeds of forced exits', () => {
    expect(parseForceExits('')).to.equal(null);
    expect(parseForceExits('all')).to.deep.equal({ below: 2 ** 32 - 1, seed: 1 });
    expect(parseForceExits('0.25,7')).to.deep.equal({ below: 2 ** 30, seed: 7 });
    expect(parseForceExits('1e-3')).to.deep.equal({ below: Math.round(2 ** 32 / 1000), seed: 1 });
    expect(parseForceExits('1,0')).to.deep.equal({ below: 2 ** 32 - 1, seed: 1 });
  });

  it('guess the nearest name, and none when nothing is near', () => {
    expect(nearest('hotlop', ['hotLoop', 'hotExit'])).to.equal('hotLoop');
    expect(nearest('cse', ['sce', 'licm'])).to.equal('sce');
    expect(nearest('abc', ['xyzw'])).to.equal(undefined);
  });
});
