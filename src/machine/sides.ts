/**
 * Side tables: where the references in guest frames live, one Wasm table for each hierarchy that the guest uses, at
 * index address / 8. The host's own API cannot make a table of exception references, so a small module makes them all.
 */

import { instantiateOwn } from '../guest/foreign.ts';
import { HostModule } from '../host.ts';
import { ModuleBuilder } from '../wasm/builder.ts';
import { isReference, TOP_TYPES, topOfHeap, topType } from '../wasm/hierarchy.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opByName } from '../wasm/opcodes.ts';
import type { ValType } from '../wasm/row.ts';
import { scan } from '../wasm/scan.ts';
import { SLOT } from './layout.ts';
import { BEYOND } from './memory.ts';

/** Hierarchies of references that a module can have in its frames. A table of functions alone puts none there. */
export function usedSides(module: WasmModule): ValType[] {
  const { types } = module;
  // A side table is as long as the frame stack, and takes long to make.
  if (!touchesReferences(module)) return [];
  const used = new Set<ValType>();
  const add = (list: Iterable<ValType>) => {
    for (const t of list) used.add(topType(types, t));
  };
  for (const t of types) {
    if (t.kind === 'func') add([...t.params, ...t.results]);
    else {
      add(['anyref']);
      for (const f of t.fields) if (f.type !== 'i8' && f.type !== 'i16') add([f.type as ValType]);
    }
  }
  add(module.globals.map((g) => g.type));
  add(module.tables.map((t) => t.type));
  const code = scan(module);
  add(code.localTypes);
  for (const heap of code.nullHeaps) used.add(topOfHeap(types, heap) as ValType);
  if (code.refFuncs.size + code.refCalls.size > 0) used.add('funcref');
  for (const name of code.ops) {
    if (opByName(name).since === 'gc') used.add('anyref');
    if (name === 'any.convert_extern' || name === 'extern.convert_any') used.add('externref');
    // Clauses can put the exception itself on the stack, whatever types the module names.
    if (name === 'try_table' || name === 'throw_ref' || name === 'try') used.add('exnref');
  }
  return TOP_TYPES.filter((t) => used.has(t));
}

const holds = new WeakMap<WasmModule, boolean>();

/** True where an instruction, also one that cannot be reached, has operands or results that are references. */
function touchesReferences(module: WasmModule): boolean {
  if (framesHoldReferences(module) || module.globals.some((g) => isReference(g.type))) return true;
  return [...scan(module).ops].some((name) => TOUCHES.test(name));
}

/** Instructions for references, alone or among others; `call_indirect` keeps the one it takes out of its table. */
const TOUCHES =
  /^(table|ref|struct|array|any|extern|i31|br_on)[._]|call_ref$|^(try|throw|rethrow|catch|delegate|select_t)/;

/** True where references come into frames, not only into tables and globals. Asked for each loop that is emitted. */
export function framesHoldReferences(module: WasmModule): boolean {
  let known = holds.get(module);
  if (known === undefined) {
    known = lookForReferences(module);
    holds.set(module, known);
  }
  return known;
}

function lookForReferences(module: WasmModule): boolean {
  const { localTypes, ops, refFuncs } = scan(module);
  const inTypes = module.types.some((t) => t.kind === 'func' && [...t.params, ...t.results].some(isReference));
  return inTypes || refFuncs.size > 0 || [...localTypes].some(isReference) || [...ops].some((name) => LOADS.test(name));
}

/** Instructions that put references on the stack, whatever the types in the module are. */
const LOADS = /^(table\.get|ref\..*|struct\..*|array\..*|any\..*|try|try_table)$/;

/** Tables for a frame stack that ends at `limit` (bytes). */
export function createSides(types: readonly ValType[], limit: number): Map<ValType, WebAssembly.Table> {
  const min = Math.ceil((limit + BEYOND) / SLOT);
  const b = new ModuleBuilder();
  for (const type of types) b.export(type, 'table', b.table({ type, min }));
  const { exports } = instantiateOwn(new HostModule(b.finish()));
  return new Map(types.map((type) => [type, exports[type] as WebAssembly.Table]));
}
