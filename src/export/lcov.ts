/**
 * Coverage for lcov and genhtml. Lines are those of the guest's source where the module has debug information: a line was
 * executed as often as the instruction of it that was executed most, summed over functions that have code of it. Else the
 * source is the module's listing, one instruction a line; it is given with the data.
 *
 *     SF:counts.info.wat
 *     FN:2,fib
 *     FNDA:46368,fib
 *     BRDA:5,0,0,23184
 *     DA:3,46368
 *
 * Records as in geninfo(1): FN line and name, FNDA executions, BRDA line, block, outcome and times, DA line and times.
 */
import type { Counts } from '../instrument/counts.ts';
import type { GuestSource } from '../source/source.ts';
import { disassemble } from '../wasm/disasm.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { CountsExporter, Files } from './exporter.ts';
import { countedLines } from './lines.ts';

export const exporter: CountsExporter = {
  name: 'lcov',
  doc: 'coverage for lcov and genhtml by lines of the source, or of a listing (.wat beside it) where the module does not tell its source',
  extension: 'info',
  from: 'counts',
  write: ({ module, counts, source }, { output }) => lcov(module, counts, source, output),
};

/** What is told of one file. */
class FileRecord {
  readonly functions: { line: number; name: string; entries: number }[] = [];
  readonly branches: string[] = [];
  private branchesHit = 0;
  private readonly blocks = new Map<number, number>();
  private readonly lines = new Map<number, number>();

  /** Adds the times that a function executed its lines. */
  add(lines: ReadonlyMap<number, number>): void {
    for (const [line, n] of lines) this.lines.set(line, (this.lines.get(line) ?? 0) + n);
  }

  branch(line: number, outcomes: readonly number[], reached: boolean): void {
    const block = this.blocks.get(line) ?? 0;
    this.blocks.set(line, block + 1);
    outcomes.forEach((times, k) => {
      this.branches.push(`BRDA:${line},${block},${k},${reached ? times : '-'}`);
      if (times > 0) this.branchesHit++;
    });
  }

  text(file: string): string[] {
    const lines = [...this.lines].sort(([a], [b]) => a - b);
    return [
      'TN:wynamo',
      `SF:${file}`,
      ...this.functions.flatMap((f) => [`FN:${f.line},${f.name}`, `FNDA:${f.entries},${f.name}`]),
      `FNF:${this.functions.length}`,
      `FNH:${this.functions.filter((f) => f.entries > 0).length}`,
      ...this.branches,
      `BRF:${this.branches.length}`,
      `BRH:${this.branchesHit}`,
      ...lines.map(([line, n]) => `DA:${line},${n}`),
      `LF:${lines.length}`,
      `LH:${lines.filter(([, n]) => n > 0).length}`,
      'end_of_record',
    ];
  }
}

/** The data for the file `output`, and where the module has no source the listing for `output.wat`. */
export function lcov(module: WasmModule, counts: Counts, source: GuestSource | null, output: string): Files {
  const where = countedLines(module, source, `${output}.wat`);
  const files = new Map<string, FileRecord>();
  const record = (file: string) => {
    let known = files.get(file);
    if (!known) files.set(file, (known = new FileRecord()));
    return known;
  };
  for (const [func, name] of where.names) {
    const first = where.ofFunction(func);
    // A function without any line is in no file.
    if (first.line === 0) continue;
    const f = counts.of(func);
    record(first.file).functions.push({ line: first.line, name, entries: f?.entries ?? 0 });
    const executed = new Map(f?.offsets.map((offset, k) => [offset, f.completed[k] as number]));
    const outcomes = new Map(f?.branches.map((b) => [b.offset, b.outcomes]));
    const lines = new Map<string, Map<number, number>>();
    for (const { offset } of disassemble(module, func)) {
      // What cannot be reached has no count.
      if (f && !executed.has(offset)) continue;
      const place = where.of(offset);
      if (!place) continue;
      const { file, line } = place;
      const n = executed.get(offset) ?? 0;
      let own = lines.get(file);
      if (!own) lines.set(file, (own = new Map()));
      own.set(line, Math.max(own.get(line) ?? 0, n));
      const taken = outcomes.get(offset);
      if (taken) record(file).branch(line, taken, n > 0);
    }
    for (const [file, own] of lines) record(file).add(own);
  }
  const data = [...files].flatMap(([file, known]) => known.text(file));
  return { '': `${data.join('\n')}\n`, ...where.files };
}
