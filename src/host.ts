/**
 * The host's own API, as it was when the machine was loaded. The machine compiles its modules with these functions;
 * what programs find in `WebAssembly` may be Wynamo's own by then (see `register/`).
 */
export const {
  Module: HostModule,
  Instance: HostInstance,
  validate: hostValidate,
  compile: hostCompile,
  compileStreaming: hostCompileStreaming,
  instantiate: hostInstantiate,
} = WebAssembly;

/** The host names the function that was called; inside, another one may have been. */
export function renamed(error: unknown, from: string, to: string): unknown {
  if (error instanceof Error && error.message.startsWith(`${from}()`))
    error.message = to + error.message.slice(from.length);
  return error;
}

/**
 * Keeps the process alive until the promise is settled. The host lets a process end while it compiles a module that carries
 * compilation hints, which it does not read without the flag that the machine needs.
 */
export function held<T>(promise: Promise<T>): Promise<T> {
  const hold = setInterval(() => {}, 2 ** 30);
  const release = () => clearInterval(hold);
  promise.then(release, release);
  return promise;
}
