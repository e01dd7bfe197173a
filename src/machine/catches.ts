/** Which guests have exception handlers: only for these the machine catches what is thrown. */
import type { WasmModule } from '../wasm/module.ts';
import { scan } from '../wasm/scan.ts';

export function catches(module: WasmModule): boolean {
  const { ops } = scan(module);
  return ops.has('try_table') || ops.has('try');
}
