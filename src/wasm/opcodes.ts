/** The one list of opcodes: all of WebAssembly 3.0, the legacy exception instructions and threads. */
import { ROWS } from './opcodes/rows.ts';
import type { OpRow } from './row.ts';

export const OPCODES: readonly OpRow[] = ROWS;

const byName = new Map(OPCODES.map((row) => [row.name, row]));
const byCode = new Map(OPCODES.map((row) => [row.code, row]));

/** Rows of one-byte opcodes by code, for decoders. */
export const ONE_BYTE: readonly (OpRow | undefined)[] = Array.from({ length: 256 }, (_, i) => byCode.get(i));

/** Throws a RangeError for a name that no opcode has. */
export function opByName(name: string): OpRow {
  const row = byName.get(name);
  if (!row) throw new RangeError(`no opcode is called ${name}`);
  return row;
}

/** The row of that name, if there is one. */
export function findOpcode(name: string): OpRow | undefined {
  return byName.get(name);
}

/** `code`: one byte, or prefix << 16 | sub-opcode. */
export function opByCode(code: number): OpRow | undefined {
  return byCode.get(code);
}
