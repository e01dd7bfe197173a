/**
 * Writes the Wasm of interpreter arms. An arm sees the machine as a few locals (pc, fp, instruction count) and operand
 * words behind pc; this class has a method for each thing arms do with them.
 */
import { CTL, FUNCS, MIRROR, STATUS } from '../machine/layout.ts';
import type { CodeWriter } from '../wasm/code.ts';
import { castTo } from '../wasm/hierarchy.ts';
import type { TypeDef } from '../wasm/module.ts';
import type { ValType } from '../wasm/row.ts';

/** Memory 0 of the interpreter module is the machine's; the guest's memories follow. */
export const MACHINE = 0;

/** Locals of the interpreter function. */
export const LOCAL = {
  pc: 0,
  fp: 1,
  icount: 2,
  deadline: 3,
  a: 4,
  b: 5,
  c: 6,
  i64: 7,
  f32: 8,
  f64: 9,
  v128: 10,
  /** Nanoseconds that a wait has left. */
  wait: 11,
  /** CTL.limit and CTL.refTop of this activation, while others may run. */
  limit: 12,
  refTop: 13,
} as const;
export const LOCAL_TYPES: readonly ValType[] = [
  'i64',
  'i64',
  'i32',
  'i32',
  'i32',
  'i64',
  'f32',
  'f64',
  'v128',
  'i64',
  'i32',
  'i32',
];

/** Place in the log of executed instructions, where the copy keeps one; behind the two parameters and the fixed locals. */
export const LOG = 2 + LOCAL_TYPES.length;

/** Indices, in the interpreter module, of what arms use. */
export interface InterpIndices {
  /** Function that reports a hot counter: (pc, fp) -> i32, not 0: start recording. */
  hot: number;
  /** Recording copy only: (pc, fp) -> i32, not 0: stop here. */
  recordAt: number;
  /** (func) -> (): translates a function. */
  translate: number;
  /** With fuel only: (fp, pc) -> i32, not 0: the fragment at this head may run (its strip is set to what the fuel allows). */
  fuelStrip: number;
  /** (pc, fp, recording) -> i32, not 0: CTL.pc and CTL.fp say where a handler is. */
  unwind: number;
  /** (externref) -> i32, not 0: what JavaScript threw ends the guest, whatever handlers it has. */
  uncatchable: number;
  /** Tag of what JavaScript throws. */
  jsTag: number;
  /** Somebody may ask the guest to stop while it waits. */
  timeLimit: boolean;
  /** Calls of the host may suspend, and other activations run meanwhile. */
  suspends: boolean;
  /** Frames of the guest hold references. */
  references: boolean;
  /** The guest has exception handlers. */
  catching: boolean;
  /** Block type of a block that leaves values of those types. */
  blockType(results: readonly ValType[]): ValType | 'void' | number;
  /** (funcref) -> i32: index + 1 of the guest's own function, 0 for any other reference. */
  identify: number;
  /** (i64) -> (): throws when the guest may not have so many pages more. */
  memoryAsked: number;
  /** () -> (): throws the host's stack overflow error. */
  overflow: number;
  /** Type of fragments and the fragment table. */
  fragmentType: number;
  fragmentTable: number;
  /** Imported guest functions by function index. */
  importFunc(func: number): number;
  table(index: number): number;
  global(index: number): number;
  memory(index: number): number;
  tag(index: number): number;
  /** Guest type index in this module (types are copied, so they agree). */
  type(index: number): number;
  /** Side table for references of that type. */
  side(type: ValType): number;
  /** The guest's types. */
  readonly types: readonly TypeDef[];
  /** Machine addresses. */
  sigs: number;
  mirror(table: number): number | null;
  /** Function of the guest module that executes one of its instructions. */
  helper(key: string): number;
  /** (table) -> (): the guest has written the table. */
  tableChanged: number;
}

