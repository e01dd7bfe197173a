/** Writes messages of protocol buffers: numbers, strings and messages in messages, by field number. */
import { Writer } from '../wasm/writer.ts';

export class Message extends Writer {
  /** A varint; nothing is written for 0, which is the default. */
  number(field: number, n: number): this {
    return n === 0 ? this : this.u32(field << 3).u64(BigInt(n));
  }

  text(field: number, s: string): this {
    return this.u32((field << 3) | 2).name(s);
  }

  message(field: number, m: Writer): this {
    return this.u32((field << 3) | 2).sized(m);
  }

  /** A repeated number, packed. */
  numbers(field: number, list: readonly number[]): this {
    const inner = new Writer();
    for (const n of list) inner.u64(BigInt(n));
    return this.message(field, inner);
  }
}
