/** Hashes and key derivations (hand-tuned C): a small module for each algorithm, embedded in the JavaScript. */
import { type Application, imported } from '../application.ts';

type Hash = (data: Uint8Array | string, ...rest: unknown[]) => Promise<string>;
type Package = Readonly<Record<string, Hash>> & {
  argon2id(options: object): Promise<string>;
  bcrypt(options: object): Promise<string>;
  scrypt(options: object): Promise<string>;
  pbkdf2(options: object): Promise<string>;
  createSHA1(): Promise<unknown>;
};

const PLAIN = ['md4', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3', 'keccak', 'ripemd160', 'sm3'];
const MORE = [
  'whirlpool',
  'blake2b',
  'blake2s',
  'blake3',
  'crc32',
  'crc64',
  'adler32',
  'xxhash32',
  'xxhash64',
  'xxhash3',
];

export const application: Application = {
  doc: 'hash functions, a module each',
  async open() {
    const hash = await imported<Package>('hash-wasm');
    await hash.md5!('');
    return async () => {
      const data = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31 + (i >> 7)) & 255);
      const salt = new Uint8Array(16).fill(5);
      const lines: string[] = [];
      for (const name of [...PLAIN, ...MORE]) lines.push(`${name} ${await hash[name]!(data)}`);
      const common = { password: 'secret', salt, outputType: 'hex', hashLength: 32 };
      lines.push(await hash.argon2id({ ...common, parallelism: 1, iterations: 2, memorySize: 1024 }));
      lines.push(await hash.bcrypt({ ...common, costFactor: 6 }));
      lines.push(await hash.scrypt({ ...common, costFactor: 1024, blockSize: 8, parallelism: 1 }));
      lines.push(await hash.pbkdf2({ ...common, iterations: 1000, hashFunction: hash.createSHA1() }));
      return lines.join('\n');
    };
  },
};
