/**
 * The rest of a function as a function of its own: its params are all locals, its body is the guest's code from a loop
 * head on. What is open around the loop stays open, so that branches mean what they meant; code before the loop is left
 * out, and an `if` around it becomes a block:
 *
 *     block $a                        block $a
 *       i32.const 1
 *       if $b                           block $b
 *         ...before...
 *         loop $c ... br $a ...   ->      loop $c ... br $a ...
 *       else                            end
 *         ...other arm...
 *       end                             ...behind...
 *       ...behind...                  end
 *     end
 *
 * Nothing around an outermost loop comes back. From a loop inside another one only the trip in progress is executed here;
 * the next one is the rest of the function from the outer loop on:
 *
 *     loop $o (result t)              block $done (result t)
 *       ...before...                    block $again
 *       loop $i ... end         ->        loop $i ... end
 *       ...behind...  br $o               ...behind...  br $again
 *     end                                 br $done
 *                                       end
 *                                       return_call $rest_outsideo (all locals)
 *                                     end
 *
 * The module imports the guest's memories, tables, globals and tags
 * under their own indices. Functions that it calls come along as copies, so that calls stay direct; their addresses, and
 * what names a segment, stay with the guest.
 */
import { BodyReader } from '../wasm/body.ts';
import { ModuleBuilder } from '../wasm/builder.ts';
import { CodeWriter } from '../wasm/code.ts';
import type { WasmModule } from '../wasm/module.ts';
import { functionName } from '../wasm/names.ts';
import { ONE_BYTE, opByCode, opByName } from '../wasm/opcodes.ts';
import type { Imm, ValType } from '../wasm/row.ts';
import { Cursor } from '../wasm/scan.ts';
import { splitRef } from '../wasm/types.ts';
import { deadAt } from './alive.ts';
import { BOUND, OP, passImmediate, SPECIAL, WAYS } from './codes.ts';
import { loopsOf, type Site } from './loops.ts';
import { ASK, passedLocals, SLOT, slotOf, slotsOf } from './probed.ts';
import type { Code } from './trial.ts';

export interface Continuation {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Function indices of the guest that it imports, by their text: module `func`. */
  readonly calls: readonly number[];
  /** Byte offsets here and in the guest at which copied code begins, in order. */
  readonly pieces: Copied;
}

export type Copied = readonly (readonly [here: number, there: number])[];

/** Names of the module's exports: the rest of the function, then other functions that have to be optimized. */
const exportName = (i: number) => `f${i}`;
export const CONTINUATION = exportName(0);

/**
 * How the module of a site is called, so that stacks tell: by the site's number and the size of the guest, which tells guests
 * apart. Instances of one guest have the same modules, which the host compiles once.
 */
const moduleName = (site: number, code: Code, guest: WasmModule) =>
  `wynamo.${code === 'optimized' ? 'rest' : 'base'}${site}_${guest.bytes.length}`;

/** Bytes of functions that come along at most, and of one of them; the same of those with loops. */
const COPY = { all: 16 * 1024, one: 4 * 1024, loops: 8 * 1024, oneLoops: 2 * 1024 } as const;

/** The site of a continuation, and the bytes of its guest, by how stacks name its module; null for any other. */
export function continuationOf(name: string): { site: number; code: Code; bytes: number } | null {
  const found = /^wynamo\.(rest|base)(\d+)_(\d+)/.exec(name);
  if (!found) return null;
  return { site: Number(found[2]), code: found[1] === 'rest' ? 'optimized' : 'baseline', bytes: Number(found[3]) };
}

/** Byte offset in the guest of a byte of a continuation. */
export function originalInContinuation(pieces: Copied, offset: number): number {
  const piece = pieces.findLast(([here]) => here <= offset) ?? pieces[0];
  return piece ? Math.max(piece[1], piece[1] + offset - piece[0]) : offset;
}

/** Opcodes of one byte that a label follows. */
const LABELLED = Uint8Array.from(ONE_BYTE, (row) => (row?.imms.includes('label') ? 1 : 0));

/** Base-2 logarithm of the trips that a loop is taken to make. */
const TRIPS = 7;

/** More globals than the innermost loops of one function name. */
const MOST_FOUND = 16;

const RETURN_CALL = opByName('return_call').code;

/** Code of one function of the new module. */
interface Part extends Rest {
  readonly func: number;
  /** Whether its loops need all registers for themselves. */
  readonly crowded: boolean;
}

/**
 * Locals alive around a loop from which on the loop is crowded: what else is alive where such a function is inlined goes
 * to the stack in the middle of it, and a call costs little beside a loop. x64 has some twelve registers to give. A long
 * function with loops inside of a loop needs some of its own, and a call costs still less beside it.
 */
const CROWDED = { alive: 9, aliveNested: 5, long: 256 } as const;