const LOADS: Record<string, string> = {
  i32: 'i32.load',
  i64: 'i64.load',
  f32: 'f32.load',
  f64: 'f64.load',
  v128: 'v128.load',
};
const STORES: Record<string, string> = {
  i32: 'i32.store',
  i64: 'i64.store',
  f32: 'f32.store',
  f64: 'f64.store',
  v128: 'v128.store',
};

/** True for types that live in machine memory rather than in side tables. */
export function isNumeric(type: ValType): boolean {
  return type in LOADS;
}

/** Copies of the dispatch loop. `history` takes the place of `run` where the policy wants one. */
export type Copy = 'run' | 'record' | 'history';

export class ArmGen {
  readonly c: CodeWriter;
  readonly ix: InterpIndices;
  /** The copy that records one trace, until it is told to stop. */
  readonly recording: boolean;
  /** The copy that always keeps a history, of the last executed instructions. */
  readonly history: boolean;
  readonly fuel: boolean;
  /** Labels between here and the dispatch loop. */
  depth = 0;
  /** Words of the arm in progress. */
  words = 0;

  constructor(c: CodeWriter, ix: InterpIndices, copy: Copy, fuel: boolean) {
    this.c = c;
    this.ix = ix;
    this.recording = copy === 'record';
    this.history = copy === 'history';
    this.fuel = fuel;
  }

  get(local: number): this {
    this.c.op('local.get', local);
    return this;
  }

  set(local: number): this {
    this.c.op('local.set', local);
    return this;
  }

  tee(local: number): this {
    this.c.op('local.tee', local);
    return this;
  }

  i32(value: number): this {
    this.c.op('i32.const', value | 0);
    return this;
  }

  op(name: string, ...imms: unknown[]): this {
    this.c.op(name, ...(imms as number[]));
    return this;
  }

  /** Pushes operand word `i` of the instruction at pc. */
  word(i: number): this {
    return this.get(LOCAL.pc).op('i32.load', MACHINE, 4 * i);
  }

  word64(i: number): this {
    return this.get(LOCAL.pc).op('i64.load', MACHINE, 4 * i);
  }

  /** Pushes the constant of that type that begins at word `i`. */
  constant(i: number, type: ValType): this {
    return this.get(LOCAL.pc).op(LOADS[type] as string, MACHINE, 4 * i);
  }

  /** Pushes the machine address of the slot that word `i` names. */
  addr(i: number): this {
    return this.get(LOCAL.fp).word(i).op('i32.add');
  }

  /** Pushes the value of the slot that word `i` names. */
  slot(i: number, type: ValType): this {
    this.addr(i);
    return this.load(type);
  }

  /** Replaces a machine address on the stack by the value there; `off` is added. */
  load(type: ValType, off = 0): this {
    const op = LOADS[type];
    if (op) return this.op(op, MACHINE, off);
    if (off) this.i32(off).op('i32.add');
    this.i32(3).op('i32.shr_u').op('table.get', this.ix.side(type));
    return this.narrow(type);
  }

  /** Side tables hold the top type of a hierarchy; a more exact type needs a cast that cannot fail. */
  narrow(type: ValType): this {
    for (const [name, ...imms] of castTo(this.ix.types, type)) this.op(name, ...imms);
    return this;
  }

  /** Pushes the address under which `put` stores. */
  dest(i: number, type: ValType): this {
    this.addr(i);
    if (!isNumeric(type)) this.i32(3).op('i32.shr_u');
    return this;
  }

  /** The same for the slot at fp + off. */
  fpAt(off: number, type: ValType): this {
    this.get(LOCAL.fp);
    if (off !== 0) this.i32(off).op('i32.add');
    return isNumeric(type) ? this : this.i32(3).op('i32.shr_u');
  }

  /** Stores the value on the stack at the address that `dest` pushed. */
  put(type: ValType): this {
    const op = STORES[type];
    return op ? this.op(op, MACHINE, 0) : this.op('table.set', this.ix.side(type));
  }

