/**
 * A module with more in it: definitions come at the end of each index space, so no index of the module changes, and
 * bodies of its functions may be given anew. Everything else is the module's own bytes.
 *
 *     const more = new ModuleExtender(module);
 *     const memory = more.memory(1);
 *     more.export('\u0001counts', 'memory', memory);
 *     const { bytes } = more.finish({ body: (i) => instrumented(i, memory) });
 */
import type { CodeWriter } from './code.ts';
import { SECTION } from './decode.ts';
import type { ExternKind, WasmModule } from './module.ts';
import type { ValType } from './row.ts';
import { copyNames, sectionsOf, TypeAppender } from './sections.ts';
import { writeValType } from './types.ts';
import { Writer } from './writer.ts';

const KINDS: readonly ExternKind[] = ['func', 'table', 'memory', 'global', 'tag'];

export interface Extended {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Byte offset of each body of the module's own functions: where its locals are. */
  readonly bodies: readonly number[];
}

export interface FinishOptions {
  /** Contents of the body of a defined function, without its size; null leaves it as it is. */
  body?(defined: number): Writer | null;
  /** Leaves the start function out, so that the embedder can call it later. */
  withoutStart?: boolean;
}

export class ModuleExtender {
  private readonly module: WasmModule;
  private readonly types: TypeAppender;
  private readonly funcs: { type: number; body: Writer }[] = [];
  private readonly memories: number[] = [];
  private readonly tables: number[] = [];
  private readonly globals: { type: ValType; init: CodeWriter }[] = [];
  private readonly exports: { name: string; kind: ExternKind; index: number }[] = [];

  constructor(module: WasmModule) {
    this.module = module;
    this.types = new TypeAppender(module);
  }

  /** Index of a function type: one that this extender added before, or a new one. */
  type(params: readonly ValType[], results: readonly ValType[]): number {
    return this.types.add(params, results);
  }

  /** A function; `code` is its body without the last `end`. */
  func(type: number, locals: readonly ValType[], code: CodeWriter): number {
    const body = new Writer().u32(locals.length);
    for (const t of locals) writeValType(body.u32(1), t);
    this.funcs.push({ type, body: body.raw(code.view()).u8(0x0b) });
    return this.module.functions.length + this.funcs.length - 1;
  }

  /** A memory of that many pages, which does not grow. */
  memory(pages: number): number {
    this.memories.push(pages);
    return this.module.memories.length + this.memories.length - 1;
  }

  /** A table of that many functions. */
  table(size: number): number {
    this.tables.push(size);
    return this.module.tables.length + this.tables.length - 1;
  }

  /** A mutable global; `init` is a constant expression without its `end`. */
  global(type: ValType, init: CodeWriter): number {
    this.globals.push({ type, init });
    return this.module.globals.length + this.globals.length - 1;
  }

  /** Globals that were added so far. */
  get globalCount(): number {
    return this.globals.length;
  }

  export(name: string, kind: ExternKind, index: number): void {
    this.exports.push({ name, kind, index });
  }

  finish({ body = () => null, withoutStart = false }: FinishOptions = {}): Extended {
    const { module } = this;
    const out = new Writer();
    out.raw(module.bytes.subarray(0, 8));
    const { copy, append } = sectionsOf(module, out);
    const all = <T>(id: number, items: readonly T[], write: (w: Writer, item: T) => void) =>
      append(id, items.length, (w) => {
        for (const item of items) write(w, item);
      });
    this.types.write(out);
    copy(SECTION.import);
    all(SECTION.function, this.funcs, (w, f) => w.u32(f.type));
    all(SECTION.table, this.tables, (w, size) => w.u8(0x70).u8(1).u32(size).u32(size));
    all(SECTION.memory, this.memories, (w, pages) => w.u8(1).u32(pages).u32(pages));
    copy(SECTION.tag);
    all(SECTION.global, this.globals, (w, g) => {
      writeValType(w, g.type);
      w.u8(1).raw(g.init.view()).u8(0x0b);
    });
    all(SECTION.export, this.exports, (w, e) => w.name(e.name).u8(KINDS.indexOf(e.kind)).u32(e.index));
    if (!withoutStart) copy(SECTION.start);
    copy(SECTION.element);
    copy(SECTION.dataCount);
    const bodies = this.code(out, body);
    copy(SECTION.data);
    copyNames(module, out);
    return { bytes: out.finish(), bodies };
  }

  /** Writes the code section; gives the places of the module's own bodies. */
  private code(out: Writer, body: (defined: number) => Writer | null): number[] {
    const { module } = this;
    const count = module.code.length + this.funcs.length;
    if (count === 0) return [];
    const bodies: number[] = [];
    const w = new Writer().u32(count);
    module.code.forEach(({ start, end }, i) => {
      const given = body(i);
      const content = given?.view() ?? module.bytes.subarray(start, end);
      w.u32(content.length);
      bodies.push(w.length);
      w.raw(content);
    });
    for (const f of this.funcs) w.sized(f.body);
    out.u8(SECTION.code).sized(w);
    const first = out.length - w.length;
    return bodies.map((at) => first + at);
  }
}
