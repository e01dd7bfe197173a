/** Which opcodes the machine covers; a module with any other runs natively, with a warning. */
import type { OpRow } from '../wasm/row.ts';
import { isTranslated } from './translate/visit.ts';

export function isCovered(row: OpRow): boolean {
  return isTranslated(row);
}
