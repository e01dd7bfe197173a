/** Which function a byte of the module belongs to. */
import type { WasmModule } from './module.ts';

/** Index of the function whose body holds the byte, or null. Bodies lie in the order of their index. */
export function functionAt(module: WasmModule, offset: number): number | null {
  let low = 0;
  let high = module.code.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = module.code[middle]!;
    if (offset < range.start) high = middle - 1;
    else if (offset >= range.end) low = middle + 1;
    else return middle + module.importedFunctions;
  }
  return null;
}
