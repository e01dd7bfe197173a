/**
 * Lines that exact counts belong to, for formats that count by lines: those of the guest's source where the module has debug
 * information, else those of the module's listing.
 */
import type { FunctionCounts } from '../instrument/counts.ts';
import type { GuestSource } from '../source/source.ts';
import type { WasmModule } from '../wasm/module.ts';
import { shownName } from '../wasm/names.ts';
import type { Files } from './exporter.ts';
import { listing } from './listing.ts';

export interface Line {
  readonly file: string;
  readonly line: number;
}

export interface CountedLines {
  readonly names: ReadonlyMap<number, string>;
  /** Files that have to be written for the lines to be found. */
  readonly files: Files;
  /** First line of a function. */
  ofFunction(func: number): Line;
  /** Line of an instruction; null for what the compiler added. */
  of(offset: number): Line | null;
  /** Instructions completed by file and line, ascending; those without a line count for the function's first. */
  sums(counts: FunctionCounts): ReadonlyMap<string, readonly (readonly [line: number, count: number])[]>;
}

/** `output`: name of the listing where one is needed. */
export function countedLines(module: WasmModule, source: GuestSource | null, output: string): CountedLines {
  const base = source ? sourceLines(module, source, output) : listingLines(module, output);
  return {
    ...base,
    sums(counts) {
      const files = new Map<string, Map<number, number>>();
      counts.offsets.forEach((offset, i) => {
        const n = counts.completed[i] as number;
        if (n === 0) return;
        const { file, line } = base.of(offset) ?? base.ofFunction(counts.func);
        let lines = files.get(file);
        if (!lines) files.set(file, (lines = new Map()));
        lines.set(line, (lines.get(line) ?? 0) + n);
      });
      return new Map([...files].map(([file, lines]) => [file, [...lines].sort(([a], [b]) => a - b)]));
    },
  };
}

type Base = Omit<CountedLines, 'sums'>;

function listingLines(module: WasmModule, file: string): Base {
  const { text, lines, first, names } = listing(module);
  return {
    names,
    files: { '.wat': text },
    ofFunction: (func) => ({ file, line: first.get(func) ?? 0 }),
    of: (offset) => ({ file, line: lines.get(offset) ?? 0 }),
  };
}

/** Functions of which nothing is known have lines of a listing that is not there: 0. */
function sourceLines(module: WasmModule, source: GuestSource, output: string): Base {
  const names = new Map(
    module.code.map((_, i) => {
      const func = module.importedFunctions + i;
      return [func, shownName(module, func)];
    }),
  );
  const ofFunction = (func: number) => source.ofFunction(func) ?? { file: output, line: 0 };
  return { names, files: {}, ofFunction, of: (offset) => source.at(offset) };
}
