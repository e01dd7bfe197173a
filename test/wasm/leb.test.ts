/** Numbers and names of the binary format, written and read. */
import { expect } from 'chai';
import fc from 'fast-check';
import { Reader } from '../../src/wasm/reader.ts';
import { Writer } from '../../src/wasm/writer.ts';

type Kind = 'u32' | 's32' | 's64' | 'u64';

function written(kind: Kind, n: bigint): Uint8Array {
  const w = new Writer();
  if (kind === 'u32' || kind === 's32') w[kind](Number(n));
  else w[kind](n);
  return w.finish();
}

function read(kind: Kind, bytes: Uint8Array): { value: bigint; pos: number } {
  const r = new Reader(bytes);
  return { value: BigInt(r[kind]()), pos: r.pos };
}

/** The encoding by the book, to compare with. */
function byTheBook(n: bigint, signed: boolean): number[] {
  const out: number[] = [];
  for (let rest = n; ; ) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = signed ? (rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40) : rest === 0n;
    out.push(done ? low : low | 0x80);
    if (done) return out;
  }
}

const RANGES: Record<Kind, [bigint, bigint]> = {
  u32: [0n, 2n ** 32n - 1n],
  s32: [-(2n ** 31n), 2n ** 31n - 1n],
  s64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
};

describe('numbers of the binary format', () => {
  for (const [kind, [min, max]] of Object.entries(RANGES) as [Kind, [bigint, bigint]][]) {
    const edges = [min, max, 0n, 1n, -1n];
    for (let bit = 6n; bit < 64n; bit++) for (const d of [-1n, 0n, 1n]) edges.push(2n ** bit + d, -(2n ** bit) + d);
    const check = (n: bigint) => {
      const bytes = written(kind, n);
      expect([...bytes], String(n)).to.deep.equal(byTheBook(n, kind.startsWith('s')));
      expect(read(kind, bytes), String(n)).to.deep.equal({ value: n, pos: bytes.length });
    };

    it(`${kind}: the shortest encoding, at every edge`, () => {
      for (const n of edges) if (n >= min && n <= max) check(n);
    });

    it(`${kind}: any number`, () => {
      fc.assert(fc.property(fc.bigInt({ min, max }), check), { numRuns: 300 });
    });

    it(`${kind}: encodings longer than needed`, () => {
      for (const n of edges.filter((e) => e >= min && e <= max)) {
        const short = written(kind, n);
        const longest = kind.endsWith('32') ? 5 : 10;
        const fill = n < 0n ? 0x7f : 0;
        const long = Uint8Array.from({ length: longest }, (_, i) => {
          const bits = i < short.length ? short[i]! & 0x7f : fill;
          return i === longest - 1 ? bits : bits | 0x80;
        });
        // The last byte of the longest encoding has only some bits left; at the edges there is nothing to lengthen.
        if (short.length < longest) expect(read(kind, long), String(n)).to.deep.equal({ value: n, pos: longest });
      }
    });
  }

  it('five bytes for any padded number', () => {
    for (const n of [0, 1, 127, 128, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = new Writer().u32Padded(n).finish();
      expect(bytes.length).to.equal(5);
      expect(read('u32', bytes)).to.deep.equal({ value: BigInt(n), pos: 5 });
    }
  });

  it('heap types of 33 bits', () => {
    for (const n of [0, 63, 64, 2 ** 31, 2 ** 32 - 1, -1, -64]) {
      expect(new Reader(new Writer().s64(n).finish()).s33(), String(n)).to.equal(n);
    }
  });

  it('bits of floats, NaN payloads included', () => {
    const bytes = new Writer().f32bits(0xffa0_0001).f64bits(0xfff4_0000_0000_0001n).finish();
    const r = new Reader(bytes);
    expect(r.f32()).to.equal(0xffa0_0001);
    expect(r.f64()).to.equal(0xfff4_0000_0000_0001n);
    expect(r.done).to.equal(true);
  });

  it('names: any text, with its byte order mark', () => {
    for (const name of ['', 'memory', 'ünïcode', '\uFEFFmarked', '\u0000', '𝒲'.repeat(100)]) {
      expect(new Reader(new Writer().name(name).finish()).name()).to.equal(name);
    }
  });

  it('a number that the bytes do not finish is a RangeError', () => {
    for (const kind of Object.keys(RANGES) as Kind[]) {
      expect(() => read(kind, new Uint8Array([0x80])), kind).to.throw(RangeError, 'unexpected end at byte 1');
    }
  });

  it('a reader over a part of a buffer reads that part', () => {
    const whole = new Writer().u32(7).f32bits(0x3f80_0000).finish();
    const r = new Reader(whole.subarray(1));
    expect(r.f32()).to.equal(0x3f80_0000);
  });
});