function isCrowded(module: WasmModule, func: number): boolean {
  const loops = loopsOf(module, func);
  if (!loops) return false;
  const { start, end } = module.code[func - module.importedFunctions] as { start: number; end: number };
  return loops.sites.some((site) => {
    const isDead = deadAt(module, func, site, loops.locals.length);
    const alive = loops.locals.filter((_, i) => !isDead(i)).length;
    const nested = site.end === 0 && end - start > CROWDED.long;
    return alive >= (nested ? CROWDED.aliveNested : CROWDED.alive);
  });
}

/** How the code is to find out whether it is the better one. */
export interface Tried {
  /** By whom it is compiled. */
  readonly code: Code;
  /** How many sites the guest has. */
  readonly sites: number;
}

/** Name of the import that is the guest's table of probes. */
export const PROBES = 'probes';

/** True where trips of the loop can be timed: next to what is inside, a probe is nothing. */
export const canBeTried = (site: Site): boolean => site.end === 0;

/** `number`: that of the site. `tried`: trips of its loop are timed; only where that can be. */
export function writeContinuation(
  module: WasmModule,
  site: Site,
  locals: readonly ValType[],
  number: number,
  tried: Tried | null = null,
): Continuation {
  const b = new ModuleBuilder();
  b.copyTypes(module);
  const type = module.types[module.functions[site.func] as number];
  const results = type?.kind === 'func' ? type.results : [];
  const own = b.type(locals, results);
  const part = (at: Site): Part => ({ func: site.func, crowded: false, ...(restOf(module, at) as Rest) });
  const rest = part(site);
  const outer = site.outer && part(site.outer);
  const called = calledFrom(module, outer ?? rest);
  const targets = new Map<number, number>();
  const imported: number[] = [];
  for (const { pieces } of [rest, ...(outer ? [outer] : []), ...called.values()]) {
    for (const { call } of pieces) {
      if (call === undefined || targets.has(call) || called.has(call)) continue;
      targets.set(call, b.importFunc('func', String(call), module.functions[call] as number));
      imported.push(call);
    }
  }
  module.memories.forEach((m, i) => b.importMemory('memory', String(i), m));
  module.tables.forEach((t, i) => b.importTable('table', String(i), t));
  const probes = tried ? b.importTable(PROBES, '0', { type: 'funcref', min: slotsOf(tried.sites) }) : -1;
  module.globals.forEach((g, i) => b.importGlobal('global', String(i), g));
  module.tags.forEach((t, i) => b.importTag('tag', String(i), t.type));
  // As the host calls it: a profile shows nothing else.
  const name = (func: number) => functionName(module, func) ?? `wasm-function[${func}]`;
  const f = b.declare(own, name(site.func));
  const again = outer ? b.declare(tried ? b.type([...locals, 'i32'], results) : own, name(site.func)) : -1;
  for (const func of called.keys()) targets.set(func, b.declare(module.functions[func] as number, name(func)));
  const copied: { index: number; at: number; there: number }[] = [];
  /** Asks now and then whether to go on in the other code; counts as the guest's probes do, from 0 on. */
  const probe = (code: CodeWriter, { code: by, sites }: Tried) => {
    const budget = locals.length;
    const [asks, other] = by === 'optimized' ? ([sites, 'baseline'] as const) : ([2 * sites, 'optimized'] as const);
    code.op('local.get', budget).op('i32.const', -2).op('i32.add').op('local.tee', budget);
    code.op('i32.const', 2).op('i32.lt_s').hint(false).op('if', 'void');
    code
      .op('i32.const', number + asks)
      .op('local.get', budget)
      .op('i32.const', SLOT.ask);
    code.op('call_indirect', b.type(ASK.params, ASK.results), probes).op('local.tee', budget);
    code.op('i32.eqz').hint(false).op('if', 'void');
    code.raw(passedLocals(module, site, locals)).op('i32.const', slotOf(number, other, sites));
    code.op('return_call_indirect', own, probes).op('end').op('end');
  };
  const write = (index: number, code: CodeWriter, pieces: readonly Piece[]) => {
    const calls: { offset: number; log2: number }[] = [];
    for (const piece of pieces) {
      const { end, call, loops, label, ends } = piece;
      let { start } = piece;
      if (tried && (index === f || index === again) && start <= site.at && site.inside <= end) {
        copied.push({ index, at: code.length, there: start });
        code.raw(module.bytes.subarray(start, site.inside));
        probe(code, tried);
        start = site.inside;
      }
      copied.push({ index, at: code.length, there: start });
      code.raw(module.bytes.subarray(start, end));
      if (label !== undefined) code.u32(label);
      if (ends) {
        code.op('br', 1).op('end');
        // With what is left of the budget, where trips are timed.
        for (let i = 0; i < locals.length + (tried ? 1 : 0); i++) code.op('local.get', i);
        code.op('return_call', again).op('end');
      }
      if (call === undefined) continue;
      if (called.get(call)?.crowded === false) calls.push({ offset: code.length - 1, log2: TRIPS * (loops ?? 0) });
      code.u32(targets.get(call) as number);
    }
    if (calls.length > 0) b.frequencies(index, calls);
    return code;
  };
  // What is called may be inlined, and then it is this code that has found them.
  const parts = [rest, ...(outer ? [outer] : []), ...called.values()];
  const all = parts.flatMap((part) => [...part.globals]);
  // In copies, which may be called often, one that is written, such as a stack pointer, is what the next call waits for.
  const written = new Set(parts.flatMap((part) => [...part.written]));
  const opened = (around: Site['around']) => {
    const code = findGlobals(module, all);
    for (const { at, code: op } of around) header(module, code, at, op);
    return code;
  };
  b.define(f, tried ? ['i32'] : [], write(f, opened(site.around), rest.pieces));
  if (outer && site.outer) b.define(again, [], write(again, opened(site.outer.around), outer.pieces));
  const optimized = outer ? [f, again] : [f];
  for (const { func, pieces, loops, inLoops } of called.values()) {
    const { locals: all } = new BodyReader(module, func);
    const t = module.types[module.functions[func] as number];
    const index = targets.get(func) as number;
    b.define(
      index,
      all.slice(t?.kind === 'func' ? t.params.length : 0),
      write(index, findGlobals(module, inLoops.difference(written)), pieces),
    );
    // Who is called once and stays in a loop must not stay in the slowest tier: the copy has no probes.
    if (loops) optimized.push(index);
  }
  for (const [i, index] of optimized.entries()) {
    if (tried?.code !== 'baseline') b.compileHint(index);
    b.export(exportName(i), 'func', index);
  }
  b.nameModule(moduleName(number, tried?.code ?? 'optimized', module));
  const bytes = b.finish();
  const pieces = copied.map(({ index, at, there }) => [(b.codeStarts.get(index) as number) + at, there] as const);
  return { bytes, calls: imported, pieces };
}

