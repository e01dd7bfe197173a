/** The name section and other custom sections, read on demand. */
import type { WasmModule } from './module.ts';
import { Reader } from './reader.ts';

/** Where the names of one module are: a section may have thousands, of which a run needs few. */
interface Names {
  readonly section: Uint8Array;
  module: string | null;
  /** Where in the section the names of functions and of their locals are, by index. */
  readonly functions: Map<number, number>;
  readonly locals: Map<number, Map<number, number>>;
  /** Where locals begin that were not read yet; -1: nowhere. */
  unread: number;
}

const cache = new WeakMap<WasmModule, Names>();

function names(module: WasmModule): Names {
  let known = cache.get(module);
  if (!known) {
    const [section = new Uint8Array()] = customSections(module, 'name');
    known = { section, module: null, functions: new Map(), locals: new Map(), unread: -1 };
    const into = known;
    asFarAsItGoes(() => readNames(into));
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

function readNames(into: Names): void {
  const r = new Reader(into.section);
  while (!r.done) {
    const id = r.u8();
    const stop = r.u32() + r.pos;
    if (id === 0) into.module = r.name();
    if (id === 1) readMap(r, into.functions);
    if (id === 2) into.unread = r.pos;
    r.pos = stop;
  }
}

/** Index and place of each name of a map. */
function readMap(r: Reader, into: Map<number, number>): void {
  for (let n = r.u32(); n > 0; n--) {
    const index = r.u32();
    const at = r.pos;
    r.slice(r.u32());
    into.set(index, at);
  }
}

function readLocals(into: Names): void {
  const r = new Reader(into.section, into.unread);
  into.unread = -1;
  for (let n = r.u32(); n > 0; n--) {
    const map = new Map<number, number>();
    into.locals.set(r.u32(), map);
    readMap(r, map);
  }
}

const nameAt = ({ section }: Names, at: number) => new Reader(section, at).name();

/** Name of the module itself, if the name section gives one. */
export function moduleName(module: WasmModule): string | null {
  return names(module).module;
}

/** Name from the name section, or the first name under which the function is exported; null without either. */
export function functionName(module: WasmModule, index: number): string | null {
  return writtenName(module, index) ?? module.exports.find((e) => e.kind === 'func' && e.index === index)?.name ?? null;
}

/** The function's name for people: `f12` where it has none. */
export function shownName(module: WasmModule, index: number): string {
  return functionName(module, index) ?? `f${index}`;
}

/** The name that the name section gives, which is all that the host's stacks show. */
export function writtenName(module: WasmModule, index: number): string | null {
  const all = names(module);
  const own = all.functions.get(index);
  return own === undefined ? null : nameAt(all, own);
}

export function localName(module: WasmModule, func: number, local: number): string | null {
  const all = names(module);
  if (all.unread >= 0) asFarAsItGoes(() => readLocals(all));
  const at = all.locals.get(func)?.get(local);
  return at === undefined ? null : nameAt(all, at);
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
