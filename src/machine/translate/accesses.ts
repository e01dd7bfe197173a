/** Loads, stores and atomic accesses. */
import type { OpRow, ValType } from '../../wasm/row.ts';
import { atomicArm } from '../arms/atomic.ts';
import { loadArm, offsetForm, storeArm } from '../arms/memory.ts';
import { constWords, type StaticImm } from '../arms/numeric.ts';
import type { Draft } from './draft.ts';
import { immSuffix } from './immediates.ts';

export function load(d: Draft, row: OpRow, imm: StaticImm): void {
  const { mem, off } = d.body;
  const lane = row.sig?.params.length === 2 ? d.stack.pop() : null;
  const addr = d.stack.pop();
  const words = [d.source(addr)];
  if (lane) words.push(d.source(lane));
  const form = offsetForm(off);
  d.begin(d.arm(`${row.name}:${form}:${mem}${immSuffix(imm)}`, () => loadArm(row, form, d.target(mem), imm)));
  const result = row.sig?.results[0] as ValType;
  const dst = d.code.word(d.stack.top);
  for (const w of words) d.code.word(w);
  offset(d, form, off);
  d.stack.push(result);
  d.last = { dst, cond: null };
}

export function store(d: Draft, row: OpRow, imm: StaticImm): void {
  const { mem, off } = d.body;
  const value = d.stack.pop();
  const addr = d.stack.pop();
  const k = value.kind === 'const' && value.type !== 'v128';
  const a = d.source(addr);
  const v = k ? 0 : d.source(value);
  const form = `${k ? 'k' : ''}${offsetForm(off)}` as const;
  d.begin(d.arm(`${row.name}:${form}:${mem}${immSuffix(imm)}`, () => storeArm(row, form, d.target(mem), imm)));
  d.code.word(a);
  if (k) d.code.bits(value.bits, constWords(value.type));
  else d.code.word(v);
  offset(d, form, off);
  d.last = null;
}

export function atomic(d: Draft, row: OpRow): void {
  const { mem, off } = d.body;
  const n = row.sig?.params.length ?? 0;
  const items = d.stack.items.slice(d.stack.height - n);
  const words = items.map((item) => d.source(item));
  d.stack.truncate(d.stack.height - n);
  const form = offsetForm(off);
  d.begin(d.arm(`${row.name}:${form}:${mem}`, () => atomicArm(row, form, d.target(mem))));
  const result = row.sig?.results[0];
  if (result) d.code.word(d.stack.top);
  for (const w of words) d.code.word(w);
  offset(d, form, off);
  if (result) d.stack.push(result);
  d.last = null;
}

/** Writes the words of a static offset. */
function offset(d: Draft, form: string, off: number | bigint): void {
  if (form.endsWith('o')) d.code.word(Number(off));
  else if (form.endsWith('w')) d.code.bits(BigInt(off), 2);
}
