/** How a module is written again with more entries at the end of its index spaces. */
import { SECTION } from './decode.ts';
import type { WasmModule } from './module.ts';
import { Reader } from './reader.ts';
import type { ValType } from './row.ts';
import { writeValType } from './types.ts';
import { Writer } from './writer.ts';

/** A module's type section with more function types behind it. */
export class TypeAppender {
  private readonly more = new Writer();
  private readonly module: WasmModule;
  private readonly known = new Map<string, number>();

  constructor(module: WasmModule) {
    this.module = module;
  }

  add(params: readonly ValType[], results: readonly ValType[]): number {
    const key = `${params.join(' ')}->${results.join(' ')}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.more.u8(0x60);
    for (const list of [params, results]) {
      this.more.u32(list.length);
      for (const t of list) writeValType(this.more, t);
    }
    const index = this.module.types.length + this.known.size;
    this.known.set(key, index);
    return index;
  }

  write(out: Writer): void {
    const groups = this.module.rawTypes.groups + this.known.size;
    if (groups === 0) return;
    const w = new Writer();
    w.u32(groups).raw(this.module.rawTypes.bytes).raw(this.more.view());
    out.u8(SECTION.type).sized(w);
  }
}

/** Writes a section of the module with `more` entries behind its own. */
export type Append = (id: number, more: number, write: (w: Writer) => void) => void;

/** Writers of the module's sections to `out`: as they are, and with more entries. */
export function sectionsOf(module: WasmModule, out: Writer): { copy(id: number): void; append: Append } {
  const old = (id: number) => module.sections.find((s) => s.id === id);
  return {
    copy(id) {
      const s = old(id);
      if (s)
        out
          .u8(id)
          .u32(s.end - s.start)
          .raw(module.bytes.subarray(s.start, s.end));
    },
    append(id, more, write) {
      const s = old(id);
      let count = 0;
      let rest: Uint8Array = new Uint8Array();
      if (s) {
        const r = new Reader(module.bytes, s.start);
        count = r.u32();
        rest = module.bytes.subarray(r.pos, s.end);
      }
      if (count + more === 0) return;
      const w = new Writer();
      w.u32(count + more).raw(rest);
      write(w);
      out.u8(id).sized(w);
    },
  };
}

/** Writes the module's name section. */
export function copyNames(module: WasmModule, out: Writer): void {
  for (const s of module.sections) {
    if (s.name !== 'name') continue;
    const w = new Writer();
    w.name('name').raw(module.bytes.subarray(s.start, s.end));
    out.u8(SECTION.custom).sized(w);
  }
}
