/**
 * Where a running activation can be moved to other code: heads of loops at which the operand stack is empty, so that the
 * locals are all there is to it. These are outermost loops, and loops directly inside of them that have loops themselves:
 * a trip of the outermost may take long. One flat pass over all code, before the guest runs; nothing is allocated but for
 * the loops that are found.
 */
import type { WasmModule } from '../wasm/module.ts';
import { ONE_BYTE, opByCode } from '../wasm/opcodes.ts';
import { Reader } from '../wasm/reader.ts';
import type { Imm, ValType } from '../wasm/row.ts';
import { Cursor } from '../wasm/scan.ts';
import { readValType, splitRef } from '../wasm/types.ts';
import { BOUND, LEAVES, NOTHING, OP, passImmediate, SPECIAL, WAYS } from './codes.ts';
import { CHANGES, heightChange, objectChange, UNKNOWN } from './heights.ts';
import { shortLoops } from './short.ts';

/** A construct around a loop: byte offset of its opcode; an `else` stands for the second arm of its `if`. */
export interface Around {
  readonly at: number;
  readonly code: number;
}

/** A loop at whose head an activation can be moved. */
export interface Site {
  readonly func: number;
  /** Byte offsets in the module: of the `loop` opcode, and of the first instruction inside. */
  readonly at: number;
  readonly inside: number;
  /** Byte offset behind the `end` of an innermost loop; 0 where there are loops inside. */
  end: number;
  /** What is open there, outermost first, without the function itself. */
  readonly around: readonly Around[];
  /** The site of the loop around it; null for an outermost loop. */
  readonly outer: Site | null;
}

/** A function with sites. */
export interface Sited {
  readonly func: number;
  /** Types of params and declared locals. */
  readonly locals: readonly ValType[];
  /** Byte offset of the first instruction, and how many groups of locals are declared before it. */
  readonly start: number;
  readonly sites: Site[];
}

/**
 * Bytes of code to be looked at closely before the guest runs, for loops that are short and again for dead locals: each takes
 * some milliseconds, as what looks is cold.
 */
export const MOST_LOOKED = 96 * 1024;

/** V8 takes functions of up to 1000 params; locals travel as such. */
const MOST_LOCALS = 1000;

/** The loops of a function that would be sites if none were too short; null where there are none. */
export function loopsOf(module: WasmModule, func: number): Sited | null {
  return new Finder(module, 0).find(func);
}

/** Functions of the module that have sites. */
export function findSites(module: WasmModule): Sited[] {
  const finder = new Finder(module, MOST_LOOKED);
  const list: Sited[] = [];
  for (let i = 0; i < module.code.length; i++) {
    const found = finder.find(module.importedFunctions + i);
    if (found) list.push(found);
  }
  return list;
}

/** What is open at a place, as parallel stacks that are used again for each function. */
class Finder {
  private readonly module: WasmModule;
  private readonly c: Cursor;
  /**
   * 1 for what may follow the opcode of a loop that is a site: nothing or a number as result, or a type without params.
   * Rare types share their first byte with frequent opcodes and do not count.
   */
  private readonly types: Uint8Array;
  private depth = 0;
  private readonly opcode: number[] = [];
  private readonly offset: number[] = [];
  /** Height below the construct's params; how many params and results it has. */
  private readonly base: number[] = [];
  private readonly params: number[] = [];
  private readonly results: number[] = [];
  /** True where the construct was opened in code that is never executed. */
  private readonly idle: boolean[] = [];
  private height = 0;
  private dead = false;
  private loops = 0;
  /** The site of the outermost loop that is open, and one directly inside that has had no loop yet. */
  private outer: Site | null = null;
  private lone: Site | null = null;
  /** Whether the outermost loop has had one inside. */
  private nested = false;
  /** Bytes of functions whose loops may still be looked at closely. */
  private left: number;

  /** `closely`: bytes of code to be looked at closely, for loops that are short. */
  constructor(module: WasmModule, closely: number) {
    this.module = module;
    this.left = closely;
    this.c = new Cursor(module.bytes);
    this.types = Uint8Array.from({ length: 0x100 }, (_, first) => {
      const type = first < VOID ? module.types[first] : undefined;
      return first === VOID || (first >= V128 && first <= I32) || (type?.kind === 'func' && type.params.length === 0)
        ? 1
        : 0;
    });
  }

