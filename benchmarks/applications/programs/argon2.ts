/** Argon2 (C, Emscripten): the three variants, encoding and verification. */
import { type Application, required, withoutFetch } from '../application.ts';

interface Argon2 {
  hash(options: object): Promise<{ hashHex: string; encoded: string }>;
  verify(options: object): Promise<unknown>;
}

export const application: Application = {
  doc: 'password hashing',
  async open() {
    withoutFetch();
    const argon2 = required<Argon2>('argon2-browser');
    await argon2.hash({ pass: 'x', salt: 'somesalt', mem: 8 });
    return async () => {
      const lines: string[] = [];
      for (const type of [0, 1, 2]) {
        const options = { pass: 'correct horse', salt: 'battery staple', time: 2, mem: 2048, hashLen: 24, type };
        const { hashHex, encoded } = await argon2.hash(options);
        const wrong = await argon2
          .verify({ pass: 'wrong', encoded })
          .then(String, (e: { message: string; code: number }) => `${e.message} ${e.code}`);
        lines.push(hashHex, encoded, String(await argon2.verify({ pass: 'correct horse', encoded })), wrong);
      }
      return lines.join('\n');
    };
  },
};