/**
 * Functions that the code calls, directly or through others, the nearest first: copies of them are called without leaving
 * the module, and can be inlined. What is too much, or works only in the guest's module, stays there, and so does what
 * calls by reference in a loop: there the host sees which function it is, and inlines that.
 */
function calledFrom(module: WasmModule, first: Part): Map<number, Part> {
  const found = new Map<number, Part>();
  const refused = new Set<number>();
  const queue = [first];
  let left: number = COPY.all;
  let loopsLeft: number = COPY.loops;
  for (const { pieces } of queue) {
    for (const { call } of pieces) {
      if (call === undefined || call < module.importedFunctions || found.has(call) || refused.has(call)) continue;
      const range = module.code[call - module.importedFunctions] as { start: number; end: number };
      const bytes = range.end - range.start;
      const body =
        bytes <= Math.min(left, COPY.one)
          ? restOf(module, { func: call, at: new BodyReader(module, call).start, around: [] })
          : null;
      if (!body || body.indirect || (body.loops && bytes > Math.min(loopsLeft, COPY.oneLoops))) {
        refused.add(call);
        continue;
      }
      left -= bytes;
      if (body.loops) loopsLeft -= bytes;
      const part = { func: call, crowded: body.loops && isCrowded(module, call), ...body };
      found.set(call, part);
      queue.push(part);
    }
  }
  return found;
}

/**
 * Code that writes globals to themselves. A global of another module is reached through two more loads, and V8 leaves these
 * in a loop unless code in front of it has found the global already.
 */
function findGlobals(module: WasmModule, globals: Iterable<number>): CodeWriter {
  const code = new CodeWriter();
  let left: number = MOST_FOUND;
  for (const g of new Set(globals)) {
    const global = module.globals[g];
    if (!global?.mutable || splitRef(global.type) !== null || left === 0) continue;
    left--;
    code.op('global.get', g).op('global.set', g);
  }
  return code;
}

/** Opens what was open around the loop. */
function header(module: WasmModule, code: CodeWriter, at: number, op: number): void {
  const c = new Cursor(module.bytes);
  c.p = at + 1;
  c.type();
  const type = module.bytes.subarray(at + 1, c.p);
  if (op === OP.if || op === OP.else || op === OP.loop) {
    code.u8(OP.block).raw(type);
    // The outer loop: what leaves it, and what begins its next trip.
    if (op === OP.loop) code.op('block', 'void');
    return;
  }
  if (op === OP.tryTable) c.pass('catches');
  code.raw(module.bytes.subarray(at, c.p));
}

