/**
 * Sees what the host reads from an import object. The host reads each import exactly once, in the order of the module's
 * import section, and reports what is missing in its own words; so instead of reading first and handing copies over,
 * the host is given a view of the object that passes every reading on.
 *
 *     new WebAssembly.Instance(module, observeImports(imports, (value) => values.push(value)));
 */

/** Called for each import that the host reads, in order. */
export type ImportObserver = (value: unknown, module: string, name: string) => void;

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A view whose target is empty, so that frozen objects and getters behave as if they were read directly. */
function view(source: object, read: (value: unknown, key: string) => unknown): Record<string, unknown> {
  return new Proxy(Object.create(null) as Record<string, unknown>, {
    get: (_, key) => read(Reflect.get(source, key) as unknown, String(key)),
  });
}

/** The same imports for the host, observed. What is no object is passed on for the host to complain about. */
export function observeImports<T>(imports: T, observe: ImportObserver): T {
  return mapImports(imports, (value, module, name) => {
    observe(value, module, name);
    return value;
  });
}

/** The same imports for the host, each as `map` gives it. */
export function mapImports<T>(imports: T, map: (value: unknown, module: string, name: string) => unknown): T {
  if (!isObject(imports)) return imports;
  return view(imports, (part, module) =>
    isObject(part) ? view(part, (value, name) => map(value, module, name)) : part,
  ) as T;
}

/** Gives the host values in the order in which it reads imports, whatever it calls them. */
export function replayImports(values: readonly unknown[]): WebAssembly.Imports {
  let next = 0;
  const empty = Object.create(null) as object;
  return view(empty, () => view(empty, () => values[next++])) as WebAssembly.Imports;
}
