/**
 * Tail calls: the callee's frame takes the place of the caller's. Operands move down to where the frame begins, the
 * header goes to where the callee expects it; so the frame stack does not grow, and the callee returns to the caller's
 * caller with nothing left to do.
 */
import { type ArmGen, LOCAL } from '../../interp/gen.ts';
import type { ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import { outside, popFrame, popResults, pushArgs, type Signature, slotBytes, type TableTarget } from './call.ts';

/** Operand words. `header`, `newHeader`: offsets of the header now and in the callee's frame. */
export const TAIL = { n: 1, args: 2, header: 3, newHeader: 4, func: 5, words: 6 } as const;
export const TAIL_INDIRECT = {
  n: 1,
  index: 2,
  args: 3,
  header: 4,
  newHeader: 5,
  top: 6,
  type: 7,
  words: 8,
} as const;

/** Bits are moved, whatever they mean; references go from side table to side table. */
function raw(type: ValType): ValType {
  return type === 'i32' || type === 'f32' || type === 'f64' ? 'i64' : type;
}

/** Moves operands and header; the frame pointer stays. Uses the i64 local. */
function moveFrame(
  g: ArmGen,
  params: readonly ValType[],
  at: { args: number; header: number; newHeader: number },
): void {
  g.addr(at.header).op('i64.load', 0, 0).set(LOCAL.i64);
  // From low to high: each operand moves down, so none is overwritten before it is read.
  let off = 0;
  for (const type of params) {
    g.fpAt(off, raw(type)).addr(at.args).load(raw(type), off).put(raw(type));
    off += slotBytes(type);
  }
  g.addr(at.newHeader).get(LOCAL.i64).op('i64.store', 0, 0);
}

/** `[arm, n, operands, header, new header, func]`. `params`: as frames keep them. */
export function tailArm(params: readonly ValType[]): Arm {
  return {
    key: `return_call:${params.join(',')}`,
    kind: 'tail',
    words: TAIL.words,
    gen(g) {
      g.count(TAIL.n).position().word(TAIL.func).set(LOCAL.c);
      moveFrame(g, params, TAIL);
      g.get(LOCAL.c).toFunction().dispatch();
    },
    lift(l) {
      l.count(l.word(TAIL.n));
      l.tailCall(params, l.word(TAIL.args), l.word(TAIL.header), l.word(TAIL.newHeader));
    },
  };
}

/** Calls for real what is no function of this guest, and returns its results. */
function callAndReturn(g: ArmGen, sig: Signature, call: () => void): void {
  outside(g, TAIL_INDIRECT.top, () => {
    call();
    popResults(g, () => g.get(LOCAL.fp), sig.results);
  });
  popFrame(g, TAIL_INDIRECT.header);
}

/** `[arm, n, index, operands, header, new header, top, type]`; see `indirectArm`. */
export function tailIndirectArm(type: number, { table, addr }: TableTarget, sig: Signature, exact: Signature): Arm {
  return {
    key: `return_call_indirect:${type}:${table}`,
    kind: 'tail-indirect',
    tail: true,
    words: TAIL_INDIRECT.words,
    table,
    gen(g) {
      g.count(TAIL_INDIRECT.n);
      g.begin('block').callee(table, TAIL_INDIRECT.index, TAIL_INDIRECT.type, addr).position();
      moveFrame(g, sig.params, TAIL_INDIRECT);
      g.get(LOCAL.c).toFunction().dispatch().end();
      callAndReturn(g, sig, () => {
        pushArgs(g, TAIL_INDIRECT.args, exact.params);
        g.slot(TAIL_INDIRECT.index, addr).op('call_indirect', g.ix.type(type), g.ix.table(table));
      });
    },
    lift(l) {
      const { args, header, newHeader } = TAIL_INDIRECT;
      l.calleeGuard(l.calleeId(l.get(TAIL_INDIRECT.index, addr), table));
      l.count(l.word(TAIL_INDIRECT.n));
      l.tailCall(sig.params, l.word(args), l.word(header), l.word(newHeader));
    },
  };
}

/** return_call_ref: `[arm, n, reference, operands, header, new header, top]`; see `callRefArm`. */
export function tailRefArm(type: number, sig: Signature, exact: Signature): Arm {
  return {
    key: `return_call_ref:${type}`,
    kind: 'tail-indirect',
    tail: true,
    words: TAIL_INDIRECT.words,
    gen(g) {
      g.count(TAIL_INDIRECT.n);
      g.begin('block').identified(TAIL_INDIRECT.index).position();
      moveFrame(g, sig.params, TAIL_INDIRECT);
      g.get(LOCAL.c).toFunction().dispatch().end();
      callAndReturn(g, sig, () => {
        pushArgs(g, TAIL_INDIRECT.args, exact.params);
        g.slot(TAIL_INDIRECT.index, `(ref null ${type})`).op('call_ref', g.ix.type(type));
      });
    },
    lift(l) {
      const { args, header, newHeader } = TAIL_INDIRECT;
      l.calleeGuard(l.calleeRefId(l.get(TAIL_INDIRECT.index, 'funcref')));
      l.count(l.word(TAIL_INDIRECT.n));
      l.tailCall(sig.params, l.word(args), l.word(header), l.word(newHeader));
    },
  };
}