  /** Stores to fp + word(i) + off, where the value is in a local. */
  store(type: ValType, off: number): this {
    return this.op(STORES[type] as string, MACHINE, off);
  }

  /** Pushes the i32 at a control address. */
  ctl(address: number): this {
    return this.i32(0).op('i32.load', MACHINE, address);
  }

  /** Writes a word of machine memory. */
  setCtl(address: number, value: number): this {
    return this.i32(0).i32(value).op('i32.store', MACHINE, address);
  }

  /** Stores the position, so that a trap or a host call finds it. */
  position(): this {
    return this.i32(0).get(LOCAL.pc).op('i32.store', MACHINE, CTL.pc);
  }

  /** Stores fp as the frame in progress. */
  frame(): this {
    return this.i32(0).get(LOCAL.fp).op('i32.store', MACHINE, CTL.fp);
  }

  /** Adds word `i` to the count of completed guest instructions; the address of the word is pc unless given. */
  count(i: number): this {
    return this.get(LOCAL.pc).countAt(4 * i);
  }

  /** The same with the base address on the stack. */
  countAt(off: number): this {
    this.op('i64.load32_s', MACHINE, off).get(LOCAL.icount).op('i64.add').set(LOCAL.icount);
    return this.i32(0).get(LOCAL.icount).op('i64.store', MACHINE, CTL.icount);
  }

  /** Adds 1 to the i64 in words i, i+1. */
  bump(i: number): this {
    return this.get(LOCAL.pc)
      .word64(i)
      .op('i64.const', 1n)
      .op('i64.add')
      .op('i64.store', MACHINE, 4 * i);
  }

  /** Takes up again what nested activations and fragments may have changed. */
  reload(): this {
    this.i32(0).op('i64.load', MACHINE, CTL.icount).set(LOCAL.icount);
    if (this.history) this.ctl(CTL.log).set(LOG);
    return this.i32(0).op('i64.load', MACHINE, CTL.deadline).set(LOCAL.deadline);
  }

  /** Takes back what `count` has added. */
  uncount(i: number): this {
    this.get(LOCAL.icount)
      .get(LOCAL.pc)
      .op('i64.load32_s', MACHINE, 4 * i)
      .op('i64.sub')
      .set(LOCAL.icount);
    return this.i32(0).get(LOCAL.icount).op('i64.store', MACHINE, CTL.icount);
  }

  /** Keeps the words of CTL that belong to this activation. */
  keepOwn(): this {
    return this.ctl(CTL.limit).set(LOCAL.limit).ctl(CTL.refTop).set(LOCAL.refTop);
  }

  /** Puts them back, after others may have run. */
  takeOwn(): this {
    this.i32(0).get(LOCAL.limit).op('i32.store', MACHINE, CTL.limit);
    return this.i32(0).get(LOCAL.refTop).op('i32.store', MACHINE, CTL.refTop);
  }

  /** Goes on with the instruction behind. */
  next(words = this.words): this {
    this.get(LOCAL.pc)
      .i32(4 * words)
      .op('i32.add')
      .set(LOCAL.pc);
    return this.dispatch();
  }

  /** Goes on at pc. */
  dispatch(): this {
    return this.op('br', this.depth);
  }

  begin(kind: 'if' | 'block' | 'loop', type: string | number = 'void'): this {
    this.depth++;
    return this.op(kind, type);
  }

  else(): this {
    return this.op('else');
  }

  end(): this {
    this.depth--;
    return this.op('end');
  }

  /** A local of that type whose value does not outlive the arm. */
  scratch(type: ValType): number {
    const known = { i32: LOCAL.c, i64: LOCAL.i64, f32: LOCAL.f32, f64: LOCAL.f64, v128: LOCAL.v128 } as Record<
      string,
      number
    >;
    const at = known[type] ?? this.refScratch.get(type);
    if (at !== undefined) return at;
    const next = LOG + 1 + this.refScratch.size;
    this.refScratch.set(type, next);
    return next;
  }

