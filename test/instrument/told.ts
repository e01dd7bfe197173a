/** Exports whose functions tell of errors that come out of them: how an embedder keeps counts exact where it swallows traps. */
type Func = (...args: unknown[]) => unknown;

export function told(exports: WebAssembly.Exports, tell: (error: unknown) => void): WebAssembly.Exports {
  const telling =
    (f: Func): Func =>
    (...args) => {
      try {
        return f(...args);
      } catch (error) {
        tell(error);
        throw error;
      }
    };
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === 'function' ? telling(value as Func) : value,
    ]),
  ) as WebAssembly.Exports;
}
