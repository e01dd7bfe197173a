/**
 * A JavaScript engine as a guest: `quickjs.wasm` of the npm package quickjs-wasi runs `script.js`, driven by the package's
 * own loader. The clock is fixed, so that two runs execute the same instructions.
 *
 *     node benchmarks/apps/quickjs.ts [SCALE]        # natively; prints the script's report
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { QuickJS } from 'quickjs-wasi';
import { type Instantiate, nativeInstantiate, withInstantiate } from './instantiate.ts';

const wasmPath = fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm'));
export const scriptPath = fileURLToPath(new URL('script.js', import.meta.url));

/** Files that this app's result depends on. */
export const files = [wasmPath, scriptPath];

const fixedClock = (memory: WebAssembly.Memory) => ({
  random_get(at: number, n: number): number {
    new Uint8Array(memory.buffer).fill(7, at, at + n);
    return 0;
  },
  clock_time_get(_id: number, _precision: bigint, result: number): number {
    new DataView(memory.buffer as ArrayBuffer).setBigUint64(result, 1_700_000_000_000_000_000n, true);
    return 0;
  },
});

/** An engine, ready; `run` runs the script's benchmark once more and gives its report. */
export async function open(instantiate: Instantiate = nativeInstantiate): Promise<(scale: number) => string> {
  const vm = await withInstantiate(instantiate, () =>
    QuickJS.create({ wasm: new Uint8Array(readFileSync(wasmPath)), wasi: fixedClock as never, timezoneOffset: 0 }),
  );
  vm.evalCode(readFileSync(scriptPath, 'utf8'), 'script.js').dispose();
  return (scale) => vm.evalCode(`benchmark(${scale})`).consume((h) => h.toString());
}

if (import.meta.main) {
  const run = await open();
  process.stdout.write(`${run(Number(process.argv[2] ?? 1))}\n`);
}
