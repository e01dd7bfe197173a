/** Types of a module's exported functions, which the host's JavaScript API does not tell. */
import { decodeModule } from '../wasm/decode.ts';
import type { Signature } from './call.ts';

/** Signature of the exported function `name` of a valid module that has one. */
export function signatureOf(bytes: Uint8Array, name: string): Signature {
  const module = decodeModule(bytes);
  const row = module.exports.find((entry) => entry.name === name);
  const type = row && module.types[module.functions[row.index] ?? -1];
  if (type?.kind !== 'func') throw new Error(`no function type for the export ${name}`);
  return type;
}
