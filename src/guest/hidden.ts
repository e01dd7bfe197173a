/** Names of exports that a guest gets in addition: nobody sees them, and no guest export has such a name. */
import type { WasmModule } from '../wasm/module.ts';

export function hiddenPrefix(module: WasmModule): string {
  let prefix = '\u0001wynamo';
  while (module.exports.some((e) => e.name.startsWith(prefix))) prefix += '_';
  return prefix;
}