  /** Sites of one function; null where it has none, or code of it cannot be executed elsewhere. */
  find(func: number): Sited | null {
    const { module, c } = this;
    const { start, end } = module.code[func - module.importedFunctions] as { start: number; end: number };
    if (!this.mayHaveSites(start, end)) return null;
    c.p = start;
    for (let groups = c.leb(); groups > 0; groups--) {
      c.skip();
      c.type();
    }
    const first = c.p;
    const sites: Site[] = [];
    this.depth = 0;
    this.height = 0;
    this.dead = false;
    this.loops = 0;
    this.outer = null;
    this.lone = null;
    const { bytes } = module;
    // Most instructions change the height and no more; the loop over these has all it needs at hand.
    let p = first;
    while (p < end) {
      const op = bytes[p++] as number;
      const way = WAYS[op];
      if (way === SPECIAL) {
        c.p = p;
        if (op >= OP.block && op <= OP.if) this.open(op, sites, func);
        else if (op === OP.end) {
          if (this.depth === 0) break;
          this.close(sites);
        } else if (!this.step(op)) return null;
        p = c.p;
        continue;
      }
      this.height += CHANGES[op] as number;
      if (way !== NOTHING) p = passImmediate(bytes, p, way as number);
    }
    if (sites.length === 0) return null;
    const locals = readLocals(module, func);
    if (locals.length >= MOST_LOCALS) return null;
    const type = module.types[module.functions[func] as number];
    const params = type?.kind === 'func' ? type.params.length : 0;
    const kept = this.longLoops(first, end, params, sites);
    if (kept.length === 0) return null;
    // A local of such a type may hold nothing yet, and nothing cannot be passed on.
    if (locals.slice(params).some((t) => splitRef(t)?.nullable === false)) return null;
    return { func, locals, start: first, sites: kept };
  }

  /** Sites without loops that cannot take long. */
  private longLoops(first: number, end: number, params: number, sites: Site[]): Site[] {
    this.left -= end - first;
    if (this.left < 0) return sites;
    const short = shortLoops(this.module.bytes, first, params, sites);
    return short.size > 0 ? sites.filter((site) => !short.has(site)) : sites;
  }

  /** False where no byte of a loop's opcode is followed by such a type: the host's search is quick. */
  private mayHaveSites(start: number, end: number): boolean {
    const { bytes } = this.module;
    for (let at = bytes.indexOf(OP.loop, start); at >= 0 && at < end; at = bytes.indexOf(OP.loop, at + 1))
      if (this.types[bytes[at + 1] as number]) return true;
    return false;
  }

  /** A block, loop or if; the cursor is behind its opcode. */
  private open(op: number, sites: Site[], func: number): void {
    const { c } = this;
    const at = c.p - 1;
    const [params, results] = this.blockType();
    if (op === OP.if && !this.dead) this.height--;
    if (op === OP.loop) {
      const possible = !this.dead && this.height === 0 && params === 0;
      if (this.loops === 0) this.outer = possible ? this.site(sites, func, at, null) : null;
      else if (this.loops === 1) this.lone = possible && this.outer ? this.site(sites, func, at, this.outer) : null;
      else this.lone = null;
      this.nested = this.loops > 0;
      this.loops++;
    }
    this.push(op, at, params, results);
  }

  private push(op: number, at: number, params: number, results: number): void {
    const d = this.depth++;
    this.opcode[d] = op;
    this.offset[d] = at;
    this.base[d] = this.height - params;
    this.params[d] = params;
    this.results[d] = results;
    this.idle[d] = this.dead;
  }

  private close(sites: Site[]): void {
    const d = --this.depth;
    if (this.opcode[d] === OP.loop) {
      this.loops--;
      if (this.loops === 0 && this.outer && !this.nested) this.outer.end = this.c.p;
      if (this.loops === 1) {
        // An innermost loop inside another: the probe of that one is enough.
        if (this.lone !== null) sites.pop();
        this.lone = null;
      }
    }
    this.height = (this.base[d] as number) + (this.results[d] as number);
    this.dead = this.idle[d] as boolean;
  }

  private site(sites: Site[], func: number, at: number, outer: Site | null): Site | null {
    const around: Around[] = [];
    for (let d = 0; d < this.depth; d++) {
      // What is caught the legacy way belongs to its handler alone.
      const op = this.opcode[d] as number;
      if (op === OP.catch || op === OP.catchAll || (this.params[d] as number) > 0) return null;
      around.push({ at: this.offset[d] as number, code: op });
    }
    const site = { func, at, inside: this.c.p, end: 0, around, outer };
    sites.push(site);
    return site;
  }

