/** Imports of a guest besides WASI: those of AssemblyScript's runtime, and those of a JavaScript module of the user. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../errors.ts';

type Factory = (module: WebAssembly.Module) => WebAssembly.Imports | Promise<WebAssembly.Imports>;

/** The default export of the module in `path` (called when it is a function), or no imports without a path. */
export async function userImports(path: string | undefined, module: WebAssembly.Module): Promise<WebAssembly.Imports> {
  if (path === undefined) return {};
  if (!existsSync(path)) throw new UserError(`--imports: ${path} does not exist`);
  let given: unknown;
  try {
    given = ((await import(pathToFileURL(resolve(path)).href)) as { default?: unknown }).default;
    if (typeof given === 'function') given = await (given as Factory)(module);
  } catch (error) {
    throw new UserError(
      `--imports: ${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (typeof given !== 'object' || given === null)
    throw new UserError(`--imports: ${path} has no import object as its default export`);
  return given as WebAssembly.Imports;
}

/** Function that throws what `f` throws, after noting it: such an error is the user's and no bug of the machine. */
const noting = (f: (...args: unknown[]) => unknown, thrown: Set<unknown>) =>
  function noted(this: unknown, ...args: unknown[]): unknown {
    try {
      return f.apply(this, args);
    } catch (error) {
      thrown.add(error);
      throw error;
    }
  };

/** `imports` with every JavaScript function wrapped so that what it throws is found in `thrown`. Wasm functions stay. */
export function noteErrors(imports: WebAssembly.Imports, thrown: Set<unknown>): WebAssembly.Imports {
  // The name of a Wasm function is its index.
  const plain = (value: unknown) => typeof value === 'function' && !/^\d+$/.test(value.name);
  return Object.fromEntries(
    Object.entries(imports).map(([name, space]) => [
      name,
      Object.fromEntries(
        Object.entries(space).map(([field, value]) => [
          field,
          plain(value) ? noting(value as (...args: unknown[]) => unknown, thrown) : value,
        ]),
      ),
    ]),
  );
}

/**
 * `env.abort` of AssemblyScript's runtime, where the module asks for it: throws an error with the guest's message and its
 * place in the source. `memory` gives the guest's memory once there is an instance.
 */
export function abortImport(module: WebAssembly.Module, memory: () => unknown): WebAssembly.Imports {
  const wanted = WebAssembly.Module.imports(module).some((row) => row.module === 'env' && row.name === 'abort');
  if (!wanted) return {};
  const text = (pointer: number): string => {
    const from = memory();
    if (!(from instanceof WebAssembly.Memory) || pointer < 4) return '';
    // A string object is UTF-16 with its byte length in the word before it.
    const bytes = new DataView(from.buffer).getUint32(pointer - 4, true);
    return new TextDecoder('utf-16le').decode(Uint8Array.from(new Uint8Array(from.buffer, pointer, bytes)));
  };
  const abort = (message: number, file: number, line: number, column: number) => {
    throw new Error(`abort: ${text(message) || 'no message'} at ${text(file) || '?'}:${line}:${column}`);
  };
  return { env: { abort } };
}

/** Several import objects as one; where two have the same import, the later one counts. */
export function mergeImports(...all: readonly WebAssembly.Imports[]): WebAssembly.Imports {
  const merged: WebAssembly.Imports = {};
  for (const imports of all)
    for (const [name, space] of Object.entries(imports)) merged[name] = { ...merged[name], ...space };
  return merged;
}

/** Throws a UserError that names the first import that `imports` lacks. */
export function checkImports(path: string, module: WebAssembly.Module, imports: WebAssembly.Imports): void {
  const missing = WebAssembly.Module.imports(module).filter((row) => imports[row.module]?.[row.name] === undefined);
  if (missing.length === 0) return;
  const { module: space, name, kind } = missing[0]!;
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  throw new UserError(
    `${path} imports the ${kind} ${space}.${name}${more}, which nobody provides; give --imports=FILE`,
  );
}
