/**
 * How an app gets its instances: a function like `WebAssembly.instantiate`, so that the same app runs natively and under
 * the machine. The packages call the global API themselves, so it is replaced around their set-up.
 */

export type Bytes = ArrayBuffer | Uint8Array;

export type Instantiate = (
  source: Bytes | WebAssembly.Module,
  imports?: WebAssembly.Imports,
) => Promise<{ instance: WebAssembly.Instance }>;

/** The host's own, always with `{ module, instance }` as its result. */
export const nativeInstantiate: Instantiate = async (source, imports) => {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
  return { instance: new WebAssembly.Instance(module, imports) };
};

/** For the whole process: packages keep compiled modules for their next instance. */
const bytesOf = new WeakMap<WebAssembly.Module, Bytes>();

/**
 * Runs `body` with `WebAssembly.compile` and `WebAssembly.instantiate` replaced: what the package compiles is remembered
 * by its bytes (a module object does not give them back) and instantiated by `instantiate`.
 */
export async function withInstantiate<T>(instantiate: Instantiate, body: () => Promise<T>): Promise<T> {
  const api = WebAssembly as unknown as Record<'compile' | 'instantiate', unknown>;
  const { compile, instantiate: original } = api;
  api.compile = async (bytes: Bytes) => {
    const module = new WebAssembly.Module(bytes);
    bytesOf.set(module, bytes);
    return module;
  };
  api.instantiate = async (source: Bytes | WebAssembly.Module, imports?: WebAssembly.Imports) => {
    if (!(source instanceof WebAssembly.Module)) {
      return { module: new WebAssembly.Module(source), ...(await instantiate(source, imports)) };
    }
    return (await instantiate(bytesOf.get(source) ?? source, imports)).instance;
  };
  try {
    return await body();
  } finally {
    api.compile = compile;
    api.instantiate = original;
  }
}
