/** The opcode at each byte offset of a function. */
import { BodyReader } from '../wasm/body.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { OpRow } from '../wasm/row.ts';

export function opsAt(module: WasmModule, func: number): Map<number, OpRow> {
  const ops = new Map<number, OpRow>();
  const body = new BodyReader(module, func);
  while (body.next()) ops.set(body.offset, body.op);
  return ops;
}
