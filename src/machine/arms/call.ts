/**
 * Calls and returns. A guest function is entered without leaving the interpreter: its frame begins at the outgoing
 * operands of the caller. Functions of the host are called for real, with the position and the top of the frame stack
 * stored, so that the host can enter the guest again.
 */

import { type ArmGen, isNumeric, LOCAL } from '../../interp/gen.ts';
import type { ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import { CTL, SLOT, STATE } from '../layout.ts';
import type { AddressType } from './memory.ts';

/** Bytes that a value takes in a frame. */
export function slotBytes(type: ValType): number {
  return type === 'v128' ? 2 * SLOT : SLOT;
}

export function typesBytes(types: readonly ValType[]): number {
  return types.reduce((sum, t) => sum + slotBytes(t), 0);
}

export interface Signature {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

/** Bytes of the window that caller and callee share; the callee's header lies behind it. */
export function windowBytes(sig: Signature): number {
  return Math.max(typesBytes(sig.params), typesBytes(sig.results));
}

/** Writes the callee's header, moves fp to its frame; pc is set by what follows. Words: operand offset, header offset. */
function pushFrame(g: ArmGen, args: number, header: number, words: number): void {
  g.addr(header)
    .tee(LOCAL.a)
    .get(LOCAL.pc)
    .i32(4 * words)
    .op('i32.add')
    .op('i32.store', 0, 0);
  g.get(LOCAL.a).get(LOCAL.fp).op('i32.store', 0, 4);
  g.addr(args).set(LOCAL.fp);
}

/** Operand words of a call. */
export const CALL = { n: 1, args: 2, header: 3, func: 4, words: 5 } as const;
/** Operand words of an indirect call. */
export const INDIRECT = { n: 1, index: 2, args: 3, header: 4, top: 5, type: 6, words: 7 } as const;

/** Calls a guest function: `[arm, n, operands, header, func]`. */
export const callArm: Arm = {
  key: 'call',
  kind: 'call',
  words: 5,
  gen(g) {
    g.count(1).position();
    // The new frame is complete before a translation can fail, and the function is read while pc is still here.
    g.word(4).set(LOCAL.c);
    pushFrame(g, 2, 3, 5);
    g.get(LOCAL.c).toFunction().dispatch();
  },
  lift(l) {
    l.count(l.word(1));
    l.call(l.word(CALL.func), l.word(CALL.args), l.word(CALL.header), l.pc + 4 * CALL.words);
  },
};

/** Pushes the operands that begin at fp + word(at). */
export function pushArgs(g: ArmGen, at: number, types: readonly ValType[]): void {
  let off = 0;
  for (const type of types) {
    g.addr(at).load(type, off);
    off += slotBytes(type);
  }
}

/** Stores results from the stack behind the address that `base` pushes, last first. */
export function popResults(g: ArmGen, base: () => void, types: readonly ValType[]): void {
  let off = typesBytes(types);
  for (const type of [...types].reverse()) {
    off -= slotBytes(type);
    const temp = g.scratch(type);
    g.set(temp);
    base();
    if (isNumeric(type)) g.get(temp).store(type, off);
    else g.i32(off).op('i32.add').i32(3).op('i32.shr_u').get(temp).put(type);
  }
}

/**
 * Everything around a call that leaves the machine: state, top of stack, position before; counters again after. What may
 * suspend is not recorded: the recording ends before it.
 */
export function outside(g: ArmGen, top: number, call: () => void): void {
  if (g.ix.suspends) {
    if (g.recording) {
      g.uncount(1).leave('recorded');
      return;
    }
    g.keepOwn();
  }
  g.position().i32(0).addr(top).op('i32.store', 0, CTL.top);
  g.i32(0).i32(STATE.host).op('i32.store', 0, CTL.state);
  call();
  if (g.ix.suspends) g.takeOwn();
  g.i32(0).i32(STATE.interpret).op('i32.store', 0, CTL.state);
  g.frame().reload();
}

export function importKey(func: number, tail: boolean): string {
  return tail ? `import:${func}:tail` : `import:${func}`;
}

/**
 * Calls imported function `func`: `[arm, n, operands, top]`. `exact`: the types that it is declared with. `tail`: in the
 * place of its caller.
 */
export function importArm(func: number, sig: Signature, exact: Signature, tail = false): Arm {
  return {
    key: importKey(func, tail),
    kind: 'host',
    ...(tail ? { tail } : {}),
    words: 4,
    gen(g) {
      g.count(1);
      outside(g, 3, () => {
        pushArgs(g, 2, exact.params);
        g.op('call', g.ix.importFunc(func));
        popResults(g, () => g.addr(2), sig.results);
      });
      g.next();
    },
    lift(l) {
      l.count(l.word(1));
      l.hostCall(func, l.word(2), l.word(3), sig);
    },
  };
}

/** A table and the type of its indices. */
export interface TableTarget {
  readonly table: number;
  readonly addr: AddressType;
}

/**
 * call_indirect: `[arm, n, index, operands, header, top, type]`. A function of the guest itself, known by the table's
 * mirror or identified by its reference, is entered like a direct call; anything else (null, another type, a function of
 * another module) is called for real, which also gives the host's own traps.
 */
export function indirectArm(type: number, { table, addr }: TableTarget, sig: Signature, exact: Signature): Arm {
  return {
    key: `call_indirect:${type}:${table}`,
    kind: 'indirect',
    words: 7,
    table,
    gen(g) {
      g.count(1);
      g.begin('block').callee(table, INDIRECT.index, INDIRECT.type, addr).position();
      pushFrame(g, 3, 4, 7);
      g.get(LOCAL.c).toFunction().dispatch();
      g.end();
      outside(g, 5, () => {
        pushArgs(g, 3, exact.params);
        g.slot(2, addr).op('call_indirect', g.ix.type(type), g.ix.table(table));
        popResults(g, () => g.addr(3), sig.results);
      });
      g.next();
    },
    lift(l) {
      const { args, header, words } = INDIRECT;
      const id = l.calleeId(l.get(INDIRECT.index, addr), table);
      l.indirectCall(id, l.word(INDIRECT.n), l.word(args), l.word(header), l.pc + 4 * words);
    },
  };
}

/**
 * call_ref: `[arm, n, reference, operands, header, top]`. The machine knows its own functions by their references; any
 * other is called for real, null too, which gives the host's own trap.
 */
export function callRefArm(type: number, sig: Signature, exact: Signature): Arm {
  const words = 6;
  return {
    key: `call_ref:${type}`,
    kind: 'indirect',
    words,
    gen(g) {
      g.count(1);
      g.begin('block').identified(INDIRECT.index).position();
      pushFrame(g, INDIRECT.args, INDIRECT.header, words);
      g.get(LOCAL.c).toFunction().dispatch().end();
      outside(g, INDIRECT.top, () => {
        pushArgs(g, INDIRECT.args, exact.params);
        g.slot(INDIRECT.index, `(ref null ${type})`).op('call_ref', g.ix.type(type));
        popResults(g, () => g.addr(INDIRECT.args), sig.results);
      });
      g.next();
    },
    lift(l) {
      const id = l.calleeRefId(l.get(INDIRECT.index, 'funcref'));
      l.indirectCall(id, l.word(INDIRECT.n), l.word(INDIRECT.args), l.word(INDIRECT.header), l.pc + 4 * words);
    },
  };
}

/** Pops the frame. The header lies at word `header`. */
export function popFrame(g: ArmGen, header: number): void {
  g.addr(header).tee(LOCAL.a).op('i32.load', 0, 0).set(LOCAL.pc);
  g.get(LOCAL.a).op('i32.load', 0, 4).set(LOCAL.fp).frame().dispatch();
}

/** Returns; results are already at the frame's start: `[arm, n, header]`. */
export const returnArm: Arm = {
  key: 'return',
  kind: 'return',
  words: 3,
  gen(g) {
    g.count(1);
    popFrame(g, 2);
  },
  lift(l) {
    l.return(l.word(2), () => l.count(l.word(1)));
  },
};

/** Returns one value from a slot: `[arm, n, header, src]`. */
export function returnValueArm(type: ValType): Arm {
  const raw: ValType = type === 'f32' ? 'i32' : type === 'f64' ? 'i64' : type;
  return {
    key: `return:${type}`,
    kind: 'return',
    words: 4,
    gen(g) {
      g.count(1).get(LOCAL.fp);
      if (!isNumeric(raw)) g.i32(3).op('i32.shr_u');
      g.slot(3, raw).put(raw);
      popFrame(g, 2);
    },
    lift(l) {
      const value = l.get(3, type);
      l.return(l.word(2), () => {
        l.count(l.word(1));
        l.store(0, value);
      });
    },
  };
}