/** Bytes of the guest, and the function whose index follows them. */
interface Piece {
  start: number;
  end: number;
  call?: number;
  /** Loops around that call. */
  loops?: number;
  /** A label that follows. */
  label?: number;
  /** The outer loop ends here. */
  ends?: boolean;
}

/** Pieces of code, and whether there is a loop in them; the globals that are named there, read in loops, and written. */
interface Rest {
  readonly pieces: readonly Piece[];
  readonly globals: ReadonlySet<number>;
  readonly inLoops: ReadonlySet<number>;
  readonly written: ReadonlySet<number>;
  readonly loops: boolean;
  /** Whether a loop calls by reference. */
  readonly indirect: boolean;
}

/**
 * The code from a loop, or from the first instruction, to the end of the function, without the function's own `end`. Null
 * where it has instructions that stay in the guest's module.
 */
function restOf(module: WasmModule, site: Pick<Site, 'func' | 'at' | 'around'>): Rest | null {
  const { bytes } = module;
  const end = (module.code[site.func - module.importedFunctions] as { end: number }).end;
  const c = new Cursor(bytes);
  c.p = site.at;
  const pieces: Piece[] = [];
  let from = site.at;
  let depth = site.around.length;
  /** Constructs of `around` that are still open have the numbers below this. */
  let around = depth;
  /** Depth at which an arm that is left out ends; -1: code is kept. */
  let skipped = -1;
  /** Depths of the loops that are open, and whether there has been one. */
  const inside: number[] = [];
  const globals = new Set<number>();
  const inLoops = new Set<number>();
  const written = new Set<number>();
  let loops = false;
  let indirect = false;
  /** Position of the outer loop in what is open; two blocks stand for it. */
  const outer = site.around.findIndex((a) => a.code === OP.loop);
  let inOuter = outer >= 0;
  /** Reads a label of code at that depth; one that leads out of the outer loop has one block more to pass. */
  const label = (depth: number) => {
    const at = c.p;
    const n = c.leb();
    if (!inOuter || skipped >= 0 || depth - 1 - n >= outer) return;
    pieces.push({ start: from, end: at, label: n + 1 });
    from = c.p;
  };
  while (c.p < end) {
    const at = c.p;
    let op = bytes[c.p++] as number;
    const way = WAYS[op] as number;
    if (way !== SPECIAL && !(inOuter && LABELLED[op])) {
      if (op === OP.globalGet || op === OP.globalSet) {
        const global = c.leb();
        globals.add(global);
        if (op === OP.globalSet) written.add(global);
        else if (inside.length > 0) inLoops.add(global);
      } else c.p = passImmediate(bytes, c.p, way);
      continue;
    }
    if (op === OP.end) {
      if (depth === skipped) {
        from = at;
        skipped = -1;
      }
      if (inside.at(-1) === depth) inside.pop();
      if (inOuter && depth === outer + 1) {
        pieces.push({ start: from, end: at, ends: true });
        from = c.p;
        inOuter = false;
      }
      if (depth-- === 0) break;
      if (depth < around) around = depth;
      continue;
    }
    if (op === OP.delegate && depth-- === around) around = depth;
    if (op === OP.else && depth === around && skipped < 0 && site.around[depth - 1]?.code === OP.if) {
      pieces.push({ start: from, end: at });
      skipped = depth;
      continue;
    }
    if (op === OP.call || op === RETURN_CALL) {
      const target = c.leb();
      if (skipped < 0) {
        pieces.push({ start: from, end: at + 1, call: target, loops: inside.length });
        from = c.p;
      }
      continue;
    }
    if (inside.length > 0 && (op === OP.callIndirect || op === OP.callRef)) indirect = true;
    if (op >= 0xfb) op = (op << 16) | c.leb();
    if (BOUND.has(op)) return null;
    const row = op > 0xff ? opByCode(op) : ONE_BYTE[op];
    if (!row) throw new RangeError(`no opcode 0x${op.toString(16)}`);
    if (op === OP.block || op === OP.loop || op === OP.if || op === OP.try || op === OP.tryTable) depth++;
    if (op === OP.loop) {
      loops = true;
      inside.push(depth);
    }
    // Labels of clauses count from outside of the `try_table`, that of `delegate` from outside of its `try`.
    const outside = op === OP.tryTable ? depth - 1 : depth;
    for (const imm of row.imms) {
      if (imm === 'label') label(outside);
      else if (imm === 'labels') for (let n = c.leb() + 1; n > 0; n--) label(outside);
      else if (imm === 'catches') {
        for (let n = c.leb(); n > 0; n--) {
          if ((bytes[c.p++] as number) < 2) c.skip();
          label(outside);
        }
      } else c.pass(imm as Imm);
    }
  }
  pieces.push({ start: from, end: end - 1 });
  return { pieces, globals, inLoops, written, loops, indirect };
}
