/** What has to be caught. */
import type { WasmModule } from '../wasm/module.ts';
import { scan } from '../wasm/scan.ts';

/** Guests that have exception handlers of their own. */
export function handles(module: WasmModule): boolean {
  const { ops } = scan(module);
  return ops.has('try_table') || ops.has('try');
}

/** Guests in which something may be thrown: what it leaves behind was not executed to its end, and is not counted. */
export function catches(module: WasmModule): boolean {
  return module.importedFunctions > 0 || handles(module);
}
