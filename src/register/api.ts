/**
 * Puts Wynamo in the place of the functions in `WebAssembly` that compile and instantiate. They are proxies of the host's
 * functions: what they are called, their properties, results and errors are the host's. Modules are the host's own objects
 * for the program's own bytes; instances are genuine ones of the machine's module.
 */
import { readCompileOptions } from '../guest/compile-imports.ts';
import { copyOf, remember } from '../guest/known.ts';
import { HostInstance, HostModule, held, hostCompile, hostCompileStreaming, renamed } from '../host.ts';
import { printLikeHost, wrap } from '../wrap.ts';
import { callerFile, isNode } from './caller.ts';
import type { Guests } from './guests.ts';

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Replaces the API in this realm. Modules that Node itself compiles are left alone. */
export function install(guests: Guests): void {
  printLikeHost();
  /** Instantiates for a function of another name. */
  const instantiate = (module: WebAssembly.Module, imports: unknown, name: string): WebAssembly.Instance => {
    try {
      return guests.instantiate(module, imports as WebAssembly.Imports | undefined);
    } catch (error) {
      throw renamed(error, 'WebAssembly.Instance', name);
    }
  };

  const Module = wrap(WebAssembly, 'Module', {
    construct(target, args, newTarget) {
      const origin = callerFile();
      const bytes = isNode(origin) ? null : copyOf(args[0]);
      if (!bytes) return Reflect.construct(target, args, newTarget) as object;
      const module = Reflect.construct(target, [bytes, ...args.slice(1)], newTarget) as WebAssembly.Module;
      return remember(module, { bytes, origin, compile: readCompileOptions(args[1]) });
    },
  });

  const Instance = wrap(WebAssembly, 'Instance', {
    construct(target, args, newTarget) {
      const [module, imports] = args as [unknown, unknown];
      if (!(module instanceof HostModule) || (imports !== undefined && !isObject(imports)) || isNode(callerFile()))
        return Reflect.construct(target, args, newTarget) as object;
      const instance = guests.instantiate(module, imports as WebAssembly.Imports | undefined);
      const { prototype } = newTarget as { prototype: object };
      if (prototype !== HostInstance.prototype) Object.setPrototypeOf(instance, prototype);
      return instance;
    },
  });

  // The constructors that modules and instances name are the ones that programs see.
  Object.defineProperty(HostModule.prototype, 'constructor', { value: Module });
  Object.defineProperty(HostInstance.prototype, 'constructor', { value: Instance });

  wrap(WebAssembly, 'compile', {
    apply(target, self, args) {
      const origin = callerFile();
      const bytes = isNode(origin) ? null : copyOf(args[0]);
      const given = bytes ? [bytes, ...args.slice(1)] : args;
      const compiled = held(Reflect.apply(target, self, given) as Promise<WebAssembly.Module>);
      return bytes
        ? compiled.then((module) => remember(module, { bytes, origin, compile: readCompileOptions(args[1]) }))
        : compiled;
    },
  });

  wrap(WebAssembly, 'instantiate', {
    apply(target, self, args) {
      const [source, imports, options] = args;
      const origin = callerFile();
      if (isNode(origin) || (imports !== undefined && !isObject(imports)))
        return Reflect.apply(target, self, args) as unknown;
      if (source instanceof HostModule)
        return new Promise((resolve) => resolve(instantiate(source, imports, 'WebAssembly.instantiate')));
      const bytes = copyOf(source);
      if (!bytes) return Reflect.apply(target, self, args) as unknown;
      return held(hostCompile(bytes, options)).then(
        (module) => {
          remember(module, { bytes, origin, compile: readCompileOptions(options) });
          return { module, instance: instantiate(module, imports, 'WebAssembly.instantiate') };
        },
        (error: unknown) => {
          throw renamed(error, 'WebAssembly.compile', 'WebAssembly.instantiate');
        },
      );
    },
  });

  /** Compiles a response with the host's own checks, and keeps its bytes. */
  const stream = async (source: unknown, options: unknown, origin: string): Promise<WebAssembly.Module> => {
    const response = await source;
    const copy = response instanceof Response && !response.bodyUsed ? response.clone() : null;
    const [module, body] = await Promise.all([
      held(hostCompileStreaming(response as Response, options)),
      copy?.arrayBuffer().catch(() => undefined),
    ]);
    return body
      ? remember(module, { bytes: new Uint8Array(body), origin, compile: readCompileOptions(options) })
      : module;
  };

  wrap(WebAssembly, 'compileStreaming', {
    apply(target, self, args) {
      const origin = callerFile();
      return isNode(origin) ? (Reflect.apply(target, self, args) as unknown) : stream(args[0], args[1], origin);
    },
  });

  wrap(WebAssembly, 'instantiateStreaming', {
    apply(target, self, args) {
      const [source, imports, options] = args;
      const origin = callerFile();
      if (isNode(origin) || (imports !== undefined && !isObject(imports)))
        return Reflect.apply(target, self, args) as unknown;
      return stream(source, options, origin).then(
        (module) => ({ module, instance: instantiate(module, imports, 'WebAssembly.instantiate') }),
        (error: unknown) => {
          throw renamed(error, 'WebAssembly.compileStreaming', 'WebAssembly.instantiateStreaming');
        },
      );
    },
  });
}
