/**
 * Puts Wynamo in the place of the functions in `WebAssembly` that compile and instantiate. They are proxies of the host's
 * functions: what they are called, their properties, results and errors are the host's. Modules are the host's own objects
 * for the program's own bytes; instances are genuine ones of the machine's module.
 */
import { readCompileOptions } from '../guest/compile-imports.ts';
import { HostInstance, HostModule } from '../host.ts';
import { callerFile, isNode } from './caller.ts';
import type { Guests } from './guests.ts';
import { remember } from './known.ts';

type AnyFunction = (...args: unknown[]) => unknown;
type Handler = ProxyHandler<AnyFunction>;

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** A copy of what the host would compile; null for what it would not take. */
function bytesOf(source: unknown): Uint8Array<ArrayBuffer> | null {
  if (ArrayBuffer.isView(source))
    return Uint8Array.from(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  if (source instanceof ArrayBuffer || source instanceof SharedArrayBuffer)
    return Uint8Array.from(new Uint8Array(source));
  return null;
}

/** The host names the function that was called; inside, another one may have been. */
function renamed(error: unknown, from: string, to: string): unknown {
  if (error instanceof Error && error.message.startsWith(`${from}()`))
    error.message = to + error.message.slice(from.length);
  return error;
}

/** Replaces the API in this realm. Modules that Node itself compiles are left alone. */
export function install(guests: Guests): void {
  const host = {
    compile: WebAssembly.compile,
    compileStreaming: (WebAssembly as { compileStreaming?: unknown }).compileStreaming as AnyFunction | undefined,
  };

  const note = (module: WebAssembly.Module, bytes: Uint8Array, origin: string, options: unknown) => {
    remember(module, { bytes, origin, compile: readCompileOptions(options) });
    return module;
  };

  /** Instantiates for a function of another name. */
  const instantiate = (module: WebAssembly.Module, imports: unknown, name: string): WebAssembly.Instance => {
    try {
      return guests.instantiate(module, imports as WebAssembly.Imports | undefined);
    } catch (error) {
      throw renamed(error, 'WebAssembly.Instance', name);
    }
  };

  const Module = replace('Module', {
    construct(target, args, newTarget) {
      const origin = callerFile();
      const bytes = isNode(origin) ? null : bytesOf(args[0]);
      if (!bytes) return Reflect.construct(target, args, newTarget) as object;
      const module = Reflect.construct(target, [bytes, ...args.slice(1)], newTarget) as WebAssembly.Module;
      return note(module, bytes, origin, args[1]);
    },
  });

  const Instance = replace('Instance', {
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

  replace('compile', {
    apply(target, self, args) {
      const origin = callerFile();
      const bytes = isNode(origin) ? null : bytesOf(args[0]);
      const compiled = Reflect.apply(
        target,
        self,
        bytes ? [bytes, ...args.slice(1)] : args,
      ) as Promise<WebAssembly.Module>;
      return bytes ? compiled.then((module) => note(module, bytes, origin, args[1])) : compiled;
    },
  });

  replace('instantiate', {
    apply(target, self, args) {
      const [source, imports, options] = args;
      const origin = callerFile();
      if (isNode(origin) || (imports !== undefined && !isObject(imports)))
        return Reflect.apply(target, self, args) as unknown;
      if (source instanceof HostModule)
        return new Promise((resolve) => resolve(instantiate(source, imports, 'WebAssembly.instantiate')));
      const bytes = bytesOf(source);
      if (!bytes) return Reflect.apply(target, self, args) as unknown;
      return host.compile(bytes, options).then(
        (module) => {
          note(module, bytes, origin, options);
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
      host.compileStreaming?.(response, options) as Promise<WebAssembly.Module>,
      copy?.arrayBuffer().catch(() => undefined),
    ]);
    return body ? note(module, new Uint8Array(body), origin, options) : module;
  };

  replace('compileStreaming', {
    apply(target, self, args) {
      const origin = callerFile();
      return isNode(origin) ? (Reflect.apply(target, self, args) as unknown) : stream(args[0], args[1], origin);
    },
  });

  replace('instantiateStreaming', {
    apply(target, self, args) {
      const [source, imports, options] = args;
      const origin = callerFile();
      if (isNode(origin) || (imports !== undefined && !isObject(imports)))
        return Reflect.apply(target, self, args) as unknown;
      return stream(source, options, origin).then(
        (module) => ({ module, instance: instantiate(module, imports, 'WebAssembly.instantiateStreaming') }),
        (error: unknown) => {
          throw renamed(error, 'WebAssembly.compileStreaming', 'WebAssembly.instantiateStreaming');
        },
      );
    },
  });
}

/** Puts a proxy in the place of a function of `WebAssembly`; the property's attributes stay. */
function replace(name: string, handler: Handler): unknown {
  const before = Object.getOwnPropertyDescriptor(WebAssembly, name);
  if (!before) return undefined;
  const value = new Proxy(before.value as AnyFunction, handler);
  Object.defineProperty(WebAssembly, name, { ...before, value });
  return value;
}
