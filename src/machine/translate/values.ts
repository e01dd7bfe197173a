/** Locals, and instructions that make one value of others. */
import type { ExactSignature } from '../../wasm/exact.ts';
import { instructionKey, type OpRow, type ValType } from '../../wasm/row.ts';
import { heapArm } from '../arms/heap.ts';
import { constWords, type Form, numericArm, type StaticImm } from '../arms/numeric.ts';
import type { Operand } from '../vstack.ts';
import type { Draft } from './draft.ts';
import { immSuffix } from './immediates.ts';

/** Where the value has just been computed, the instruction that did it writes the local itself. */
export function setLocal(d: Draft, index: number, tee: boolean): void {
  const local = d.locals[index] as { off: number; type: ValType };
  const value = d.stack.pop();
  let shared = false;
  for (const item of d.stack.items) if (item.kind === 'local' && item.local === local.off) shared = true;
  const { last, code } = d;
  if (!shared && last && last.dst >= 0 && value.kind === 'slot' && code.words[last.dst] === value.off) {
    code.words[last.dst] = local.off;
    d.last = null;
  } else if (!(value.kind === 'local' && value.local === local.off)) {
    for (const item of d.stack.items) if (item.kind === 'local' && item.local === local.off) d.settle(item);
    if (value.kind === 'const') d.emitConst(local.off, local.type, value.bits);
    else d.emitCopy(local.off, value.kind === 'local' ? value.local : value.off, local.type);
    d.last = null;
  }
  if (tee) d.stack.push(local.type, 'local', local.off);
}

/** An instruction with plain operands and one result. */
export function numeric(d: Draft, row: OpRow, imm: StaticImm): void {
  const sig = row.sig as { params: readonly ValType[]; results: readonly ValType[] };
  const n = sig.params.length;
  const items = d.stack.items.slice(d.stack.height - n);
  if (n === 2 && row.commutes && items[0]?.kind === 'const' && items[1]?.kind !== 'const') items.reverse();
  const lastItem = items[n - 1] as Operand;
  const k = n === 2 && lastItem.kind === 'const';
  const words: number[] = [];
  items.forEach((item, i) => {
    if (!(k && i === n - 1)) words.push(d.source(item));
  });
  d.stack.truncate(d.stack.height - n);
  const form: Form = k ? 'k' : 'r';
  const result = sig.results[0] as ValType;
  d.begin(d.arm(`op:${row.name}:${form}${immSuffix(imm)}`, () => numericArm(row, form, imm)));
  const dst = d.code.word(d.stack.top);
  for (const w of words) d.code.word(w);
  if (k) d.code.bits(lastItem.bits, constWords(lastItem.type));
  d.stack.push(result);
  d.last = { dst, cond: isCondition(row) ? { row, form } : null };
}

/** An instruction on structs, arrays or i31. */
export function heap(d: Draft, row: OpRow, sig: ExactSignature): void {
  const { types } = d.env.module;
  const imms = [d.body.a, d.body.b].slice(0, row.imms.length);
  const [result] = sig.results;
  d.plain(
    instructionKey(row, imms),
    () => heapArm(row, imms, sig, types),
    sig.params.length,
    result ? d.frameType(result) : null,
  );
}

/** Comparisons and tests: i32 results that a branch can compute itself. */
export function isCondition(row: OpRow): boolean {
  return /\.(eqz|eq|ne|[lg][te](_[su])?)$/.test(row.name) && /^[if](32|64)\./.test(row.name);
}