  /** Params and results of a block type. */
  private blockType(): readonly [number, number] {
    const { c, module } = this;
    const b = module.bytes[c.p] as number;
    if (b === 0x40) {
      c.p++;
      return NONE;
    }
    if (b >= 0x41 && b < 0x80) {
      c.type();
      return ONE;
    }
    const type = module.types[c.leb()];
    return type?.kind === 'func' ? [type.params.length, type.results.length] : NONE;
  }

  /** Any other instruction. False: the function has code that stays where it is. */
  private step(op: number): boolean {
    const { c, module } = this;
    if (op >= 0xfb) return this.prefixed((op << 16) | c.leb());
    if (BOUND.has(op)) return false;
    if (LEAVES.has(op)) {
      this.pass(op);
      this.dead = true;
      return true;
    }
    switch (op) {
      case OP.else: {
        const d = this.depth - 1;
        this.opcode[d] = OP.else;
        this.height = (this.base[d] as number) + (this.params[d] as number);
        this.dead = this.idle[d] as boolean;
        return true;
      }
      case OP.call: {
        const type = module.types[module.functions[c.leb()] as number];
        this.call(type, 0);
        return true;
      }
      case OP.callIndirect: {
        const type = module.types[c.leb()];
        c.skip();
        this.call(type, 1);
        return true;
      }
      case OP.callRef:
        this.call(module.types[c.leb()], 1);
        return true;
      case OP.try:
      case OP.tryTable: {
        const at = c.p - 1;
        const [params, results] = this.blockType();
        if (op === OP.tryTable) c.pass('catches');
        this.push(op, at, params, results);
        return true;
      }
      case OP.catch:
      case OP.catchAll: {
        const d = this.depth - 1;
        let values = 0;
        if (op === OP.catch) {
          const type = module.types[module.tags[c.leb()]?.type ?? -1];
          if (type?.kind === 'func') values = type.params.length;
        }
        this.opcode[d] = op;
        this.height = (this.base[d] as number) + values;
        this.dead = this.idle[d] as boolean;
        return true;
      }
      case OP.delegate:
        c.skip();
        this.close([]);
        return true;
    }
    const change = CHANGES[op] as number;
    if (change === UNKNOWN) throw new RangeError(`height of opcode 0x${op.toString(16)}`);
    this.pass(op);
    this.height += change;
    return true;
  }

  private pass(op: number): void {
    const imms = (ONE_BYTE[op] as { imms: readonly Imm[] }).imms;
    for (let i = 0; i < imms.length; i++) this.c.pass(imms[i] as Imm);
  }

  private prefixed(op: number): boolean {
    if (BOUND.has(op)) return false;
    const row = opByCode(op);
    if (!row) throw new RangeError(`no opcode 0x${op.toString(16)}`);
    let change = heightChange(row);
    if (change === UNKNOWN) {
      const { p } = this.c;
      const a = this.c.leb();
      change = objectChange(this.module, op, a, row.imms.length > 1 ? this.c.leb() : 0);
      this.c.p = p;
      if (change === UNKNOWN) throw new RangeError(`height of ${row.name}`);
    }
    for (let i = 0; i < row.imms.length; i++) this.c.pass(row.imms[i] as Imm);
    this.height += change;
    return true;
  }

  private call(type: WasmModule['types'][number] | undefined, more: number): void {
    if (type?.kind === 'func') this.height += type.results.length - type.params.length - more;
  }
}

/** Block types of one byte; what is below `VOID` is an index. */
const [VOID, V128, I32] = [0x40, 0x7b, 0x7f];
const NONE = [0, 0] as const;
const ONE = [0, 1] as const;

/** Types of params and declared locals. */
function readLocals(module: WasmModule, func: number): ValType[] {
  const type = module.types[module.functions[func] as number];
  const locals: ValType[] = type?.kind === 'func' ? [...type.params] : [];
  const r = new Reader(module.bytes, (module.code[func - module.importedFunctions] as { start: number }).start);
  for (let groups = r.u32(); groups > 0; groups--) {
    const n = r.u32();
    const t = readValType(r);
    for (let i = 0; i < n && locals.length < MOST_LOCALS; i++) locals.push(t);
  }
  return locals;
}
