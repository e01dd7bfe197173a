/**
 * Builds modules: the interpreter, fragments, the folder, test modules. Indices are final when they are handed out, so
 * all imports come before the first definition.
 */
import type { CodeWriter } from './code.ts';
import { SECTION } from './decode.ts';
import type { WasmModule } from './module.ts';
import type { ValType } from './row.ts';
import { writeValType } from './types.ts';
import { Writer } from './writer.ts';

type Kind = 'func' | 'table' | 'memory' | 'global' | 'tag';
const KINDS: readonly Kind[] = ['func', 'table', 'memory', 'global', 'tag'];

export interface MemoryType {
  min: number;
  max?: number;
  shared?: boolean;
  i64?: boolean;
}
export interface TableType {
  type: ValType;
  min: number;
  max?: number;
  i64?: boolean;
}
export interface GlobalType {
  type: ValType;
  mutable: boolean;
}

interface Body {
  type: number;
  locals: readonly ValType[];
  code: CodeWriter | null;
  name: string;
}

export class ModuleBuilder {
  private readonly types = new Writer();
  private typeGroups = 0;
  private typeCount = 0;
  private readonly known = new Map<string, number>();
  /** Types that were taken over with `copyTypes`. */
  private copied: ReadonlyMap<string, number> | null = null;
  private readonly imports: { write(w: Writer): void }[] = [];
  private readonly counts: Record<Kind, number> = { func: 0, table: 0, memory: 0, global: 0, tag: 0 };
  private importedFuncs = 0;
  private defined = false;
  private readonly funcs: Body[] = [];
  private readonly importNames: string[] = [];
  private readonly tables: TableType[] = [];
  private readonly memories: MemoryType[] = [];
  private readonly globals: { type: GlobalType; init: CodeWriter }[] = [];
  private readonly exports: { name: string; kind: Kind; index: number }[] = [];
  private readonly elements: { table: number; offset: number; funcs: readonly number[] }[] = [];
  private readonly declared = new Set<number>();
  private readonly customs: { name: string; bytes: Uint8Array }[] = [];
  private readonly hinted: number[] = [];
  private readonly frequent = new Map<number, readonly { offset: number; log2: number }[]>();

  /** Takes over all types of a guest, so that its type indices are valid here. First of all calls. */
  copyTypes(module: WasmModule): void {
    if (this.typeCount > 0) throw new Error('copyTypes comes first');
    this.types.raw(module.rawTypes.bytes);
    this.typeGroups = module.rawTypes.groups;
    this.typeCount = module.types.length;
    this.copied = typesByKey(module);
  }

  /** Index of a function type. */
  type(params: readonly ValType[], results: readonly ValType[]): number {
    const key = typeKey(params, results);
    const known = this.known.get(key) ?? this.copied?.get(key);
    if (known !== undefined) return known;
    this.types.u8(0x60).u32(params.length);
    for (const t of params) writeValType(this.types, t);
    this.types.u32(results.length);
    for (const t of results) writeValType(this.types, t);
    this.typeGroups++;
    this.known.set(key, this.typeCount);
    return this.typeCount++;
  }

  private import(kind: Kind, module: string, name: string, type: (w: Writer) => void): number {
    if (this.defined) throw new Error('imports come before definitions');
    this.imports.push({
      write(w) {
        w.name(module).name(name).u8(KINDS.indexOf(kind));
        type(w);
      },
    });
    return this.counts[kind]++;
  }

  importFunc(module: string, name: string, type: number): number {
    this.importedFuncs++;
    this.importNames.push(`${module}.${name}`);
    return this.import('func', module, name, (w) => w.u32(type));
  }

  importMemory(module: string, name: string, type: MemoryType): number {
    return this.import('memory', module, name, (w) => writeMemory(w, type));
  }

  importTable(module: string, name: string, type: TableType): number {
    return this.import('table', module, name, (w) => writeTable(w, type));
  }

  importGlobal(module: string, name: string, type: GlobalType): number {
    return this.import('global', module, name, (w) => writeGlobal(w, type));
  }

  importTag(module: string, name: string, type: number): number {
    return this.import('tag', module, name, (w) => w.u8(0).u32(type));
  }

  /** A function whose body follows by `define`. */
  declare(type: number, name = ''): number {
    this.defined = true;
    this.funcs.push({ type, locals: [], code: null, name });
    return this.counts.func++;
  }

  /** `code` is the body without its last `end`. */
  define(func: number, locals: readonly ValType[], code: CodeWriter): void {
    const body = this.funcs[func - this.importedFuncs];
    if (!body) throw new Error(`function ${func} was not declared`);
    body.locals = locals;
    body.code = code;
  }

