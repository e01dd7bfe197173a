/** Immediates of every kind of instruction, for tests that write and read all rows. */
import type { BodyReader } from '../../src/wasm/body.ts';
import type { CodeWriter } from '../../src/wasm/code.ts';
import type { Imm, OpRow } from '../../src/wasm/row.ts';

/** Arguments for `CodeWriter.op`: unlike each other and, where numbers can be long, of several bytes. */
const SAMPLES: Record<Imm, unknown[]> = {
  i32: [-123456],
  i64: [-(2n ** 62n)],
  f32: [0xffa0_0001],
  f64: [0xfff4_0000_0000_0001n],
  v128: [0x0011_2233_4455_6677_8899_aabb_ccdd_eeffn],
  block: ['f64'],
  label: [3],
  labels: [[0, 300, 2], 1],
  func: [200],
  type: [130],
  table: [129],
  memory: [131],
  global: [1000],
  local: [20000],
  tag: [6],
  elem: [140],
  data: [141],
  field: [9],
  u32: [2 ** 32 - 1],
  lane: [7],
  lanes16: [[0, 31, 2, 29, 4, 27, 6, 25, 8, 23, 10, 21, 12, 19, 14, 17]],
  memarg: [5, 70000],
  heap: ['any'],
  castflags: [1],
  valtypes: [['(ref null 4)']],
  catches: [
    [
      { kind: 0, tag: 300, label: 1 },
      { kind: 1, tag: 2, label: 3 },
      { kind: 2, tag: 0, label: 4 },
      { kind: 3, tag: 0, label: 500 },
    ],
  ],
  byte: [0],
};

export function sampleImmediates(row: OpRow): unknown[] {
  return row.imms.flatMap((imm) => SAMPLES[imm]);
}

/** The arguments with which `CodeWriter.op` writes the instruction that the reader stands at. */
export function immediatesAt(body: BodyReader): unknown[] {
  const indices = [body.a, body.b];
  const heaps = [body.heap, body.heap2];
  return body.op.imms.flatMap((imm): unknown[] => {
    switch (imm) {
      case 'i32':
        return [Number(BigInt.asIntN(32, body.big))];
      case 'i64':
        return [BigInt.asIntN(64, body.big)];
      case 'f32':
        return [Number(body.big)];
      case 'f64':
      case 'v128':
        return [body.big];
      case 'block':
        return [body.blockType];
      case 'labels':
        return [body.labels.slice(0, -1), body.labels[body.labels.length - 1]];
      case 'memarg':
        return [body.mem, body.off];
      case 'heap':
        return [heaps.shift()];
      case 'valtypes':
        return [body.types];
      case 'catches':
        return [body.catches];
      case 'lanes16':
        return [[...body.lanes]];
      default:
        return [indices.shift()];
    }
  });
}

/** Copies the instruction that the reader stands at. */
export function copyInstruction(body: BodyReader, code: CodeWriter): void {
  code.op(body.op.name, ...immediatesAt(body));
}
