/**
 * The host's modules that a plain run does not need, loaded when they are: importing `node:crypto` or `node:worker_threads`
 * alone takes several milliseconds of the start of every process.
 */
import type * as crypto from 'node:crypto';
import type * as threads from 'node:worker_threads';

export const cryptoModule = (): typeof crypto => process.getBuiltinModule('node:crypto');
export const threadsModule = (): typeof threads => process.getBuiltinModule('node:worker_threads');

/** SHA-256 of the chunks one after the other, hexadecimal. */
export function sha256(...chunks: readonly Uint8Array[]): string {
  const hash = cryptoModule().createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
