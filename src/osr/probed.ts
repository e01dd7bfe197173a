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
 * In a loop that the host unrolls, the second half stands outside of it (`unrolled.ts`):
 *
 *     block
 *       loop
 *         block
 *           loop                                               ;; the guest's
 *             budget -= 2
 *             br_if 1 if budget < 2
 *             ...
 *           br 2
 *         ask and perhaps go on elsewhere
 *         br 0
 *
 * Whoever has just come to the loop has an even budget, who has been asked an odd one. The first budget is a global of the
 * site, so that it can be raised where loops are short. Nothing is imported, so functions keep their indices and names;
 * what is added comes last in each index space and has names that no guest export has.
 */
import { type HiddenNames, hiddenNames } from '../guest/hidden.ts';
import { SECTION } from '../wasm/decode.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Reader } from '../wasm/reader.ts';
import type { ValType } from '../wasm/row.ts';
import { copyNames, sectionsOf, TypeAppender } from '../wasm/sections.ts';
import { Writer } from '../wasm/writer.ts';
import { deadAt } from './alive.ts';
import { OP } from './codes.ts';
import { MOST_LOOKED, type Site, type Sited } from './loops.ts';
import type { Code } from './trial.ts';
import { labelsOut } from './unrolled.ts';

/** Signature of `ask`: site and budget to the next budget, 0: go elsewhere. */
export const ASK = { params: ['i32', 'i32'], results: ['i32'] } as const satisfies {
  params: readonly ValType[];
  results: readonly ValType[];
};

/**
 * Slots of the table of probes: `ask`, then one for each site; then one for each site's code by the host's baseline compiler.
 * Who asks in the guest gives the site's number, who asks in what it moved to that number and once or twice as many as there
 * are sites.
 */
export const SLOT = { ask: 0, first: 1 } as const;

/** The slot of what a site's activations go on in, of a guest with so many sites. */
export const slotOf = (site: number, code: Code, sites: number): number =>
  SLOT.first + site + (code === 'optimized' ? 0 : sites);

/** How many slots the table of probes has. */
export const slotsOf = (sites: number): number => slotOf(sites, 'baseline', sites);

