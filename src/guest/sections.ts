/** How the guest's module is written again with more entries at the end of its index spaces. */
import { SECTION } from '../wasm/decode.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Reader } from '../wasm/reader.ts';
import type { ValType } from '../wasm/row.ts';
import { writeValType } from '../wasm/types.ts';
import { Writer } from '../wasm/writer.ts';
import { hiddenPrefix } from './hidden.ts';

/** Names of the hidden exports. */
export interface HiddenNames {
  readonly prefix: string;
  memory(i: number): string;
  table(i: number): string;
  global(i: number): string;
  tag(i: number): string;
  helper(i: number): string;
  readonly entries: string;
  readonly twins: string;
  /** Table of all functions that the guest defines; only where it calls by reference. */
  readonly functions: string;
  readonly start: string;
  /** Table through which probes ask, and function that sets budgets; see osr/probed.ts. */
  readonly probes: string;
  readonly setBudget: string;
}

export function hiddenNames(module: WasmModule): HiddenNames {
  const prefix = hiddenPrefix(module);
  const of = (kind: string) => (i: number) => `${prefix}.${kind}.${i}`;
  return {
    prefix,
    memory: of('memory'),
    table: of('table'),
    global: of('global'),
    tag: of('tag'),
    helper: of('helper'),
    entries: `${prefix}.entries`,
    twins: `${prefix}.twins`,
    functions: `${prefix}.functions`,
    start: `${prefix}.start`,
    probes: `${prefix}.probes`,
    setBudget: `${prefix}.budget`,
  };
}

/** The guest's type section with more function types behind it. */
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

/** Writes a section of the guest with `more` entries behind its own. */
export type Append = (id: number, more: number, write: (w: Writer) => void) => void;

/** Writers of the guest's sections to `out`: as they are, and with more entries. */
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

/** Writes the guest's name section. */
export function copyNames(module: WasmModule, out: Writer): void {
  for (const s of module.sections) {
    if (s.name !== 'name') continue;
    const w = new Writer();
    w.name('name').raw(module.bytes.subarray(s.start, s.end));
    out.u8(SECTION.custom).sized(w);
  }
}
