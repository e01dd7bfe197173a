/** Immediates of guest opcodes for the code writer, with indices mapped to those of the fragment module. */
import type { Ins } from '../ir/ir.ts';
import type { OpRow, ValType } from '../wasm/row.ts';
import { splitRef } from '../wasm/types.ts';
import { EmitError } from './errors.ts';
import type { Links } from './links.ts';

const NONE: unknown[] = [];

/** In the order of the binary format. Throws {@link EmitError} for immediates that make no sense in a fragment. */
export function immediates(links: Links, row: OpRow, ins: Ins): unknown[] {
  const { imm } = ins;
  if (row.imms.length === 0) return NONE;
  if (row.imms.length === 1 && row.imms[0] === 'memarg') return [links.memory(imm.mem ?? 0), imm.off ?? 0];
  const rest = [imm.index, imm.index2];
  const next = (): number | undefined => rest.shift();
  const need = (n: number | undefined, what: string): number => {
    if (n === undefined) throw new EmitError('operation', `${ins.op} without ${what}`);
    return n;
  };
  return row.imms.flatMap((kind): unknown[] => {
    switch (kind) {
      case 'i32':
        return [Number(BigInt.asIntN(32, imm.bits ?? 0n))];
      case 'i64':
        return [BigInt.asIntN(64, imm.bits ?? 0n)];
      case 'f32':
      case 'f64':
      case 'v128':
        return [imm.bits ?? 0n];
      case 'memarg':
        return [links.memory(imm.mem ?? 0), imm.off ?? 0];
      case 'memory':
        return [links.memory(next() ?? imm.mem ?? 0)];
      case 'table':
        return [links.table(next() ?? imm.table ?? 0)];
      case 'global':
        return [links.global(need(next(), 'a global'))];
      case 'lane':
      case 'type':
      case 'field':
      case 'u32':
        return [need(next(), kind)];
      case 'lanes16':
        return [imm.lanes ?? []];
      case 'valtypes':
        return [imm.types ?? [ins.type as ValType]];
      case 'heap': {
        const ref = splitRef(imm.types?.[0] ?? (ins.type as ValType));
        if (!ref) throw new EmitError('operation', `${ins.op} without a heap type`);
        return [ref.heap];
      }
      case 'byte':
        return [0];
      default:
        throw new EmitError('operation', `${ins.op} with an immediate of kind ${kind}`);
    }
  });
}
