/** The host of random modules. Deterministic; `again` enters the instance once more, but not for ever. */
import type { Host } from '../modes/harness.ts';

export function makeHost(): Host {
  const shared = new WebAssembly.Global({ value: 'i32', mutable: true }, 5);
  let exports: WebAssembly.Exports = {};
  let depth = 0;
  let calls = 0;
  const env = {
    shared,
    note(_: number) {},
    mix: (x: bigint, y: number) => Number(BigInt.asIntN(32, x * 31n)) ^ y,
    wave: (x: number, y: number) => x / 2 + y,
    pair: (x: number) => [x + 1, BigInt(x) * 3n],
    again(which: number): number {
      // Calls of calls could go on for as long as the module is large.
      if (depth > 0 || ++calls > 12) return which ^ 1;
      const names = Object.keys(exports).filter((name) => name.startsWith('f'));
      const f = exports[names[Math.abs(which) % names.length] ?? ''];
      if (typeof f !== 'function') return -1;
      depth++;
      try {
        const result: unknown = f(which, which, which);
        return typeof result === 'number' ? result : 7;
      } catch (error) {
        // Arguments of the wrong type, a missing bigint, and traps: all of them end here.
        return error instanceof WebAssembly.RuntimeError ? 13 : 11;
      } finally {
        depth--;
        shared.value = (shared.value as number) + 1;
      }
    },
  };
  return {
    imports: { env },
    attach(instance) {
      exports = instance;
      for (const value of Object.values(instance)) {
        if (!(value instanceof WebAssembly.Memory)) continue;
        const bytes = new Uint8Array(value.buffer);
        for (let i = 0; i < 4096; i++) bytes[i] = (i * 2654435761) >>> 24;
      }
    },
  };
}
