/**
 * Instructions that name a segment or a function of the guest module work only inside it. The re-bodied module gets a
 * small function for each that the guest uses, and the interpreter, another module, calls that.
 */

import { heapSignature } from '../wasm/exact.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opByName } from '../wasm/opcodes.ts';
import { instructionKey, type OpRow, type ValType } from '../wasm/row.ts';
import { scan } from '../wasm/scan.ts';
import type { Helper } from './rebody.ts';

export interface NamedHelper extends Helper {
  /** Opcode and immediates: `memory.init:2:0`, `ref.func:7`. */
  readonly key: string;
}

export function helpersOf(module: WasmModule): NamedHelper[] {
  const { told, refFuncs } = scan(module);
  const list: NamedHelper[] = [];
  for (const entry of told) {
    const [name, a, b] = entry.split(':') as [string, string, string];
    const row = opByName(name);
    if (!row.imms.includes('data') && !row.imms.includes('elem')) continue;
    const imms = [Number(a), Number(b)].slice(0, row.imms.length);
    const heap = heapSignature(module.types, name, Number(a), Number(b));
    const { params, results } = heap ?? { params: paramsOf(module, row, imms), results: [] };
    list.push({ key: instructionKey(row, imms), row, imms, params, results });
  }
  for (const f of refFuncs) {
    list.push({ key: `ref.func:${f}`, row: opByName('ref.func'), imms: [f], params: [], results: ['funcref'] });
  }
  return list;
}

/** The row's operands; where it writes a memory or table with 64-bit addresses, the address is an i64. */
export function paramsOf(module: WasmModule, row: OpRow, [, target]: readonly number[]): readonly ValType[] {
  const params = row.sig?.params ?? [];
  const written =
    target === undefined ? undefined : (row.name === 'memory.init' ? module.memories : module.tables)[target];
  return written?.i64 ? ['i64', ...params.slice(1)] : params;
}