  table(type: TableType): number {
    this.defined = true;
    this.tables.push(type);
    return this.counts.table++;
  }

  memory(type: MemoryType): number {
    this.defined = true;
    this.memories.push(type);
    return this.counts.memory++;
  }

  /** `init` is the constant expression without its `end`. */
  global(type: GlobalType, init: CodeWriter): number {
    this.defined = true;
    this.globals.push({ type, init });
    return this.counts.global++;
  }

  export(name: string, kind: Kind, index: number): void {
    this.exports.push({ name, kind, index });
  }

  /** Active segment of function indices. */
  elem(table: number, offset: number, funcs: readonly number[]): void {
    this.elements.push({ table, offset, funcs });
  }

  /** Makes functions available to `ref.func`. */
  declareFuncs(funcs: readonly number[]): void {
    for (const f of funcs) this.declared.add(f);
  }

  custom(name: string, bytes: Uint8Array): void {
    this.customs.push({ name, bytes });
  }

  /** Name of the module in stacks. */
  nameModule(name: string): void {
    this.moduleName = name;
  }

  /** Byte offset of each defined function's first instruction, by function index, once the module is finished. */
  readonly codeStarts = new Map<number, number>();
  private moduleName = '';

  /**
   * Asks V8 to compile the function with its optimizing compiler at once: custom section
   * `metadata.code.compilation_priority` (compilation hints proposal; `--experimental-wasm-compilation-hints`).
   */
  compileHint(func: number): void {
    this.hinted.push(func);
  }

