/** Guest values on the command line: every printed value reads back as itself. */
import { expect } from 'chai';
import fc from 'fast-check';
import { parseValue, printValue } from '../../src/cli/values.ts';

describe('values on the command line', () => {
  it('read integers in decimal and hexadecimal, signed and unsigned', () => {
    expect(parseValue('i32', '-1')).to.equal(-1);
    expect(parseValue('i32', '0xffff_ffff')).to.equal(-1);
    expect(parseValue('i32', '+12')).to.equal(12);
    expect(parseValue('i64', '-0x8000000000000000')).to.equal(-(2n ** 63n));
    expect(parseValue('i64', '18446744073709551615')).to.equal(-1n);
  });

  it('read floats in decimal, hexadecimal and by name', () => {
    expect(parseValue('f64', '0x1.8p1')).to.equal(3);
    expect(parseValue('f64', '-0x.4')).to.equal(-0.25);
    expect(parseValue('f64', '-inf')).to.equal(-Infinity);
    expect(parseValue('f64', 'nan')).to.be.NaN;
    expect(parseValue('f32', '0.1')).to.equal(Math.fround(0.1));
    expect(Object.is(parseValue('f64', '-0'), -0)).to.equal(true);
  });

  for (const [type, text] of [
    ['i32', '4294967296'],
    ['i32', '1.5'],
    ['i32', ''],
    ['i32', '0x'],
    ['i64', '1e3'],
    ['f64', 'one'],
    ['f64', '0xp3'],
    ['f64', '.'],
    ['v128', '0'],
    ['externref', '1'],
  ] as const) {
    it(`refuse '${text}' as ${type}`, () => {
      expect(() => parseValue(type, text)).to.throw(type);
    });
  }

  it('print what reads back as the same value', () => {
    fc.assert(fc.property(fc.integer(), (n) => parseValue('i32', printValue('i32', n)) === n));
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (n) => parseValue('i64', printValue('i64', n)) === n),
    );
    fc.assert(fc.property(fc.double(), (n) => Object.is(parseValue('f64', printValue('f64', n)), n)));
    fc.assert(fc.property(fc.float(), (n) => Object.is(parseValue('f32', printValue('f32', n)), n)));
  });
});