  /** Scratch locals for references, in the order in which they follow LOCAL_TYPES. */
  readonly refScratch = new Map<ValType, number>();

  /** Tells the machine that a table was written. */
  tableChanged(table: number): this {
    return this.ix.mirror(table) === null ? this : this.i32(table).op('call', this.ix.tableChanged);
  }

  /**
   * local c := guest function behind element word(index) of a table; leaves the innermost block where it is none of the
   * guest's own, or has another type than word(type).
   */
  callee(table: number, index: number, type: number, addr: 'i32' | 'i64'): this {
    const mirror = this.ix.mirror(table);
    this.begin('block');
    if (mirror !== null) {
      this.begin('block').mirrored(mirror, index, type, addr).op('br', 1).end();
      // What the mirror does not know is no function of the guest, unless somebody else writes the table.
      this.ctl(mirror + MIRROR.foreign)
        .op('i32.eqz')
        .op('br_if', 1);
    }
    const at = this.ix.table(table);
    this.slot(index, addr).op('table.size', at).op(`${addr}.ge_u`).op('br_if', 1);
    this.slot(index, addr).op('table.get', at).op('call', this.ix.identify).tee(LOCAL.c).op('i32.eqz').op('br_if', 1);
    this.get(LOCAL.c).i32(1).op('i32.sub').tee(LOCAL.c);
    this.i32(2).op('i32.shl').op('i32.load', MACHINE, this.ix.sigs).word(type).op('i32.ne').op('br_if', 1);
    return this.end();
  }

  /** The same for what the table's mirror knows. */
  private mirrored(mirror: number, index: number, type: number, addr: 'i32' | 'i64'): this {
    const at = addr === 'i32' ? LOCAL.c : LOCAL.i64;
    this.slot(index, addr)
      .tee(at)
      .ctl(mirror + MIRROR.size);
    if (addr === 'i64') this.op('i64.extend_i32_u');
    this.op(`${addr}.ge_u`).op('br_if', 0);
    if (addr === 'i64') this.get(at).op('i32.wrap_i64').set(LOCAL.c);
    this.get(LOCAL.c)
      .i32(2)
      .op('i32.shl')
      .ctl(mirror + MIRROR.base)
      .op('i32.add')
      .op('i32.load', MACHINE, 0);
    this.i32(1).op('i32.sub').tee(LOCAL.c).i32(0).op('i32.lt_s').op('br_if', 0);
    this.get(LOCAL.c).i32(2).op('i32.shl').op('i32.load', MACHINE, this.ix.sigs).word(type);
    return this.op('i32.ne').op('br_if', 0);
  }

  /** local c := guest function that the reference in slot word(i) means; leaves the innermost block for any other. */
  identified(i: number): this {
    this.slot(i, 'funcref').op('call', this.ix.identify).tee(LOCAL.c).op('i32.eqz').op('br_if', 0);
    return this.get(LOCAL.c).i32(1).op('i32.sub').set(LOCAL.c);
  }

  /** Leaves to the driver with a status. */
  leave(status: keyof typeof STATUS): this {
    this.position().frame().i32(0).i32(STATUS[status]).op('i32.store', MACHINE, CTL.status);
    return this.get(LOCAL.pc).get(LOCAL.fp).op('return');
  }

  /** pc := code of guest function whose index is on the stack, translated if need be. Uses local a. */
  toFunction(): this {
    this.tee(LOCAL.a).i32(2).op('i32.shl').op('i32.load', MACHINE, FUNCS).tee(LOCAL.b).op('i32.eqz').begin('if');
    this.get(LOCAL.a).op('call', this.ix.translate);
    this.get(LOCAL.a).i32(2).op('i32.shl').op('i32.load', MACHINE, FUNCS).set(LOCAL.b);
    return this.end().get(LOCAL.b).set(LOCAL.pc);
  }
}
