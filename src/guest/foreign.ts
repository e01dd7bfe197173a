/**
 * Notices writers of a table that the machine cannot see otherwise: JavaScript through `Table.prototype`, and other
 * instances to which the table is given as an import. Tables that nobody watches cost one lookup.
 *
 * The host's API is wrapped when the first table is watched. Wrappers are proxies of the host's functions, so their
 * names, lengths, results and errors are the host's. Not seen are writers in another realm (`node:vm`), and functions of
 * the API that a program put aside before the first table was watched.
 */
import { HostInstance } from '../host.ts';
import { wrap } from '../wrap.ts';
import { observeImports } from './imports.ts';

export interface TableWatcher {
  /** The element was written; null when the program gave the index as an object, whose number is not asked twice. */
  onWrite(index: number | null): void;
  onGrow(): void;
  /** The table was given to another instance; from now on it may change at any time. */
  onForeign(): void;
}

const watchers = new WeakMap<object, TableWatcher>();
let patched = false;

export function watchTable(table: WebAssembly.Table, watcher: TableWatcher): void {
  watchers.set(table, watcher);
  if (!patched) patch();
  patched = true;
}

/** Instantiates a module of the machine itself, unobserved. Throws what the host throws. */
export function instantiateOwn(module: WebAssembly.Module, imports?: WebAssembly.Imports): WebAssembly.Instance {
  return new HostInstance(module, imports);
}

/** Instantiates a guest: what it imports may have watchers. Throws what the host throws. */
export function instantiateGuest(module: WebAssembly.Module, imports: WebAssembly.Imports | undefined) {
  return new HostInstance(module, patched ? (observed(imports) as WebAssembly.Imports) : imports);
}

function patch(): void {
  const table = WebAssembly.Table.prototype;
  wrap(table, 'set', {
    apply(target, self, args) {
      const result = Reflect.apply(target, self, args) as unknown;
      watchers.get(self as object)?.onWrite(isObject(args[0]) ? null : Number(args[0]));
      return result;
    },
  });
  wrap(table, 'grow', {
    apply(target, self, args) {
      const result = Reflect.apply(target, self, args) as unknown;
      watchers.get(self as object)?.onGrow();
      return result;
    },
  });
  const construct = wrap(WebAssembly, 'Instance', {
    construct: (target, [module, imports, ...rest], newTarget) =>
      Reflect.construct(target, [module, observed(imports), ...rest], newTarget) as object,
  });
  // The constructor that instances name stays the one that programs see.
  Object.defineProperty(HostInstance.prototype, 'constructor', { value: construct });
  for (const name of ['instantiate', 'instantiateStreaming']) {
    wrap(WebAssembly, name, {
      apply: (target, self, [source, imports, ...rest]) =>
        Reflect.apply(target, self, [source, observed(imports), ...rest]) as unknown,
    });
  }
}

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function observed(imports: unknown): unknown {
  return observeImports(imports, (value) => {
    if (isObject(value)) watchers.get(value as object)?.onForeign();
  });
}
