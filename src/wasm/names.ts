/** The name section and other custom sections, read on demand. */
import type { WasmModule } from './module.ts';
import { Reader } from './reader.ts';

interface Names {
  module: string | null;
  functions: Map<number, string>;
  locals: Map<number, Map<number, string>>;
}

const cache = new WeakMap<WasmModule, Names>();

function names(module: WasmModule): Names {
  let known = cache.get(module);
  if (!known) {
    known = { module: null, functions: new Map(), locals: new Map() };
    const into = known;
    const [section] = customSections(module, 'name');
    if (section) asFarAsItGoes(() => readNames(new Reader(section), into));
    cache.set(module, known);
  }
  return known;
}

/** Custom sections may be broken without the module being so: what was read until then counts. */
function asFarAsItGoes(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

function readNames(r: Reader, into: Names): void {
  while (!r.done) {
    const id = r.u8();
    const stop = r.u32() + r.pos;
    if (id === 0) into.module = r.name();
    if (id === 1) for (let n = r.u32(); n > 0; n--) into.functions.set(r.u32(), r.name());
    if (id === 2) {
      for (let n = r.u32(); n > 0; n--) {
        const map = new Map<number, string>();
        into.locals.set(r.u32(), map);
        for (let k = r.u32(); k > 0; k--) map.set(r.u32(), r.name());
      }
    }
    r.pos = stop;
  }
}

/** Name of the module itself, if the name section gives one. */
export function moduleName(module: WasmModule): string | null {
  return names(module).module;
}

/** Name from the name section, or the first name under which the function is exported; null without either. */
export function functionName(module: WasmModule, index: number): string | null {
  const own = names(module).functions.get(index);
  if (own !== undefined) return own;
  return module.exports.find((e) => e.kind === 'func' && e.index === index)?.name ?? null;
}

export function localName(module: WasmModule, func: number, local: number): string | null {
  return names(module).locals.get(func)?.get(local) ?? null;
}

/** Contents of the custom sections of that name. */
export function customSections(module: WasmModule, name: string): Uint8Array[] {
  return module.sections.filter((s) => s.name === name).map((s) => module.bytes.subarray(s.start, s.end));
}

/** True where the module has DWARF line tables. */
export function hasDwarf(module: WasmModule): boolean {
  return module.sections.some((s) => s.name === '.debug_line');
}

/** URL of the module's source map, if it names one. */
export function sourceMapUrl(module: WasmModule): string | null {
  const [section] = customSections(module, 'sourceMappingURL');
  let url: string | null = null;
  if (section) asFarAsItGoes(() => (url = new Reader(section).name()));
  return url;
}
