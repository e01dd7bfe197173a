/** Calls: operands are brought to where the frame of the callee begins. Tail calls take the frame of the caller. */
import {
  callArm,
  callRefArm,
  importArm,
  importKey,
  indirectArm,
  type Signature,
  slotBytes,
  windowBytes,
} from '../arms/call.ts';
import { tailArm, tailIndirectArm, tailRefArm } from '../arms/tail.ts';
import type { Draft } from './draft.ts';
import { emitReturn } from './returns.ts';

export function callOperands(d: Draft, sig: Signature): { args: number; top: number } {
  const n = sig.params.length;
  d.settleAll(d.stack.height - n);
  const first = d.stack.height - n;
  const args = d.stack.offsetAt(first);
  d.stack.truncate(first);
  const top = args + windowBytes(sig);
  if (top > d.stack.highest) d.stack.highest = top;
  return { args, top };
}

function afterCall(d: Draft, sig: Signature): void {
  for (const type of sig.results) d.stack.push(type);
  d.pending = -1;
  d.last = null;
}

export function doCall(d: Draft, func: number, tail = false): void {
  const sig = d.env.signature(func);
  const { args, top } = callOperands(d, sig);
  if (func < d.env.module.importedFunctions) {
    d.begin(
      d.arm(importKey(func, tail), () =>
        importArm(func, sig, d.env.exactSignature(d.env.module.functions[func] as number), tail),
      ),
    );
    d.code.word(d.pending + 1);
    d.code.word(args);
    d.code.word(top);
  } else {
    d.begin(d.arm(callArm.key, () => callArm));
    d.code.word(d.pending + 1);
    d.code.word(args);
    d.code.word(args + windowBytes(sig));
    d.code.word(func);
  }
  afterCall(d, sig);
}

export function doCallIndirect(d: Draft, type: number, table: number): void {
  const sig = d.env.typeSignature(type);
  const index = d.stack.pop();
  // The index is read before the window is overwritten: a constant goes to its own slot, above the operands.
  const src = d.source(index);
  const { args, top } = callOperands(d, sig);
  const beyond = Math.max(top, index.off + slotBytes(index.type));
  const exact = d.env.exactSignature(type);
  d.begin(d.arm(`call_indirect:${type}:${table}`, () => indirectArm(type, d.tableTarget(table), sig, exact)));
  d.code.word(d.pending + 1);
  d.code.word(src);
  d.code.word(args);
  d.code.word(args + windowBytes(sig));
  d.code.word(beyond);
  d.code.word(d.env.canonical(type));
  afterCall(d, sig);
}

export function doCallRef(d: Draft, type: number): void {
  const sig = d.env.typeSignature(type);
  const ref = d.stack.pop();
  const src = d.source(ref);
  const { args, top } = callOperands(d, sig);
  const exact = d.env.exactSignature(type);
  d.begin(d.arm(`call_ref:${type}`, () => callRefArm(type, sig, exact)));
  d.code.word(d.pending + 1);
  d.code.word(src);
  d.code.word(args);
  d.code.word(args + windowBytes(sig));
  d.code.word(Math.max(top, ref.off + slotBytes(ref.type)));
  afterCall(d, sig);
}

export function doReturnCall(d: Draft, func: number): void {
  if (func < d.env.module.importedFunctions) {
    // A function of the host cannot take the frame over: a call and a return are the same to everybody.
    doCall(d, func, true);
    emitReturn(d);
  } else {
    const sig = d.env.signature(func);
    const { args } = callOperands(d, sig);
    d.begin(d.arm(`return_call:${sig.params.join(',')}`, () => tailArm(sig.params)));
    for (const w of [d.pending + 1, args, d.window, windowBytes(sig), func]) d.code.word(w);
  }
  d.dead = true;
}

/** return_call_indirect through a table, or return_call_ref where that is null. */
export function doReturnCallIndirect(d: Draft, type: number, table: number | null): void {
  const sig = d.env.typeSignature(type);
  const exact = d.env.exactSignature(type);
  const callee = d.stack.pop();
  const src = d.source(callee);
  const { args, top } = callOperands(d, sig);
  if (table === null) d.begin(d.arm(`return_call_ref:${type}`, () => tailRefArm(type, sig, exact)));
  else {
    const key = `return_call_indirect:${type}:${table}`;
    d.begin(d.arm(key, () => tailIndirectArm(type, d.tableTarget(table), sig, exact)));
  }
  const beyond = Math.max(top, callee.off + slotBytes(callee.type));
  const words = [d.pending + 1, src, args, d.window, windowBytes(sig), beyond, d.env.canonical(type)];
  for (const w of words) d.code.word(w);
  d.dead = true;
}
