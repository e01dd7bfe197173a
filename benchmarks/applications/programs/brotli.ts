/** Brotli (Rust, wasm-bindgen): compresses, decompresses, streams, and refuses what is broken. */
import { createHash } from 'node:crypto';
import { type Application, required } from '../application.ts';

interface Brotli {
  compress(data: Uint8Array, options?: object): Uint8Array;
  decompress(data: Uint8Array): Uint8Array;
}

export const application: Application = {
  doc: 'compression in Rust',
  async open() {
    const brotli = await required<Promise<Brotli>>('brotli-wasm');
    brotli.decompress(brotli.compress(new Uint8Array(10)));
    return () => {
      const text = Array.from({ length: 2500 }, (_, i) => `line ${i}: ${(i * 7919) % 1013} of the log`).join('\n');
      const data = new TextEncoder().encode(text);
      const lines = [1, 5, 9].map((quality) => {
        const small = brotli.compress(data, { quality });
        const same = Buffer.from(brotli.decompress(small)).equals(data);
        return `${quality} ${small.length} ${createHash('sha256').update(small).digest('hex')} ${same}`;
      });
      try {
        brotli.decompress(new Uint8Array([1, 2, 3, 4]));
      } catch (error) {
        lines.push(String(error));
      }
      return lines.join('\n');
    };
  },
};
