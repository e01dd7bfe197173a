/** Canonical numbers of function types: equal for types with the same structure. */
import type { WasmModule } from '../wasm/module.ts';

/** By type index. Types that are not function types get a number of their own. */
export function canonicalTypes(module: WasmModule): number[] {
  const ids = new Map<string, number>();
  return module.types.map((type, i) => {
    const key = type.kind === 'func' && type.plain ? `${type.params.join(' ')} -> ${type.results.join(' ')}` : `#${i}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = ids.size + 1;
    ids.set(key, id);
    return id;
  });
}
