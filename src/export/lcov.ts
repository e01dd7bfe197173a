/**
 * Coverage for lcov and genhtml. Their sources are lines of text, so the module's listing, one instruction a line, is what
 * the data speaks of; it is given with them.
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
import { disassemble } from '../wasm/disasm.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { CountsExporter } from './exporter.ts';
import { listing } from './listing.ts';

export const exporter: CountsExporter = {
  name: 'lcov',
  doc: 'coverage for lcov and genhtml with its listing (.wat beside it) as the source',
  extension: 'info',
  from: 'counts',
  write: ({ module, counts }, { output }) => lcov(module, counts, output),
};

/** The data for the file `output`, and the listing for `output.wat`. */
export function lcov(module: WasmModule, counts: Counts, output: string): { '': string; '.wat': string } {
  const { text, lines: lineOf, first, names } = listing(module);
  const lines: string[] = [];
  const functions: string[] = [];
  const branches: string[] = [];
  let [linesHit, functionsHit, branchesHit] = [0, 0, 0];
  for (const [func, name] of names) {
    const f = counts.of(func);
    functions.push(`FN:${first.get(func)},${name}`, `FNDA:${f?.entries ?? 0},${name}`);
    if (f && f.entries > 0) functionsHit++;
    const executed = new Map(f?.offsets.map((offset, k) => [offset, f.completed[k] as number]));
    const outcomes = new Map(f?.branches.map((b) => [b.offset, b.outcomes]));
    for (const { offset } of disassemble(module, func)) {
      // What cannot be reached has no count.
      if (f && !executed.has(offset)) continue;
      const line = lineOf.get(offset);
      const n = executed.get(offset) ?? 0;
      lines.push(`DA:${line},${n}`);
      if (n > 0) linesHit++;
      (outcomes.get(offset) ?? []).forEach((times, k) => {
        branches.push(`BRDA:${line},0,${k},${n > 0 ? times : '-'}`);
        if (times > 0) branchesHit++;
      });
    }
  }
  const data = [
    'TN:wynamo',
    `SF:${output}.wat`,
    ...functions,
    `FNF:${names.size}`,
    `FNH:${functionsHit}`,
    ...branches,
    `BRF:${branches.length}`,
    `BRH:${branchesHit}`,
    ...lines,
    `LF:${lines.length}`,
    `LH:${linesHit}`,
    'end_of_record',
  ];
  return { '': `${data.join('\n')}\n`, '.wat': text };
}
