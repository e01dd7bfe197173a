/** Puts places in the guest's source into the statistics of a run: `file` and `line` beside each location. */
import type { SourceExcerpt, SourceLine, Stats } from '../profile/schema.ts';
import { decodeModule } from '../wasm/decode.ts';
import { type GuestSource, guestSource } from './source.ts';

/** Lines between two that belong to a trace are shown, too, when they are so few. */
const GAP = 3;

/** Does nothing for a module without debug information. `bytes`: the module that ran. */
export function addSource(stats: Stats, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const source = guestSource(decodeModule(bytes), stats.module.path);
  if (!source) return;
  const at = (offset: number) => {
    const place = source.near(offset);
    return place ? { file: place.file, line: place.line } : {};
  };
  for (const f of stats.functions) {
    const place = source.ofFunction(f.index);
    if (place) Object.assign(f, { file: place.file, line: place.line });
  }
  for (const row of [...stats.loops, ...(stats.branches ?? []), ...stats.aborts, ...(stats.nativeFirst?.moved ?? [])])
    Object.assign(row, at(row.offset));
  for (const f of stats.fragments) {
    Object.assign(f, at(f.offset));
    for (const e of f.exits) Object.assign(e, at(e.offset));
    if (f.code)
      f.code.source = excerpts(source, [f.offset, ...offsetsIn(f.code.trace), ...offsetsIn(f.code.ir[0]?.text ?? '')]);
  }
}

/** Byte offsets of the guest's instructions that a text names. */
export function offsetsIn(text: string): number[] {
  return [...text.matchAll(/\+0x([0-9a-f]+)/g)].map((m) => Number.parseInt(m[1]!, 16));
}

/** The lines that hold these instructions, by file in the order of their first offset. */
export function excerpts(source: GuestSource, offsets: readonly number[]): SourceExcerpt[] {
  const files = new Map<string, Map<number, Set<number>>>();
  for (const offset of offsets) {
    const place = source.at(offset);
    if (!place) continue;
    let lines = files.get(place.file);
    if (!lines) files.set(place.file, (lines = new Map()));
    let places = lines.get(place.line);
    if (!places) lines.set(place.line, (places = new Set()));
    places.add(offset);
  }
  return [...files].map(([file, lines]) => ({ file, lines: filled(source, file, lines) }));
}

function filled(source: GuestSource, file: string, lines: ReadonlyMap<number, ReadonlySet<number>>): SourceLine[] {
  const out: SourceLine[] = [];
  const add = (line: number, at: number[]) => out.push({ line, text: source.text(file, line), at });
  for (const line of [...lines.keys()].toSorted((a, b) => a - b)) {
    const last = out.at(-1)?.line ?? line;
    if (line - last <= GAP + 1) for (let between = last + 1; between < line; between++) add(between, []);
    add(
      line,
      [...lines.get(line)!].toSorted((a, b) => a - b),
    );
  }
  return out;
}

/**
 * Excerpts as text, with the places of each line behind it:
 *
 *     sum.c
 *       18      if (table[i] & 1)                  ;; +0x16e +0x171
 */
export function excerptText(list: readonly SourceExcerpt[]): string {
  const out: string[] = [];
  for (const { file, lines } of list) {
    out.push(file);
    const width = String(lines.at(-1)?.line ?? 0).length;
    const longest = Math.min(72, Math.max(...lines.map((l) => l.text?.length ?? 0)));
    let last = lines[0]?.line ?? 0;
    for (const { line, text, at } of lines) {
      if (line > last + 1) out.push(`${' '.repeat(width + 2)}  ...`);
      last = line;
      const code = `${String(line).padStart(width + 2)}  ${(text ?? '').padEnd(longest)}`;
      const places = at.map((offset) => `+0x${offset.toString(16)}`).join(' ');
      out.push(places ? `${code}  ;; ${places}` : code.trimEnd());
    }
  }
  return out.join('\n');
}
