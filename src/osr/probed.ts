/**
 * The probed module: the guest's own module, its own bodies, calls and tables, in which some loops count a budget down
 * and ask the machine when it is used up whether the activation goes on where it is or elsewhere:
 *
 *     budget = budget of the site
 *     loop
 *       budget -= 2
 *       if budget < 2                                          ;; unlikely
 *         budget = ask(site, budget)                           ;; call_indirect, slot 0 of the table of probes
 *         if budget == 0
 *           return_call_indirect (all locals) slot 1 + site    ;; what goes on from here returns the function's results
 *
 * Whoever has just come to the loop has an even budget, who has been asked an odd one. The first budget is a global of the
 * site, so that it can be raised where loops are short. Nothing is imported, so functions keep their indices and names;
 * what is added comes last in each index space and has names that no guest export has.
 */
import { copyNames, type HiddenNames, hiddenNames, sectionsOf, TypeAppender } from '../guest/sections.ts';
import { CodeWriter } from '../wasm/code.ts';
import { SECTION } from '../wasm/decode.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Reader } from '../wasm/reader.ts';
import type { ValType } from '../wasm/row.ts';
import { Writer } from '../wasm/writer.ts';
import { OP, type Site, type Sited } from './loops.ts';

/** Signature of `ask`: site and budget to the next budget, 0: go elsewhere. */
export const ASK = { params: ['i32', 'i32'], results: ['i32'] } as const satisfies {
  params: readonly ValType[];
  results: readonly ValType[];
};

/** Slots of the table of probes: `ask`, then one for each site. */
export const SLOT = { ask: 0, first: 1 } as const;

export interface Probed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly names: HiddenNames;
  /** All sites; the position is the number that probes give. */
  readonly sites: readonly Site[];
  /** Where the bytes of bodies are in the guest. */
  readonly origin: Origins;
}

/** Where bodies begin in a module that was written anew, and what was put into them. */
export interface Origins {
  /** For each defined function: first byte here and there. */
  readonly starts: readonly (readonly [here: number, there: number])[];
  /** Byte offset in the guest before which so many bytes were added, in order. */
  readonly added: readonly (readonly [there: number, bytes: number])[];
}

export function writeProbed(module: WasmModule, sited: readonly Sited[], firstBudget: number): Probed {
  const names = hiddenNames(module);
  const types = new TypeAppender(module);
  const ask = types.add(ASK.params, ASK.results);
  const setBudget = types.add(['i32', 'i32'], []);
  const elsewhere = new Map(
    sited.map((s) => {
      const type = module.types[module.functions[s.func] as number];
      return [s.func, types.add(s.locals, type?.kind === 'func' ? type.results : [])];
    }),
  );
  const sites = sited.flatMap((s) => s.sites);
  const [probes, functions] = [module.tables.length, module.tables.length + 1];
  const defined = module.code.length;

  const out = new Writer();
  out.raw(module.bytes.subarray(0, 8));
  const { copy, append } = sectionsOf(module, out);
  types.write(out);
  copy(SECTION.import);
  append(SECTION.function, 1, (w) => w.u32(setBudget));
  append(SECTION.table, 2, (w) => {
    w.u8(0x70)
      .u8(0)
      .u32(SLOT.first + sites.length);
    w.u8(0x70).u8(0).u32(defined);
  });
  copy(SECTION.memory);
  copy(SECTION.tag);
  append(SECTION.global, sites.length, (w) => {
    for (let i = 0; i < sites.length; i++) w.u8(0x7f).u8(1).u8(0x41).s32(firstBudget).u8(0x0b);
  });
  const list: [string, number, number][] = [];
  module.memories.forEach((_, i) => list.push([names.memory(i), 2, i]));
  module.tables.forEach((_, i) => list.push([names.table(i), 1, i]));
  module.globals.forEach((_, i) => list.push([names.global(i), 3, i]));
  module.tags.forEach((_, i) => list.push([names.tag(i), 4, i]));
  list.push([names.probes, 1, probes], [names.functions, 1, functions]);
  list.push([names.setBudget, 0, module.functions.length]);
  if (module.start !== null) list.push([names.start, 0, module.start]);
  append(SECTION.export, list.length, (w) => {
    for (const [name, kind, index] of list) w.name(name).u8(kind).u32(index);
  });
  append(SECTION.element, 1, (w) => {
    w.u8(2).u32(functions).u8(0x41).s32(0).u8(0x0b).u8(0).u32(defined);
    for (let i = 0; i < defined; i++) w.u32(module.importedFunctions + i);
  });
  copy(SECTION.dataCount);
  const code = new CodeSection(module, { ask, probes, elsewhere });
  code.write(sited);
  const hints = code.hintSection();
  if (hints) out.u8(SECTION.custom).sized(hints);
  out.u8(SECTION.code);
  out.u32(code.body.length);
  const base = out.length;
  out.raw(code.body.view());
  copy(SECTION.data);
  copyNames(module, out);
  const starts = code.starts.map(([here, there]) => [base + here, there] as const);
  return { bytes: out.finish(), names, sites, origin: { starts, added: code.added } };
}

