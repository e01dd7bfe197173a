/** Value and heap types between text and binary form. */
import type { Reader } from './reader.ts';
import type { ValType } from './row.ts';
import type { Writer } from './writer.ts';

/** Abstract heap types by their one-byte code; the shorthand of the nullable reference is the same byte. */
const HEAP: Record<number, string> = {
  116: 'noexn',
  115: 'nofunc',
  114: 'noextern',
  113: 'none',
  112: 'func',
  111: 'extern',
  110: 'any',
  109: 'eq',
  108: 'i31',
  107: 'struct',
  106: 'array',
  105: 'exn',
};
/** Text of nullable references that have a name of their own. */
const SHORT: Record<string, ValType> = {
  noexn: 'nullexnref',
  nofunc: 'nullfuncref',
  noextern: 'nullexternref',
  none: 'nullref',
  func: 'funcref',
  extern: 'externref',
  any: 'anyref',
  eq: 'eqref',
  i31: 'i31ref',
  struct: 'structref',
  array: 'arrayref',
  exn: 'exnref',
};
const NUM: Record<number, ValType> = { 127: 'i32', 126: 'i64', 125: 'f32', 124: 'f64', 123: 'v128' };
const NUM_CODE = new Map(Object.entries(NUM).map(([code, t]) => [t, Number(code)]));
const HEAP_CODE = new Map(Object.entries(HEAP).map(([code, h]) => [h, Number(code)]));
const LONG = new Map(Object.entries(SHORT).map(([heap, t]) => [t, heap]));

/** A heap type as text: `func`, `extern`, ... or a type index. */
export function readHeap(r: Reader): string {
  const n = r.s33();
  return n < 0 ? (HEAP[n & 0x7f] ?? `?${n}`) : String(n);
}

export function writeHeap(w: Writer, heap: string): void {
  const code = HEAP_CODE.get(heap);
  if (code !== undefined) w.u8(code);
  else w.s64(BigInt(heap));
}

export function readValType(r: Reader): ValType {
  return valTypeOf(r.u8(), r);
}

/** The type whose first byte has been read already. */
export function valTypeOf(code: number, r: Reader): ValType {
  const num = NUM[code];
  if (num) return num;
  if (code === 0x63 || code === 0x64) {
    const heap = readHeap(r);
    return refType(heap, code === 0x63);
  }
  const heap = HEAP[code];
  if (!heap) throw new RangeError(`no value type has the code 0x${code.toString(16)}`);
  return SHORT[heap] as ValType;
}

export function refType(heap: string, nullable: boolean): ValType {
  const short = nullable ? SHORT[heap] : undefined;
  return short ?? (`(ref ${nullable ? 'null ' : ''}${heap})` as ValType);
}

/** Parts of a reference type, or null for number types. */
export function splitRef(type: ValType): { heap: string; nullable: boolean } | null {
  const heap = LONG.get(type);
  if (heap) return { heap, nullable: true };
  const m = /^\(ref (null )?(.+)\)$/.exec(type);
  return m ? { heap: m[2] as string, nullable: m[1] !== undefined } : null;
}

/** The same reference type with null. */
export function nullable(type: ValType): ValType {
  const ref = splitRef(type);
  return ref && !ref.nullable ? refType(ref.heap, true) : type;
}

export function writeValType(w: Writer, type: ValType): void {
  const num = NUM_CODE.get(type);
  if (num !== undefined) {
    w.u8(num);
    return;
  }
  const ref = splitRef(type);
  if (!ref) throw new RangeError(`no value type is called ${type}`);
  if (LONG.has(type)) w.u8(HEAP_CODE.get(ref.heap) as number);
  else {
    w.u8(ref.nullable ? 0x63 : 0x64);
    writeHeap(w, ref.heap);
  }
}
