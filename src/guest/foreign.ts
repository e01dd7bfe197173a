/**
 * Notices writers of a table that the machine cannot see otherwise: JavaScript through `Table.prototype`, and other
 * instances to which the table is given as an import. Tables that nobody watches cost one lookup.
 */

export interface TableWatcher {
  onWrite(): void;
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

function patch(): void {
  const table = WebAssembly.Table.prototype;
  wrapMethod(table, 'set', (self) => watchers.get(self)?.onWrite());
  wrapMethod(table, 'grow', (self) => watchers.get(self)?.onGrow());
  const { Instance, instantiate } = WebAssembly;
  const proxy = new Proxy(Instance, {
    construct(target, args, newTarget) {
      noteImports(args[1]);
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
  // The constructor that instances name stays the one that programs see.
  Instance.prototype.constructor = proxy;
  Object.defineProperty(WebAssembly, 'Instance', { value: proxy, writable: true, configurable: true });
  Object.defineProperty(WebAssembly, 'instantiate', {
    value: new Proxy(instantiate, {
      apply(target, self, args) {
        noteImports(args[1]);
        return Reflect.apply(target, self, args) as unknown;
      },
    }),
    writable: true,
    configurable: true,
    enumerable: true,
  });
}

/** Replaces a method so that `after` runs when it has succeeded; name and length stay. */
function wrapMethod(proto: object, name: string, after: (self: object) => void): void {
  const original = (proto as Record<string, (...args: unknown[]) => unknown>)[name] as (...args: unknown[]) => unknown;
  const wrapped = new Proxy(original, {
    apply(target, self, args) {
      const result = Reflect.apply(target, self, args) as unknown;
      after(self as object);
      return result;
    },
  });
  Object.defineProperty(proto, name, { value: wrapped, writable: true, configurable: true, enumerable: true });
}

/** Looks for watched tables among imports. Getters are left alone: reading them twice would be observable. */
function noteImports(imports: unknown): void {
  if (typeof imports !== 'object' || imports === null) return;
  for (const part of ownValues(imports)) {
    if (typeof part !== 'object' || part === null) continue;
    for (const value of ownValues(part)) {
      if (typeof value === 'object' && value !== null) watchers.get(value)?.onForeign();
    }
  }
}

function* ownValues(object: object): Generator<unknown> {
  for (const d of Object.values(Object.getOwnPropertyDescriptors(object))) if ('value' in d) yield d.value;
}
