/** A cursor over a section of DWARF: numbers of fixed sizes, and strings that end with a zero. */
import { Reader } from '../../wasm/reader.ts';

const text = new TextDecoder();

export class DwarfReader extends Reader {
  /** Bytes of an offset: 8 in units of the 64-bit format. */
  offsetSize: 4 | 8 = 4;

  u16(): number {
    return this.u8() | (this.u8() << 8);
  }

  s8(): number {
    return (this.u8() << 24) >> 24;
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes; beyond 2^53 it is rounded. */
  fixed(size: number): number {
    let n = 0;
    for (let i = 0; i < size; i++) n += this.u8() * 2 ** (8 * i);
    return n;
  }

  offset(): number {
    return this.fixed(this.offsetSize);
  }

  /** Length of a unit, which also tells its format; gives where the unit ends. */
  unitEnd(): number {
    let length = this.fixed(4);
    this.offsetSize = length === 0xffff_ffff ? 8 : 4;
    if (this.offsetSize === 8) length = this.fixed(8);
    return this.pos + length;
  }

  cstring(): string {
    const end = this.bytes.indexOf(0, this.pos);
    if (end < 0) throw new RangeError(`a string without an end at byte ${this.pos}`);
    const string = text.decode(this.bytes.subarray(this.pos, end));
    this.pos = end + 1;
    return string;
  }
}
