/** A growing buffer that writes the binary format's numbers and names. */

const utf8 = new TextEncoder();

export class Writer {
  protected data = new Uint8Array(256);
  protected size = 0;

  get length(): number {
    return this.size;
  }

  private room(n: number): void {
    if (this.size + n <= this.data.length) return;
    const grown = new Uint8Array(Math.max(this.data.length * 2, this.size + n));
    grown.set(this.data.subarray(0, this.size));
    this.data = grown;
  }

  /** Makes room for that many more bytes at once. */
  reserve(bytes: number): this {
    this.room(bytes);
    return this;
  }

  u8(n: number): this {
    this.room(1);
    this.data[this.size++] = n;
    return this;
  }

  u32(n: number): this {
    this.room(5);
    let rest = n >>> 0;
    while (rest > 0x7f) {
      this.data[this.size++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.data[this.size++] = rest;
    return this;
  }

  /** Five bytes whatever the value: can be patched later without moving anything. */
  u32Padded(n: number): this {
    for (let i = 0; i < 4; i++) this.u8(((n >>> (7 * i)) & 0x7f) | 0x80);
    return this.u8((n >>> 28) & 0x0f);
  }

  s32(n: number): this {
    let rest = n | 0;
    for (;;) {
      const b = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && !(b & 0x40)) || (rest === -1 && b & 0x40)) return this.u8(b);
      this.u8(b | 0x80);
    }
  }

  s64(n: bigint | number): this {
    if (n >= -0x80000000 && n <= 0x7fffffff) return this.s32(Number(n));
    let rest = BigInt.asIntN(64, BigInt(n));
    for (;;) {
      const b = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && !(b & 0x40)) || (rest === -1n && b & 0x40)) return this.u8(b);
      this.u8(b | 0x80);
    }
  }

  u64(n: bigint | number): this {
    if (n >= 0 && n <= 0xffffffff) return this.u32(Number(n));
    let rest = BigInt.asUintN(64, BigInt(n));
    while (rest > 0x7fn) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return this.u8(Number(rest));
  }

  /** Raw bits of a float, little-endian. */
  f32bits(bits: number): this {
    for (let i = 0; i < 4; i++) this.u8((bits >>> (8 * i)) & 0xff);
    return this;
  }

  f64bits(bits: bigint): this {
    for (let i = 0n; i < 8n; i++) this.u8(Number((bits >> (8n * i)) & 0xffn));
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.room(bytes.length);
    this.data.set(bytes, this.size);
    this.size += bytes.length;
    return this;
  }

  name(s: string): this {
    const bytes = utf8.encode(s);
    return this.u32(bytes.length).raw(bytes);
  }

  /** Length-prefixed content of another writer. */
  sized(inner: Writer): this {
    return this.u32(inner.length).raw(inner.view());
  }

  /** What was written, not copied. */
  view(): Uint8Array {
    return this.data.subarray(0, this.size);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.data.slice(0, this.size);
  }
}
