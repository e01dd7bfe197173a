/**
 * Which function of the guest a reference means. References to functions cannot be compared inside Wasm, so the
 * interpreter asks here. The name of an exported function is its index, which the guest's own table then confirms.
 */
import type { NamedHelper } from './helpers.ts';
import type { Guest } from './instance.ts';

/** Gives index + 1 of the guest's own function, 0 for null and for functions of anybody else. */
export function identifier({ functions, module }: Guest): (f: unknown) => number {
  const known = new WeakMap<object, number>();
  return (f) => {
    if (typeof f !== 'function' || !functions) return 0;
    let id = known.get(f);
    if (id === undefined) {
      const at = Number(f.name) - module.importedFunctions;
      const own = Number.isInteger(at) && at >= 0 && at < functions.length && functions.get(at) === f;
      id = own ? at + module.importedFunctions + 1 : 0;
      known.set(f, id);
    }
    return id;
  };
}

/**
 * Globals that hold functions of the guest, by index, made when asked for: so another module can name these functions.
 * Only functions that the guest itself takes references to can be asked for.
 */
export function functionGlobals(guest: Guest, helpers: readonly NamedHelper[]): Record<string, WebAssembly.Global> {
  const known = new Map<string, WebAssembly.Global>();
  return new Proxy({} as Record<string, WebAssembly.Global>, {
    get(_, func) {
      const name = String(func);
      let global = known.get(name);
      if (!global) {
        const take = guest.helpers[helpers.findIndex((h) => h.key === `ref.func:${name}`)] as () => unknown;
        global = new WebAssembly.Global({ value: 'anyfunc', mutable: false }, take());
        known.set(name, global);
      }
      return global;
    },
  });
}
