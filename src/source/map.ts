/**
 * Source maps (ECMA-426) of Wasm: the custom section `sourceMappingURL` names a file beside the module or holds the map as a
 * `data:` URL; columns of its one line are byte offsets in the module. Nothing is fetched from a network.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WasmModule } from '../wasm/module.ts';
import { sourceMapUrl } from '../wasm/names.ts';
import type { DebugFile, DebugInfo, Mapping } from './source.ts';
import { eachSegment } from './vlq.ts';

interface MapJson {
  readonly sources?: readonly (string | null)[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly sourceRoot?: string;
  readonly mappings?: string;
  readonly sections?: readonly { offset?: { line?: number; column?: number }; map?: MapJson }[];
}

/** What the module's map says; null where there is none, or none that can be read. */
export function mapSource(module: WasmModule, path: string | null): DebugInfo | null {
  const url = sourceMapUrl(module);
  if (!url) return null;
  const folder = path === null ? null : dirname(resolve(path));
  try {
    const { text, folder: own } = load(url, folder);
    // A map may begin with a line that keeps browsers from running it.
    return readMap(JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, '')) as MapJson, own);
  } catch {
    // Debug information that is missing or broken is none.
    return null;
  }
}

function load(url: string, folder: string | null): { text: string; folder: string | null } {
  const data = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url);
  if (data) {
    const body = decodeURIComponent(data[2]!);
    return { text: data[1] ? Buffer.from(body, 'base64').toString('utf8') : body, folder };
  }
  const file = url.startsWith('file:') ? fileURLToPath(url) : local(url, folder);
  return { text: readFileSync(file, 'utf8'), folder: dirname(file) };
}

/** A map at an address of a web server lies beside the module where somebody has kept both. */
function local(url: string, folder: string | null): string {
  if (folder === null) throw new RangeError('a module without a path has nothing beside it');
  const web = /^[a-z][a-z0-9+.-]+:\/\//i.test(url);
  return resolve(folder, web ? decodeURIComponent(new URL(url).pathname.split('/').at(-1)!) : url);
}

/** Reads a map whose sources are relative to `folder`. */
export function readMap(map: MapJson, folder: string | null): DebugInfo {
  const files: DebugFile[] = [];
  const mappings: Mapping[] = [];
  readInto(map, 0, folder, files, mappings);
  return { files, mappings: mappings.toSorted((a, b) => a.offset - b.offset) };
}

function readInto(map: MapJson, base: number, folder: string | null, files: DebugFile[], mappings: Mapping[]): void {
  for (const { offset, map: part } of map.sections ?? [])
    if (part && !offset?.line) readInto(part, base + (offset?.column ?? 0), folder, files, mappings);
  const first = files.length;
  map.sources?.forEach((source, i) => {
    const content = map.sourcesContent?.[i];
    files.push(debugFile(source ?? '?', map.sourceRoot ?? '', folder, content ?? undefined));
  });
  let [offset, file, line, column] = [base, 0, 0, 0];
  eachSegment(map.mappings ?? '', (f) => {
    offset += f[0]!;
    if (f.length < 4) {
      mappings.push({ offset, place: null });
      return;
    }
    file += f[1]!;
    line += f[2]!;
    column += f[3]!;
    mappings.push({ offset, place: { file: first + file, line: line + 1, column: column + 1 } });
  });
}

function debugFile(source: string, root: string, folder: string | null, content: string | undefined): DebugFile {
  const name = source.startsWith('file:') ? fileURLToPath(source) : source;
  const bases = [...(folder === null ? [] : [join(folder, root), folder]), process.cwd()];
  const paths = bases.map((b) => resolve(b, name));
  return { name, paths, ...(content === undefined ? {} : { content }) };
}
