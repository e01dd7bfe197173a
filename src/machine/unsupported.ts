/** Says why the machine cannot run a module; null where it can. */

import { isReference } from '../wasm/hierarchy.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opByName } from '../wasm/opcodes.ts';
import type { ValType } from '../wasm/row.ts';
import { scan } from '../wasm/scan.ts';
import { isCovered } from './coverage.ts';

/** Values that live in machine memory; references live in side tables. */
const NUMBERS = new Set<ValType>(['i32', 'i64', 'f32', 'f64', 'v128']);

export function unsupported(module: WasmModule): string | null {
  const used = scan(module);
  for (const name of used.ops) {
    if (!isCovered(opByName(name))) return `its instruction ${name} has no interpreter arm yet`;
  }
  const types = new Set<ValType>(used.localTypes);
  for (const t of module.types) {
    if (t.kind === 'func') for (const v of [...t.params, ...t.results]) types.add(v);
  }
  for (const g of module.globals) types.add(g.type);
  for (const t of module.tables) types.add(t.type);
  for (const t of types) {
    if (!NUMBERS.has(t) && !isReference(t)) return `its value type ${t} is not covered yet`;
  }
  return null;
}