/** Most arrivals that a budget is for: twice as many have to be an i32. */
export const MOST_BUDGET = 2 ** 28;

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
  /** First byte here and there of each run of functions without probes, and of each body with some. */
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
  out.reserve(module.bytes.length * 2).raw(module.bytes.subarray(0, 8));
  const { copy, append } = sectionsOf(module, out);
  types.write(out);
  copy(SECTION.import);
  append(SECTION.function, 1, (w) => w.u32(setBudget));
  append(SECTION.table, 2, (w) => {
    w.u8(0x70).u8(0).u32(slotsOf(sites.length));
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

/** What is passed for a dead local. */
const NOTHINGS: Readonly<Partial<Record<ValType, Uint8Array>>> = {
  i32: Uint8Array.of(OP.i32Const, 0),
  i64: Uint8Array.of(OP.i64Const, 0),
  f32: Uint8Array.of(OP.f32Const, 0, 0, 0, 0),
  f64: Uint8Array.of(OP.f64Const, 0, 0, 0, 0, 0, 0, 0, 0),
};

interface Indices {
  ask: number;
  probes: number;
  /** Type of what goes on elsewhere, by function. */
  elsewhere: ReadonlyMap<number, number>;
}

/** A probe of a function. */
interface Probe {
  readonly site: number;
  /** Local that counts down. */
  readonly budget: number;
  /** Type of what goes on elsewhere. */
  readonly type: number;
  /** Where unlikely branches are. */
  readonly hinted: number[];
}

/** Pushes whether the budget is used up; the unlikely branch is to follow. */
function countDown(w: Writer, { budget, hinted }: Probe): void {
  w.u8(OP.localGet).u32(budget).u8(OP.i32Const).s32(-2).u8(OP.i32Add).u8(OP.localTee).u32(budget);
  w.u8(OP.i32Const).s32(2).u8(OP.i32Less);
  hinted.push(w.length);
}

/** The code section with probes in it, and what is to be known about it. */
class CodeSection {
  readonly body = new Writer();
  readonly starts: [number, number][] = [];
  readonly added: [number, number][] = [];
  private readonly hints: { func: number; at: number[] }[] = [];
  private readonly module: WasmModule;
  private readonly indices: Indices;
  /** Bytes of code that were looked through for dead locals. */
  private looked = 0;

  constructor(module: WasmModule, indices: Indices) {
    this.module = module;
    this.indices = indices;
  }

  write(sited: readonly Sited[]): void {
    const { module, body } = this;
    const { bytes, code, importedFunctions } = module;
    body.reserve(bytes.length * 2).u32(code.length + 1);
    let site = 0;
    // Functions without sites are copied in runs, with their sizes.
    let from = code.length > 0 ? bodiesStart(module) : 0;
    const copy = (to: number) => {
      if (from === to) return;
      this.starts.push([body.length, from]);
      body.raw(bytes.subarray(from, to));
      from = to;
    };
    for (const own of sited) {
      const i = own.func - importedFunctions;
      const { start, end } = code[i] as { start: number; end: number };
      copy(i === 0 ? from : (code[i - 1] as { end: number }).end);
      const probed = this.probed(own, site, start, end);
      site += own.sites.length;
      body.u32(probed.length);
      this.starts.push([body.length, start]);
      body.raw(probed.view());
      from = end;
    }
    copy(code.at(-1)?.end ?? from);
    body.sized(this.setBudget(site));
  }

  /** One function with its probes. */
  private probed({ func, locals, start, sites }: Sited, first: number, body: number, end: number): Writer {
    const { module, added } = this;
    const { bytes } = module;
    const w = new Writer();
    // One more group of locals behind the guest's own: budgets of outermost loops and of those inside.
    const budgets = sites.some((s) => s.outer) ? 2 : 1;
    const type = this.indices.elsewhere.get(func) as number;
    const groups = new Reader(bytes, body);
    w.u32(groups.u32() + 1)
      .raw(bytes.subarray(groups.pos, start))
      .u8(budgets)
      .u8(0x7f);
    added.push([start, w.length - (start - body)]);
    let from = start;
    const hinted: number[] = [];
    const copy = (to: number) => {
      w.raw(bytes.subarray(from, to));
      from = to;
      return w.length;
    };
    /** Writes something in front of a byte of the guest. */
    const put = (at: number, write: () => void) => {
      const before = copy(at);
      write();
      added.push([at, w.length - before]);
    };
    sites.forEach((s, i) => {
      const probe = { site: first + i, budget: locals.length + (s.outer ? 1 : 0), type, hinted };
      const passed = this.passed(s, locals);
      const begin = () => {
        w.u8(OP.globalGet).u32(module.globals.length + probe.site);
        w.u8(OP.localSet).u32(probe.budget);
      };
      const labels = s.end ? labelsOut(bytes, s.inside, s.end) : null;
      if (!labels) {
        put(s.at, begin);
        put(s.inside, () => {
          countDown(w, probe);
          w.u8(OP.if).u8(0x40);
          this.ask(w, probe, passed);
          w.u8(OP.end);
        });
        return;
      }
      const result = bytes.subarray(s.at + 1, s.inside);
      put(s.at, () => {
        begin();
        w.u8(OP.block).raw(result).u8(OP.loop).u8(0x40).u8(OP.block).u8(0x40);
      });
      put(s.inside, () => {
        countDown(w, probe);
        w.u8(OP.brIf).u32(1);
      });
      for (const [at, length, levels] of labels) {
        const before = copy(at);
        w.u32(levels + 3);
        from = at + length;
        if (w.length - before > length) added.push([at, w.length - before - length]);
      }
      put(s.end, () => {
        w.u8(OP.br).u32(2).u8(OP.end);
        this.ask(w, probe, passed);
        w.u8(OP.br).u32(0).u8(OP.end).u8(OP.unreachable).u8(OP.end);
      });
    });
    copy(end);
    this.hints.push({ func, at: hinted });
    return w;
  }

  /** Asks whether to go on elsewhere, and does. */
  private ask(w: Writer, { site, budget, type, hinted }: Probe, passed: Uint8Array): void {
    const { ask, probes } = this.indices;
    const number = (n: number) => w.u8(OP.i32Const).s32(n);
    number(site).u8(OP.localGet).u32(budget);
    number(SLOT.ask).u8(OP.callIndirect).u32(ask).u32(probes);
    w.u8(OP.localTee).u32(budget).u8(OP.i32Eqz);
    hinted.push(w.length);
    w.u8(OP.if).u8(0x40).raw(passed);
    number(SLOT.first + site)
      .u8(OP.returnCallIndirect)
      .u32(type)
      .u32(probes)
      .u8(OP.end);
  }

  private passed(site: Site, locals: readonly ValType[]): Uint8Array {
    const { start, end } = this.module.code[site.func - this.module.importedFunctions] as {
      start: number;
      end: number;
    };
    this.looked += end - start;
    return this.looked > MOST_LOOKED ? getAll(locals.length) : passedLocals(this.module, site, locals);
  }

  /** (site, budget): sets the budget of those who come to the site next; traps where there is none such. */
  private setBudget(sites: number): Writer {
    const w = new Writer();
    w.u8(0);
    for (let i = 0; i <= sites; i++) w.u8(OP.block).u8(0x40);
    w.u8(OP.localGet).u32(0).u8(OP.brTable).u32(sites);
    for (let i = 0; i <= sites; i++) w.u32(i);
    for (let i = 0; i < sites; i++) {
      w.u8(OP.end).u8(OP.localGet).u32(1).u8(OP.globalSet);
      w.u32(this.module.globals.length + i).u8(OP.return);
    }
    return w.u8(OP.end).u8(OP.unreachable).u8(OP.end);
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

/** Code that pushes all locals; of those that are dead it pushes nothings, which keep no register. */
export function passedLocals(module: WasmModule, site: Site, locals: readonly ValType[]): Uint8Array {
  const isDead = deadAt(module, site.func, site, locals.length);
  const w = new Writer();
  locals.forEach((type, i) => {
    const nothing = isDead(i) ? NOTHINGS[type] : undefined;
    if (nothing) w.raw(nothing);
    else w.u8(OP.localGet).u32(i);
  });
  return w.view();
}

const gets = { code: new Writer(), ends: [0] };

/** Code that pushes that many locals. */
function getAll(locals: number): Uint8Array {
  const { code, ends } = gets;
  for (let i = ends.length - 1; i < locals; i++) {
    code.u8(OP.localGet).u32(i);
    ends.push(code.length);
  }
  return code.view().subarray(0, ends[locals]);
}

/** Where the first body begins, with its size. */
function bodiesStart(module: WasmModule): number {
  const section = module.sections.find((s) => s.id === SECTION.code) as { start: number };
  const r = new Reader(module.bytes, section.start);
  r.u32();
  return r.pos;
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
