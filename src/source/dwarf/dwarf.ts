/**
 * DWARF in custom sections, as LLVM writes it for Wasm (https://yurydelendik.github.io/webassembly-dwarf/): addresses are
 * byte offsets in the code section. Only lines are read.
 */
import { basename, dirname, resolve } from 'node:path';
import { SECTION } from '../../wasm/decode.ts';
import type { WasmModule } from '../../wasm/module.ts';
import { customSections } from '../../wasm/names.ts';
import type { DebugFile, DebugInfo, Mapping } from '../source.ts';
import type { Strings } from './forms.ts';
import { type LineUnit, readLineUnits } from './line.ts';
import { DwarfReader } from './reader.ts';
import { compilationFolders } from './unit.ts';

/** What the module's line tables say; null where there are none, or none that can be read. */
export function dwarfSource(module: WasmModule, path: string | null): DebugInfo | null {
  const section = (name: string) => new DwarfReader(customSections(module, name)[0] ?? new Uint8Array());
  const lines = section('.debug_line');
  const code = module.sections.find((s) => s.id === SECTION.code);
  if (lines.done || !code) return null;
  try {
    const strings = { str: section('.debug_str'), lineStr: section('.debug_line_str') };
    const units = readLineUnits(lines, strings);
    const folders = foldersOf(section('.debug_info'), section('.debug_abbrev'), strings);
    return together(units, folders, code.start, path === null ? null : dirname(resolve(path)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
}

/** Without these, only the paths of files are shorter. */
function foldersOf(info: DwarfReader, abbrev: DwarfReader, strings: Strings): Map<number, string> {
  try {
    return compilationFolders(info, abbrev, strings);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new Map();
  }
}

function together(
  units: readonly LineUnit[],
  folders: ReadonlyMap<number, string>,
  base: number,
  folder: string | null,
): DebugInfo {
  const files: DebugFile[] = [];
  const mappings: Mapping[] = [];
  for (const unit of units) {
    const first = files.length;
    for (const file of unit.files) {
      const own = unit.directories[0] ?? folders.get(unit.start) ?? '';
      const name = resolved(own, unit.directories[file.directory] ?? '', file.name);
      files.push({ name, paths: candidates(name, file.name, folder), ...contentOf(file) });
    }
    for (const { address, file, line, column, end } of unit.rows) {
      const place = end || line === 0 ? null : { file: first + file, line, column };
      mappings.push({ offset: base + address, place });
    }
  }
  // Where one sequence ends another may begin: the end must not hide it.
  const order = (m: Mapping) => (m.place ? 1 : 0);
  return { files, mappings: mappings.sort((a, b) => a.offset - b.offset || order(a) - order(b)) };
}

const contentOf = ({ content }: { content?: string }) => (content === undefined ? {} : { content });

/** Paths of the machine that compiled: kept as they are, with slashes between their parts. */
function resolved(own: string, directory: string, name: string): string {
  const absolute = (p: string) => /^(\/|[a-z]:[\\/]|\\\\)/i.test(p);
  let path = '';
  for (const part of [own, directory, name]) if (part) path = absolute(part) || !path ? part : `${path}/${part}`;
  return path;
}

/** Where the file lies: where it was, or with the module, after that was moved. */
function candidates(path: string, name: string, folder: string | null): string[] {
  if (folder === null) return [path];
  return [resolve(folder, path), resolve(folder, name), resolve(folder, basename(name))];
}
