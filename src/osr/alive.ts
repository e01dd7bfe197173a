/**
 * Which locals are dead at the head of a loop: written before they are read on every way from there. A probe that passed
 * them on would keep them alive around the loop, in registers that the loop needs itself:
 *
 *     loop                       ;; $sum is alive here, $t is dead
 *       local.set $t (...)
 *       local.set $sum (i32.add (local.get $sum) (local.get $t))
 *       br_if 0 (...)
 *     end
 *
 * One walk over the code behind the head: what has been written grows along every way, so a loop adds nothing to what
 * is known where it is entered, and where ways meet, that is written which all of them have written.
 */
import type { WasmModule } from '../wasm/module.ts';
import { ONE_BYTE, opByCode } from '../wasm/opcodes.ts';
import type { Imm } from '../wasm/row.ts';
import { Cursor } from '../wasm/scan.ts';
import { LEAVES, OP, passImmediate, SPECIAL, WAYS } from './codes.ts';
import type { Around } from './loops.ts';

/** A set of locals, a bit for each. */
type Locals = Uint32Array;

const ALL = 0xffffffff;

/** What is open: the locals that are written where it is entered, and on every way to its end so far. */
interface Open {
  code: number;
  readonly entry: Locals;
  readonly end: Locals;
}

/** A place at which locals are asked for: byte offset of a loop, and what is open around it. */
interface Head {
  readonly at: number;
  readonly around: readonly Around[];
  readonly outer: Head | null;
}

/** Walks over code with locals of a given number. */
class Walk {
  private readonly c: Cursor;
  private readonly read: Locals;
  /** Written on every way to here; all, where none leads here. */
  private readonly now: Locals;
  /** Used again; the first `depth` are open. */
  private readonly open: Open[] = [];
  private depth = 0;
  /** Depth of the loop around, while it is open, and what is written on every way back to it. */
  private loop = -1;
  private readonly again: Locals;

  constructor(bytes: Uint8Array, locals: number) {
    this.c = new Cursor(bytes);
    this.read = new Uint32Array((locals + 31) >> 5);
    this.now = new Uint32Array(this.read.length);
    this.again = new Uint32Array(this.read.length).fill(ALL);
  }

  /** Locals that are read before they are written on some way from a loop; `end`: that of the function. */
  alive({ at, around, outer }: Head, end: number): Locals {
    this.loop = outer ? outer.around.length : -1;
    this.from(at, around, end);
    if (outer) {
      // The next trip of the loop around.
      this.loop = -1;
      this.now.set(this.again);
      this.from(outer.at, outer.around, end);
    }
    return this.read;
  }

  private from(at: number, around: readonly Around[], end: number): void {
    const { c, now } = this;
    const before = now.slice();
    this.depth = 0;
    for (const { at, code } of around) {
      // The other arm of an `if` is not reached; what is thrown may come to any handler.
      now.fill(code === OP.if ? ALL : 0);
      this.enter(code);
      if (code !== OP.tryTable) continue;
      c.p = at + 1;
      c.type();
      this.catches();
    }
    now.set(before);
    c.p = at;
    const { bytes } = c;
    while (c.p < end) {
      const op = bytes[c.p++] as number;
      if (op === OP.localGet) {
        const i = c.leb();
        this.read[i >> 5]! |= (1 << (i & 31)) & ~(now[i >> 5] as number);
      } else if (op === OP.localSet || op === OP.localTee) {
        const i = c.leb();
        now[i >> 5]! |= 1 << (i & 31);
      } else if (WAYS[op] === SPECIAL || LABELS[op]) {
        if (op === OP.end && this.depth === 0) return;
        this.step(op);
      } else c.p = passImmediate(bytes, c.p, WAYS[op] as number);
    }
  }

  private step(op: number): void {
    const { c, now } = this;
    const top = this.open[this.depth - 1];
    switch (op) {
      case OP.block:
      case OP.loop:
      case OP.if:
      case OP.try:
        c.type();
        this.enter(op);
        return;
      case OP.tryTable:
        c.type();
        this.enter(op);
        this.catches();
        return;
      case OP.else:
      case OP.catch:
      case OP.catchAll:
        if (!top) return;
        if (op === OP.catch) c.skip();
        meet(top.end, now);
        now.set(top.entry);
        top.code = op;
        return;
      case OP.end:
      case OP.delegate:
        if (op === OP.delegate) c.skip();
        if (!top) return;
        if (--this.depth === this.loop) this.loop = -1;
        if (top.code === OP.if) meet(top.end, top.entry);
        if (top.code !== OP.loop) meet(now, top.end);
        return;
    }
    const code = op >= 0xfb ? (op << 16) | c.leb() : op;
    const row = code > 0xff ? opByCode(code) : ONE_BYTE[code];
    if (!row) throw new RangeError(`no opcode 0x${code.toString(16)}`);
    for (const imm of row.imms) {
      if (imm === 'label') this.branch(this.depth - 1 - c.leb());
      else if (imm === 'labels') for (let n = c.leb() + 1; n > 0; n--) this.branch(this.depth - 1 - c.leb());
      else c.pass(imm as Imm);
    }
    if (LEAVES.has(op)) now.fill(ALL);
  }

  private enter(code: number): void {
    const at = this.depth++;
    const { length } = this.now;
    const open = (this.open[at] ??= { code, entry: new Uint32Array(length), end: new Uint32Array(length) });
    open.code = code;
    open.entry.set(this.now);
    open.end.fill(ALL);
  }

  /** Clauses of the `try_table` that has just been opened; their labels count from outside of it. */
  private catches(): void {
    const { c } = this;
    for (let n = c.leb(); n > 0; n--) {
      if ((c.bytes[c.p++] as number) < 2) c.skip();
      this.branch(this.depth - 2 - c.leb());
    }
  }

  /** A branch to what is open at that depth; below 0, out of the function. */
  private branch(depth: number): void {
    if (depth < 0) return;
    meet((this.open[depth] as Open).end, this.now);
    if (depth === this.loop) meet(this.again, this.now);
  }
}

function meet(into: Locals, other: Locals): void {
  for (let i = 0; i < into.length; i++) into[i]! &= other[i] as number;
}

/** Opcodes of one byte that a label follows. */
const LABELS = Uint8Array.from(ONE_BYTE, (row) => (row?.imms.includes('label') ? 1 : 0));

/** Tells for a local of the function whether it is dead at the head of the loop. */
export function deadAt(module: WasmModule, func: number, head: Head, locals: number): (local: number) => boolean {
  const { end } = module.code[func - module.importedFunctions] as { end: number };
  const alive = new Walk(module.bytes, locals).alive(head, end);
  return (i) => (((alive[i >> 5] as number) >>> (i & 31)) & 1) === 0;
}
