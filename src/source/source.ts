/**
 * Where a guest's instructions come from: file, line and column of its source, from DWARF line tables or a source map,
 * whichever the module has. Both say it for some byte offsets; an instruction between two of them belongs to the earlier,
 * but never to one in another function.
 *
 *     const source = guestSource(module, 'sum.wasm');
 *     source?.at(0x5e)              // { file: 'sum.c', line: 4, column: 27 }
 *     source?.text('sum.c', 4)      // '  for (int i = 0; i < n; i++) s += i;'
 */
import { functionAt } from '../wasm/function-at.ts';
import type { WasmModule } from '../wasm/module.ts';
import { dwarfSource } from './dwarf/dwarf.ts';
import { SourceFiles } from './files.ts';
import { mapSource } from './map.ts';

export interface SourcePlace {
  /** Path for people: relative to the working folder where the file is there, as the debug information says otherwise. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 0 where the debug information gives none. */
  readonly column: number;
}

/** One entry: from this byte of the module on. Without a place: what the compiler added. */
export interface Mapping {
  readonly offset: number;
  readonly place: { readonly file: number; readonly line: number; readonly column: number } | null;
}

/** What a reader of debug information gives. */
export interface DebugInfo {
  /** Sorted by offset; of several at one offset the last counts. */
  readonly mappings: readonly Mapping[];
  /** By the number in mappings. */
  readonly files: readonly DebugFile[];
}

export interface DebugFile {
  readonly name: string;
  /** Paths under which the file may lie, best first. */
  readonly paths: readonly string[];
  /** Its text, where the debug information has that, too. */
  readonly content?: string;
}

export class GuestSource {
  private readonly module: WasmModule;
  private readonly mappings: readonly Mapping[];
  private readonly files: SourceFiles;

  constructor(module: WasmModule, info: DebugInfo) {
    this.module = module;
    this.mappings = info.mappings;
    this.files = new SourceFiles(info.files);
  }

  /** Place of the instruction at a byte offset of the module; null where nothing is known. */
  at(offset: number): SourcePlace | null {
    const func = functionAt(this.module, offset);
    if (func === null) return null;
    const index = lastUpTo(this.mappings, offset);
    const found = this.mappings[index];
    const body = this.module.code[func - this.module.importedFunctions]!;
    return found && found.offset >= body.start ? this.named(found) : null;
  }

  /** The same, or the next place behind it in the function: `loop` and what the compiler added often have none. */
  near(offset: number): SourcePlace | null {
    const func = functionAt(this.module, offset);
    return this.at(offset) ?? (func === null ? null : this.behind(func, offset));
  }

  /** First known place in a function. */
  ofFunction(func: number): SourcePlace | null {
    return this.behind(func, 0);
  }

  private behind(func: number, offset: number): SourcePlace | null {
    const body = this.module.code[func - this.module.importedFunctions];
    if (!body) return null;
    for (let i = lastUpTo(this.mappings, Math.max(offset, body.start - 1)) + 1; i < this.mappings.length; i++) {
      const m = this.mappings[i]!;
      if (m.offset >= body.end) return null;
      if (m.place) return this.named(m);
    }
    return null;
  }

  /** Text of a line; null where neither the file nor the debug information has it. `file` is that of a place. */
  text(file: string, line: number): string | null {
    return this.files.line(file, line);
  }

  private named({ place }: Mapping): SourcePlace | null {
    return place && { file: this.files.name(place.file), line: place.line, column: place.column };
  }
}

/** Index of the last mapping at or before an offset, -1 where there is none. */
function lastUpTo(mappings: readonly Mapping[], offset: number): number {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mappings[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Debug information of a module; null where it has none that can be read. `path`: its file, for what lies beside it. */
export function guestSource(module: WasmModule, path: string | null): GuestSource | null {
  const info = dwarfSource(module, path) ?? mapSource(module, path);
  return info && info.mappings.length > 0 ? new GuestSource(module, info) : null;
}
