/** A cursor over bytes that reads the binary format's numbers and names. */

const text = new TextDecoder('utf-8', { ignoreBOM: true });

export class Reader {
  readonly bytes: Uint8Array;
  pos: number;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, pos = 0) {
    this.bytes = bytes;
    this.pos = pos;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.pos >= this.bytes.length;
  }

  u8(): number {
    const b = this.bytes[this.pos++];
    if (b === undefined) throw new RangeError(`unexpected end at byte ${this.pos - 1}`);
    return b;
  }

  u32(): number {
    let b = this.u8();
    if (b < 0x80) return b;
    let result = b & 0x7f;
    let shift = 7;
    do {
      b = this.u8();
      result |= (b & 0x7f) << shift;
      shift += 7;
    } while (b & 0x80);
    return result >>> 0;
  }

  s32(): number {
    let result = 0;
    let shift = 0;
    let b: number;
    do {
      b = this.u8();
      result |= (b & 0x7f) << shift;
      shift += 7;
    } while (b & 0x80);
    return shift < 32 && b & 0x40 ? result | (-1 << shift) : result;
  }

  /** Heap and block types: a signed number of 33 bits. */
  s33(): number {
    return Number(this.s64());
  }

  s64(): bigint {
    let result = 0n;
    let shift = 0n;
    let b: number;
    do {
      b = this.u8();
      result |= BigInt(b & 0x7f) << shift;
      shift += 7n;
    } while (b & 0x80);
    return BigInt.asIntN(64, b & 0x40 ? result - (1n << shift) : result);
  }

  u64(): bigint {
    let result = 0n;
    let shift = 0n;
    let b: number;
    do {
      b = this.u8();
      result |= BigInt(b & 0x7f) << shift;
      shift += 7n;
    } while (b & 0x80);
    return result;
  }

  /** Raw bits of a float. */
  f32(): number {
    const bits = this.view.getUint32(this.pos, true);
    this.pos += 4;
    return bits;
  }

  f64(): bigint {
    const bits = this.view.getBigUint64(this.pos, true);
    this.pos += 8;
    return bits;
  }

  /** The next `n` bytes, not copied. */
  slice(n: number): Uint8Array {
    if (this.pos + n > this.bytes.length) throw new RangeError(`unexpected end at byte ${this.bytes.length}`);
    const part = this.bytes.subarray(this.pos, this.pos + n);
    this.pos += n;
    return part;
  }

  name(): string {
    return text.decode(this.slice(this.u32()));
  }
}