  /**
   * Says how often instructions run for each call of the function: the base-2 logarithm, by byte offset in the code
   * (without the locals). Custom section `metadata.code.instr_freq` of the same proposal; V8 inlines calls by it.
   */
  frequencies(func: number, at: readonly { offset: number; log2: number }[]): void {
    this.frequent.set(func, at);
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Writer();
    out.raw(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    const section = (id: number, write: (w: Writer) => void) => {
      const w = new Writer();
      write(w);
      out.u8(id).sized(w);
    };
    const vector = <T>(id: number, items: readonly T[], write: (w: Writer, item: T) => void) => {
      if (items.length === 0) return;
      section(id, (w) => {
        w.u32(items.length);
        for (const item of items) write(w, item);
      });
    };
    if (this.typeGroups > 0) section(SECTION.type, (w) => w.u32(this.typeGroups).raw(this.types.view()));
    vector(SECTION.import, this.imports, (w, i) => i.write(w));
    vector(SECTION.function, this.funcs, (w, f) => w.u32(f.type));
    vector(SECTION.table, this.tables, writeTable);
    vector(SECTION.memory, this.memories, writeMemory);
    vector(SECTION.global, this.globals, (w, g) => {
      writeGlobal(w, g.type);
      w.raw(g.init.view()).u8(0x0b);
    });
    vector(SECTION.export, this.exports, (w, e) => w.name(e.name).u8(KINDS.indexOf(e.kind)).u32(e.index));
    const segments = [...this.elements];
    if (segments.length + this.declared.size > 0) {
      section(SECTION.element, (w) => {
        w.u32(segments.length + (this.declared.size > 0 ? 1 : 0));
        for (const e of segments) {
          w.u8(2).u32(e.table).u8(0x41).s32(e.offset).u8(0x0b).u8(0).u32(e.funcs.length);
          for (const f of e.funcs) w.u32(f);
        }
        if (this.declared.size > 0) {
          w.u8(3).u8(0).u32(this.declared.size);
          for (const f of this.declared) w.u32(f);
        }
      });
    }
    this.writeCode(out);
    for (const c of this.customs) this.writeCustom(out, c.name, (w) => w.raw(c.bytes));
    this.writeNames(out);
    return out.finish();
  }

  private writeCustom(out: Writer, name: string, write: (w: Writer) => void): void {
    const w = new Writer();
    w.name(name);
    write(w);
    out.u8(SECTION.custom).sized(w);
  }

  private writeCode(out: Writer): void {
    if (this.funcs.length === 0) return;
    const code = new Writer();
    code.u32(this.funcs.length);
    const hints: { func: number; at: { offset: number; likely: boolean }[] }[] = [];
    const shifts = new Map<number, number>();
    this.funcs.forEach((f, i) => {
      if (!f.code) throw new Error(`function ${f.name || i} has no body`);
      const body = new Writer();
      const runs = groupLocals(f.locals);
      body.u32(runs.length);
      for (const [type, n] of runs) {
        body.u32(n);
        writeValType(body, type);
      }
      // Offsets of hints count from the beginning of the locals.
      const shift = body.length;
      const index = this.importedFuncs + i;
      if (f.code.hints.length > 0) {
        hints.push({ func: index, at: f.code.hints.map((h) => ({ offset: h.offset + shift, likely: h.likely })) });
      }
      shifts.set(index, shift);
      body.raw(f.code.view()).u8(0x0b);
      code.sized(body);
      this.codeStarts.set(index, code.length - body.length + shift);
    });
    if (hints.length > 0) {
      this.writeCustom(out, 'metadata.code.branch_hint', (w) => {
        w.u32(hints.length);
        for (const h of hints) {
          w.u32(h.func).u32(h.at.length);
          for (const { offset, likely } of h.at)
            w.u32(offset)
              .u32(1)
              .u8(likely ? 1 : 0);
        }
      });
    }
    if (this.frequent.size > 0) {
      this.writeCustom(out, 'metadata.code.instr_freq', (w) => {
        w.u32(this.frequent.size);
        for (const [func, at] of [...this.frequent].sort(([a], [b]) => a - b)) {
          w.u32(func).u32(at.length);
          const shift = shifts.get(func) ?? 0;
          // 32 stands for once.
          for (const { offset, log2 } of at)
            w.u32(offset + shift)
              .u32(1)
              .u8(Math.max(1, Math.min(64, 32 + log2)));
        }
      });
    }
    if (this.hinted.length > 0) {
      this.writeCustom(out, 'metadata.code.compilation_priority', (w) => {
        w.u32(this.hinted.length);
        for (const func of [...this.hinted].sort((a, b) => a - b)) {
          // For the whole function (byte offset 0): two bytes, priority of compilation and of optimization. V8 reads one
          // hint a function, without the count of hints that `metadata.code` sections have otherwise.
          w.u32(func).u32(0).u32(2).u8(0).u8(1);
        }
      });
    }
    out.u8(SECTION.code).sized(code);
    const first = out.length - code.length;
    for (const [func, at] of this.codeStarts) this.codeStarts.set(func, first + at);
  }

  private writeNames(out: Writer): void {
    const named = this.funcs.flatMap((f, i) => (f.name ? [{ index: this.importedFuncs + i, name: f.name }] : []));
    if (named.length === 0 && this.moduleName === '') return;
    this.writeCustom(out, 'name', (w) => {
      if (this.moduleName !== '') w.u8(0).sized(new Writer().name(this.moduleName));
      const names = new Writer();
      names.u32(named.length);
      for (const n of named) names.u32(n.index).name(n.name);
      w.u8(1).sized(names);
    });
  }
}

const byKey = new WeakMap<WasmModule, ReadonlyMap<string, number>>();

/** Plain function types of a module; made once, because each fragment of a guest begins with the guest's types. */
function typesByKey(module: WasmModule): ReadonlyMap<string, number> {
  let known = byKey.get(module);
  if (!known) {
    const types = new Map<string, number>();
    module.types.forEach((t, i) => {
      const key = t.kind === 'func' && t.plain ? typeKey(t.params, t.results) : '';
      if (key && !types.has(key)) types.set(key, i);
    });
    known = types;
    byKey.set(module, known);
  }
  return known;
}

function typeKey(params: readonly ValType[], results: readonly ValType[]): string {
  return `${params.join(' ')}->${results.join(' ')}`;
}

function groupLocals(locals: readonly ValType[]): [ValType, number][] {
  const runs: [ValType, number][] = [];
  for (const type of locals) {
    const last = runs[runs.length - 1];
    if (last && last[0] === type) last[1]++;
    else runs.push([type, 1]);
  }
  return runs;
}

function writeLimits(w: Writer, t: { min: number; max?: number; shared?: boolean; i64?: boolean }): void {
  const flags = (t.max === undefined ? 0 : 1) | (t.shared ? 2 : 0) | (t.i64 ? 4 : 0);
  w.u8(flags).u64(BigInt(t.min));
  // Beyond what a number holds exactly the largest maximum is meant, which every importer may ask for.
  if (t.max !== undefined) w.u64(t.max > Number.MAX_SAFE_INTEGER ? 0xffffffffffffffffn : BigInt(t.max));
}

function writeMemory(w: Writer, t: MemoryType): void {
  writeLimits(w, t);
}

function writeTable(w: Writer, t: TableType): void {
  writeValType(w, t.type);
  writeLimits(w, t);
}

function writeGlobal(w: Writer, t: GlobalType): void {
  writeValType(w, t.type);
  w.u8(t.mutable ? 1 : 0);
}
