/** libsodium (C, Emscripten): encryption, signatures, key exchange, hashes; the module is embedded in the JavaScript. */
import { type Application, required } from '../application.ts';

type Sodium = { ready: Promise<void> } & Readonly<Record<string, (...args: unknown[]) => Uint8Array>>;

export const application: Application = {
  doc: 'cryptography',
  async open() {
    const sodium = required<Sodium>('libsodium-wrappers');
    await sodium.ready;
    return () => {
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
      const bytes = (n: number, x: number) => new Uint8Array(n).fill(x);
      const key = bytes(32, 1);
      const message = Uint8Array.from({ length: 20_000 }, (_, i) => i % 251);
      const boxed = sodium.crypto_secretbox_easy!(message, bytes(24, 2), key);
      const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt!(message, 'header', null, bytes(24, 3), key);
      const pair = sodium.crypto_sign_seed_keypair!(bytes(32, 4)) as unknown as Record<
        'publicKey' | 'privateKey',
        Uint8Array
      >;
      const signature = sodium.crypto_sign_detached!(message, pair.privateKey);
      const checked = sodium.crypto_sign_verify_detached!(signature, message, pair.publicKey) as unknown as boolean;
      const shared = sodium.crypto_scalarmult!(bytes(32, 6), sodium.crypto_scalarmult_base!(bytes(32, 7)));
      let failed = '';
      try {
        boxed[3]! ^= 1;
        sodium.crypto_secretbox_open_easy!(boxed, bytes(24, 2), key);
      } catch (error) {
        failed = (error as Error).message;
      }
      const derived = sodium.crypto_kdf_derive_from_key!(32, 5, 'context8', key);
      const hash = sodium.crypto_generichash!(32, message);
      return [hex(boxed).slice(0, 64), hex(sealed).slice(-64), hex(signature), String(checked), hex(shared), failed]
        .concat([hex(derived), hex(hash)])
        .join('\n');
    };
  },
};
