/**
 * The host's modules that a plain run does not need, loaded when they are: importing `node:crypto`, `node:v8` or
 * `node:worker_threads` alone takes several milliseconds of the start of every process.
 */
import type * as crypto from 'node:crypto';
import type * as v8 from 'node:v8';
import type * as threads from 'node:worker_threads';

export const cryptoModule = (): typeof crypto => process.getBuiltinModule('node:crypto');
export const v8Module = (): typeof v8 => process.getBuiltinModule('node:v8');
export const threadsModule = (): typeof threads => process.getBuiltinModule('node:worker_threads');

/** SHA-256 of the chunks one after the other, hexadecimal. */
export function sha256(...chunks: readonly Uint8Array[]): string {
  const hash = cryptoModule().createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
