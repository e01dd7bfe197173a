/** Says why the machine cannot run a module; null where it can. */

import { hostValidate } from '../host.ts';
import { isReference } from '../wasm/hierarchy.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opByName } from '../wasm/opcodes.ts';
import type { ValType } from '../wasm/row.ts';
import { scan } from '../wasm/scan.ts';
import { isCovered } from './coverage.ts';

/** Values that live in machine memory; references live in side tables. */
const NUMBERS = new Set<ValType>(['i32', 'i64', 'f32', 'f64', 'v128']);

/** Two memories and a tail call, which all that the machine generates is made of. */
const NEEDED = Uint8Array.from(
  [
    [0, 97, 115, 109, 1, 0, 0, 0],
    [1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
    [5, 5, 2, 0, 0, 0, 0],
    [10, 6, 1, 4, 0, 18, 0, 11],
  ].flat(),
);

/** `validate` says what the host's engine can do. */
export function unsupported(module: WasmModule, validate = hostValidate): string | null {
  if (!validate(NEEDED)) return `the machine needs Node 26 or newer, and this is Node ${process.versions.node}`;
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
