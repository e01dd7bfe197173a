/** The text form: what is printed is read back equal, and mistakes are named by line. */
import { expect } from 'chai';
import type { Region } from '../../src/ir/ir.ts';
import { IrSyntaxError, parse } from '../../src/ir/parse.ts';
import { print } from '../../src/ir/print.ts';
import { verify } from '../../src/ir/verify.ts';
import { SAMPLE } from './sample.ts';

const funcName = (f: number) => (f === 3 ? 'f' : undefined);

/** A region as plain data; numbers of instructions that nothing refers to are left out. */
function plain(region: Region): unknown {
  const seen = new Map<object, number>();
  return JSON.parse(
    JSON.stringify(region, function (this: unknown, key, value) {
      if (typeof value === 'bigint') return `${value}n`;
      if (key === 'id' && (this as { type?: string }).type === 'void') return undefined;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      if (seen.has(value)) return `@${seen.get(value)}`;
      seen.set(value, seen.size);
      return value;
    }),
  );
}

describe('IR text', () => {
  it('is read back as it was printed', () => {
    expect(print(parse(SAMPLE), { funcName })).to.equal(SAMPLE);
  });

  it('gives the same region again', () => {
    const region = parse(SAMPLE);
    expect(plain(parse(print(region)))).to.deep.equal(plain(region));
    expect(plain(parse(print(region, { funcName })))).to.deep.equal(plain(region));
  });

  it('of the sample is a valid region', () => {
    verify(parse(SAMPLE));
  });

  it('tells two functions of one name apart', () => {
    const region = parse(SAMPLE.replace('v20 = i32.add v7 v3 @$f+0x21', 'v20 = i32.add v7 v3 @4+0x21'));
    const text = print(region, { funcName: () => 'f' });
    expect(text).to.include('v20 = i32.add v7 v3 @$f#4+0x21');
    expect(plain(parse(text))).to.deep.equal(plain(region));
  });

  const mistakes: [string, string, RegExp][] = [
    ['v3 = i32.const -1', 'v3 = i32.konst -1', /^line 12: unknown operation i32.konst$/],
    ['i32.add v7 v3', 'i32.add v7 v33', /^line \d+: v33 is not defined$/],
    ['k=12', 'k=x', /^line \d+: not a number: x$/],
    ['k=12', 'j=12', /^line \d+: unknown immediate j$/],
    ['v20 = i32.add', 'v7 = i32.add', /^line \d+: v7 is defined twice$/],
    ['!bounds#2', '!bonds#2', /^line \d+: a snapshot like !bounds#3 expected, not !bonds#2$/],
    ['{0:v7 8:v4', '{0:v7 8;v4', /^line \d+: not a part of a snapshot: 8;v4$/],
    ['b4: <- b2', 'b5: <- b2', /^line \d+: b4 is not defined$/],
    ['  jump b1\nb1:', 'b1:', /^line \d+: b0 has no terminator$/],
    ['func 3 $f\n', '', /^line \d+: no func line names \$f$/],
    ['slot.load i32 [0]', 'slot.load [0]', /^line \d+: slot.load needs a type$/],
  ];
  for (const [from, to, message] of mistakes) {
    it(`explains ${to.trim()}`, () => {
      expect(SAMPLE).to.include(from);
      expect(() => parse(SAMPLE.replace(from, to))).to.throw(IrSyntaxError, message);
    });
  }
});
