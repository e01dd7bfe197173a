/** Puts machine code into the statistics of fragments. */
import type { FragmentStats } from '../profile/schema.ts';
import { compareCode } from './compare.ts';

/**
 * Fills in `code.asm` of these fragments, whose run has kept their code. `guest`: the module that ran; `emitted`: a
 * fragment's module. Throws a UserError where the engine prints no machine code.
 */
export function addMachineCode(
  rows: readonly FragmentStats[],
  guest: Uint8Array,
  emitted: (id: number) => Uint8Array | null,
): void {
  const wanted = rows.flatMap((row) => {
    const wasm = emitted(row.id);
    return wasm && row.code ? [{ id: row.id, wasm, wat: row.code.wat, offset: row.offset }] : [];
  });
  if (wanted.length === 0) return;
  const found = compareCode(guest, wanted);
  for (const row of rows) {
    const asm = found.get(row.id);
    if (asm && row.code) row.code.asm = asm;
  }
}
