/**
 * The catch clauses of each `try` of the old exception dialect. They stand behind the code that they protect, but the
 * landing pad, which comes right behind that code, lists them all.
 */
import { BodyReader } from '../wasm/body.ts';
import type { WasmModule } from '../wasm/module.ts';

/** Tags by byte offset of the `try`; -1 for `catch_all`. A `try` that ends in `delegate` has none. */
export function legacyClauses(module: WasmModule, func: number): Map<number, readonly number[]> {
  const found = new Map<number, number[]>();
  const open: (number[] | null)[] = [];
  const body = new BodyReader(module, func);
  while (body.next()) {
    switch (body.op.name) {
      case 'try': {
        const clauses: number[] = [];
        found.set(body.offset, clauses);
        open.push(clauses);
        break;
      }
      case 'block':
      case 'loop':
      case 'if':
      case 'try_table':
        open.push(null);
        break;
      case 'catch':
        open.at(-1)?.push(body.a);
        break;
      case 'catch_all':
        open.at(-1)?.push(-1);
        break;
      case 'delegate':
      case 'end':
        open.pop();
        break;
    }
  }
  return found;
}
