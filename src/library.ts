/**
 * The host's API once more, with the machine below it. `import * as W from 'wynamo'` can stand where a program has
 * `WebAssembly`: same functions, arguments and errors, genuine modules and instances. Everywhere one more argument gives
 * options of the machine:
 *
 *     const module = await W.compile(bytes);
 *     const instance = new W.Instance(module, imports, { hotLoop: 50 });
 *     W.machineOf(instance)?.stats().instructions.coverage;   // share of guest instructions executed in fragments, 0..1
 */
import { UserError } from './errors.ts';
import { type CompileOptions, readCompileOptions } from './guest/compile-imports.ts';
import { instantiateGuest } from './guest/foreign.ts';
import { copyOf, lookUp, remember } from './guest/known.ts';
import {
  HostInstance,
  HostModule,
  held,
  hostCompile,
  hostCompileStreaming,
  hostInstantiate,
  hostValidate,
  renamed,
} from './host.ts';
import { type GuestMachine, openMachine } from './machine/open.ts';
import { type Options, resolveOptions } from './options.ts';

export interface Instantiated {
  /** A genuine instance; its exports are the guest's. */
  instance: WebAssembly.Instance;
  module: WebAssembly.Module;
  machine: GuestMachine;
}

const machines = new WeakMap<object, GuestMachine>();

/** The machine below an instance; undefined for instances that it does not run. */
export const machineOf = (instance: WebAssembly.Instance): GuestMachine | undefined => machines.get(instance);

/**
 * A module of the host that remembers its bytes, which an instance under the machine is made from. `options` are the host's
 * (`builtins`, `importedStringConstants`). Throws the host's CompileError and TypeError.
 */
export const Module = new Proxy(HostModule, {
  construct(target, [source, options], newTarget) {
    const bytes = copyOf(source);
    const module = Reflect.construct(target, [bytes ?? source, options], newTarget) as WebAssembly.Module;
    return bytes ? remember(module, { bytes, origin: '', compile: readCompileOptions(options) }) : module;
  },
});

/**
 * A genuine instance under the machine. Throws the host's LinkError and TypeError, what the start function throws, and a
 * UserError for wrong options and for modules of which nobody knows the bytes (`new WebAssembly.Module` gives such ones).
 */
export const Instance = new Proxy(HostInstance, {
  construct(_, [module, imports, options], newTarget) {
    const { instance } = open(module, imports, options as Partial<Options> | undefined);
    const { prototype } = newTarget as { prototype: object };
    return prototype === HostInstance.prototype ? instance : (Object.setPrototypeOf(instance, prototype) as object);
  },
}) as unknown as {
  new (module: WebAssembly.Module, imports?: WebAssembly.Imports, options?: Partial<Options>): WebAssembly.Instance;
  readonly prototype: WebAssembly.Instance;
};

function open(module: unknown, imports: unknown, options: Partial<Options> | undefined): Instantiated {
  const resolved = resolveOptions(options);
  // What is no module, or no object with imports, is for the host to complain about.
  const wrong = !(module instanceof HostModule) || (imports !== undefined && Object(imports) !== imports);
  if (wrong) instantiateGuest(module as WebAssembly.Module, imports as WebAssembly.Imports);
  const known = lookUp(module as WebAssembly.Module);
  if (!known)
    throw new UserError('the bytes of this module are not known: compile it with Module or compile of wynamo');
  const opened = openMachine(
    known.bytes,
    imports as WebAssembly.Imports,
    resolved,
    module as WebAssembly.Module,
    known.compile,
  );
  machines.set(opened.instance, opened.machine);
  return opened;
}

/** True where the host would compile the bytes; it is the host that says so. */
export const validate = (source: BufferSource, options: unknown = undefined): boolean => hostValidate(source, options);

/** Compiles in the background, as the host does. */
export async function compile(source: BufferSource, options: unknown = undefined): Promise<WebAssembly.Module> {
  const bytes = copyOf(source);
  const module = await held(hostCompile(bytes ?? source, options));
  return bytes ? remember(module, { bytes, origin: '', compile: readCompileOptions(options) }) : module;
}

/** Instantiates at once, without a promise. */
export function instantiateSync(
  source: BufferSource,
  imports?: WebAssembly.Imports,
  options: Partial<Options> & CompileOptions = {},
): Instantiated {
  const { builtins, importedStringConstants, ...own } = options;
  return open(new Module(source, { builtins, importedStringConstants }), imports, own);
}

/**
 * As `WebAssembly.instantiate`: bytes give module and instance, here with the machine beside them; a module an instance.
 * Only the promise is asynchronous: what the machine makes of a module is compiled at once.
 */
export function instantiate(
  source: BufferSource,
  imports?: WebAssembly.Imports,
  options?: Partial<Options> & CompileOptions,
): Promise<Instantiated>;
export function instantiate(
  source: WebAssembly.Module,
  imports?: WebAssembly.Imports,
  options?: Partial<Options> & CompileOptions,
): Promise<WebAssembly.Instance>;
export async function instantiate(
  source: BufferSource | WebAssembly.Module,
  imports: WebAssembly.Imports | undefined = undefined,
  options: Partial<Options> & CompileOptions = {},
): Promise<Instantiated | WebAssembly.Instance> {
  try {
    if (source instanceof HostModule) {
      // As for the host, options of compilation say nothing about a module that is compiled.
      const { builtins: _, importedStringConstants: __, ...own } = options;
      return open(source, imports, own).instance;
    }
    const bytes = copyOf(source);
    if (!bytes) return (await hostInstantiate(source, imports)) as never;
    // The host, too, reads the imports only when it has compiled the module.
    await undefined;
    return instantiateSync(bytes, imports, options);
  } catch (error) {
    for (const name of ['Module', 'Instance']) renamed(error, `WebAssembly.${name}`, 'WebAssembly.instantiate');
    throw error;
  }
}

/** Compiles a Response, or a promise of one, with the host's own checks. */
export async function compileStreaming(
  source: Response | PromiseLike<Response>,
  options: unknown = undefined,
): Promise<WebAssembly.Module> {
  const response = await source;
  const copy = response instanceof Response && !response.bodyUsed ? response.clone() : null;
  const [module, body] = await Promise.all([
    held(hostCompileStreaming(response, options)),
    copy?.arrayBuffer().catch(() => undefined),
  ]);
  return body
    ? remember(module, { bytes: new Uint8Array(body), origin: '', compile: readCompileOptions(options) })
    : module;
}

/** Compiles a Response, or a promise of one, and instantiates. */
export async function instantiateStreaming(
  source: Response | PromiseLike<Response>,
  imports: WebAssembly.Imports | undefined = undefined,
  options: Partial<Options> & CompileOptions = {},
): Promise<Instantiated> {
  const { builtins, importedStringConstants, ...own } = options;
  const module = await compileStreaming(source, { builtins, importedStringConstants }).catch((error: unknown) => {
    throw renamed(error, 'WebAssembly.compileStreaming', 'WebAssembly.instantiateStreaming');
  });
  try {
    return open(module, imports, own);
  } catch (error) {
    throw renamed(error, 'WebAssembly.Instance', 'WebAssembly.instantiate');
  }
}
