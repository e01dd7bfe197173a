/**
 * Imports that the host provides when it compiles a module: string builtins and string constants. The import object has
 * nothing for them. The interpreter and fragments call such functions, too, so a small module imports each and exports it.
 */
import { HostModule } from '../host.ts';
import { ModuleBuilder } from '../wasm/builder.ts';
import type { WasmModule } from '../wasm/module.ts';
import { instantiateOwn } from './foreign.ts';

/** The host's own options of `new WebAssembly.Module(bytes, options)`. */
export interface CompileOptions {
  readonly builtins?: readonly string[];
  readonly importedStringConstants?: string | null;
}

/** The options as the host would read them now; null where they ask for nothing. */
export function readCompileOptions(options: unknown): CompileOptions | null {
  if ((typeof options !== 'object' || options === null) && typeof options !== 'function') return null;
  const { builtins, importedStringConstants } = options as CompileOptions;
  if (builtins === undefined && importedStringConstants == null) return null;
  return {
    ...(builtins === undefined ? {} : { builtins: [...builtins] }),
    ...(importedStringConstants == null ? {} : { importedStringConstants: String(importedStringConstants) }),
  };
}

/** By position in the module's imports: true where the host provides the import itself. */
export function providedImports(module: WasmModule, compiled: WebAssembly.Module): boolean[] {
  const asked = HostModule.imports(compiled);
  let next = 0;
  return module.imports.map((i) => {
    const given = asked[next]?.module === i.module && asked[next]?.name === i.name;
    if (given) next++;
    return !given;
  });
}

/** Functions of the host by function index, as exports of a module that imports them. */
export function providedFunctions(
  module: WasmModule,
  provided: readonly boolean[],
  options: CompileOptions,
): Map<number, unknown> {
  const found = module.imports.filter((i, at) => provided[at] && i.kind === 'func');
  if (found.length === 0) return new Map();
  const b = new ModuleBuilder();
  b.copyTypes(module);
  for (const { module: from, name, index } of found) {
    b.export(String(index), 'func', b.importFunc(from, name, module.functions[index] as number));
  }
  const { exports } = instantiateOwn(new HostModule(b.finish(), options));
  return new Map(found.map(({ index }) => [index, exports[String(index)]]));
}
