/** The listing of a module, one instruction a line, for formats that count by lines of a source. */
import { disassemble } from '../wasm/disasm.ts';
import type { WasmModule } from '../wasm/module.ts';
import { shownName } from '../wasm/names.ts';

export interface Listing {
  readonly text: string;
  /** Line of each instruction by its byte offset; lines count from 1. */
  readonly lines: ReadonlyMap<number, number>;
  /** First line of each function. */
  readonly first: ReadonlyMap<number, number>;
  readonly names: ReadonlyMap<number, string>;
}

export function listing(module: WasmModule): Listing {
  const text: string[] = [];
  const lines = new Map<number, number>();
  const first = new Map<number, number>();
  const names = new Map<number, string>();
  module.code.forEach((_, i) => {
    const func = module.importedFunctions + i;
    const name = shownName(module, func);
    names.set(func, name);
    first.set(func, text.push(`(func $${name}`));
    for (const line of disassemble(module, func)) {
      const indent = '  '.repeat(line.depth + 1);
      lines.set(line.offset, text.push(`${indent}${line.text}  ;; 0x${line.offset.toString(16)}`));
    }
    text.push(')');
  });
  return { text: `${text.join('\n')}\n`, lines, first, names };
}