interface Indices {
  ask: number;
  probes: number;
  /** Type of what goes on elsewhere, by function. */
  elsewhere: ReadonlyMap<number, number>;
}

/** The code section with probes in it, and what is to be known about it. */
class CodeSection {
  readonly body = new Writer();
  readonly starts: [number, number][] = [];
  readonly added: [number, number][] = [];
  private readonly hints: { func: number; at: number[] }[] = [];
  private readonly module: WasmModule;
  private readonly indices: Indices;

  constructor(module: WasmModule, indices: Indices) {
    this.module = module;
    this.indices = indices;
  }

  write(sited: readonly Sited[]): void {
    const { module, body } = this;
    const { bytes } = module;
    body.u32(module.code.length + 1);
    let next = 0;
    let site = 0;
    module.code.forEach(({ start, end }, i) => {
      const own = sited[next];
      if (own?.func !== module.importedFunctions + i) {
        body.u32(end - start);
        this.starts.push([body.length, start]);
        body.raw(bytes.subarray(start, end));
        return;
      }
      next++;
      const probed = this.probed(own, site, end);
      site += own.sites.length;
      body.u32(probed.length);
      this.starts.push([body.length, start]);
      body.raw(probed.view());
    });
    body.sized(this.setBudget(site));
  }

  /** One function with its probes. */
  private probed({ func, locals, start, sites }: Sited, first: number, end: number): Writer {
    const { module } = this;
    const { bytes } = module;
    const range = module.code[func - module.importedFunctions] as { start: number };
    const w = new Writer();
    // One more group of locals behind the guest's own: budgets of outermost loops and of those inside.
    const budgets = sites.some((s) => s.outer) ? 2 : 1;
    const type = this.indices.elsewhere.get(func) as number;
    const groups = new Reader(bytes, range.start);
    w.u32(groups.u32() + 1)
      .raw(bytes.subarray(groups.pos, start))
      .u8(budgets)
      .u8(0x7f);
    this.added.push([start, w.length - (start - range.start)]);
    let from = start;
    const hinted: number[] = [];
    const put = (at: number, code: CodeWriter) => {
      w.raw(bytes.subarray(from, at));
      for (const h of code.hints) hinted.push(w.length + h.offset);
      w.raw(code.view());
      this.added.push([at, code.length]);
      from = at;
    };
    sites.forEach((s, i) => {
      const budget = locals.length + (s.outer ? 1 : 0);
      put(s.at, new CodeWriter().op('global.get', module.globals.length + first + i).op('local.set', budget));
      put(s.inside, this.probe(first + i, budget, locals.length, type));
    });
    w.raw(bytes.subarray(from, end));
    this.hints.push({ func, at: hinted });
    return w;
  }

  private probe(site: number, budget: number, locals: number, elsewhere: number): CodeWriter {
    const { ask, probes } = this.indices;
    const c = new CodeWriter();
    c.op('local.get', budget).op('i32.const', -2).op('i32.add').op('local.tee', budget);
    c.op('i32.const', 2).op('i32.lt_s').hint(false).op('if', 'void');
    c.op('i32.const', site).op('local.get', budget).op('i32.const', SLOT.ask).op('call_indirect', ask, probes);
    c.op('local.tee', budget).op('i32.eqz').hint(false).op('if', 'void');
    // Most of what is written: without the way through the opcode's row.
    for (let i = 0; i < locals; i++) c.u8(OP.localGet).u32(i);
    c.op('i32.const', SLOT.first + site).op('return_call_indirect', elsewhere, probes);
    return c.op('end').op('end');
  }

  /** (site, budget): sets the budget of those who come to the site next. */
  private setBudget(sites: number): Writer {
    const c = new CodeWriter();
    c.u8(0);
    for (let i = 0; i <= sites; i++) c.op('block', 'void');
    c.op('local.get', 0).op(
      'br_table',
      Array.from({ length: sites }, (_, i) => i),
      sites,
    );
    for (let i = 0; i < sites; i++) {
      c.op('end')
        .op('local.get', 1)
        .op('global.set', this.module.globals.length + i)
        .op('return');
    }
    c.op('end').u8(0x0b);
    return c;
  }

  /** Says that probes are seldom due. */
  hintSection(): Writer | null {
    if (this.hints.length === 0) return null;
    const w = new Writer();
    w.name('metadata.code.branch_hint').u32(this.hints.length);
    for (const { func, at } of this.hints) {
      w.u32(func).u32(at.length);
      for (const offset of at) w.u32(offset).u32(1).u8(0);
    }
    return w;
  }
}

/** Byte offset in the guest of a byte of the probed module. */
export function originalOffset({ starts, added }: Origins, offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((starts[mid] as readonly [number, number])[0] <= offset) low = mid + 1;
    else high = mid;
  }
  const begin = starts[low - 1];
  if (!begin) return offset;
  let there = begin[1] + (offset - begin[0]);
  for (const [at, bytes] of added) {
    if (at < begin[1]) continue;
    if (there < at + bytes && there >= at) return at;
    if (there < at) break;
    there -= bytes;
  }
  return there;
}
