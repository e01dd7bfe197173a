/** The source files that debug information names: found on disk, read when a line is asked for. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import type { DebugFile } from './source.ts';

/** Larger files are no source that somebody wrote. */
const MOST_BYTES = 16 << 20;

export class SourceFiles {
  private readonly files: readonly DebugFile[];
  private readonly names: (string | undefined)[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly lines = new Map<number, readonly string[] | null>();

  constructor(files: readonly DebugFile[]) {
    this.files = files;
  }

  /** Name for people. Two files that are found at one path have one name. */
  name(file: number): string {
    let name = this.names[file];
    if (name === undefined) {
      const { name: given = '?', paths = [] } = this.files[file] ?? {};
      const found = paths.find((p) => existsSync(p));
      name = found === undefined ? given : short(found);
      this.names[file] = name;
      if (!this.numbers.has(name)) this.numbers.set(name, file);
    }
    return name;
  }

  line(name: string, line: number): string | null {
    const file = this.numbers.get(name);
    if (file === undefined) return null;
    let lines = this.lines.get(file);
    if (lines === undefined) {
      lines = this.read(file)?.split(/\r?\n/) ?? null;
      this.lines.set(file, lines);
    }
    return lines?.[line - 1] ?? null;
  }

  /** The text in the debug information is the one that was compiled; the file may have changed since. */
  private read(file: number): string | null {
    const { content, paths = [] } = this.files[file] ?? {};
    if (content !== undefined) return content;
    for (const path of paths) {
      try {
        const { size } = statSync(path);
        if (size <= MOST_BYTES) return readFileSync(path, 'utf8');
      } catch {
        // The next path may have it; where none has, there is no text to show.
      }
    }
    return null;
  }
}

/** A path below the working folder is shown relative to it. */
function short(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') || isAbsolute(near) ? path : near.split(sep).join('/');
}
