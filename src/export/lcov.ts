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
import { decodeModule } from '../wasm/decode.ts';
import { disassemble } from '../wasm/disasm.ts';
import { functionName } from '../wasm/names.ts';

export interface Lcov {
  readonly data: string;
  /** The listing, for the file named `source`. */
  readonly text: string;
}

/** `source`: path of the listing as the data shall name it. */
export function lcov(bytes: Uint8Array, counts: Counts, source: string): Lcov {
  const module = decodeModule(bytes);
  const text: string[] = [];
  const lines: string[] = [];
  const functions: string[] = [];
  const branches: string[] = [];
  let [linesHit, functionsHit, branchesHit, functionCount] = [0, 0, 0, 0];
  module.code.forEach((_, i) => {
    const func = module.importedFunctions + i;
    const f = counts.of(func);
    const name = functionName(module, func) ?? `f${func}`;
    text.push(`(func $${name}`);
    functions.push(`FN:${text.length},${name}`, `FNDA:${f?.entries ?? 0},${name}`);
    functionCount++;
    if (f && f.entries > 0) functionsHit++;
    const executed = new Map(f?.offsets.map((offset, k) => [offset, f.completed[k] as number]));
    const outcomes = new Map(f?.branches.map((b) => [b.offset, b.outcomes]));
    for (const line of disassemble(module, func)) {
      text.push(`${'  '.repeat(line.depth + 1)}${line.text}  ;; 0x${line.offset.toString(16)}`);
      // What cannot be reached has no count.
      if (f && !executed.has(line.offset)) continue;
      const n = executed.get(line.offset) ?? 0;
      lines.push(`DA:${text.length},${n}`);
      if (n > 0) linesHit++;
      (outcomes.get(line.offset) ?? []).forEach((times, k) => {
        branches.push(`BRDA:${text.length},0,${k},${n > 0 ? times : '-'}`);
        if (times > 0) branchesHit++;
      });
    }
    text.push(')');
  });
  const data = [
    'TN:wynamo',
    `SF:${source}`,
    ...functions,
    `FNF:${functionCount}`,
    `FNH:${functionsHit}`,
    ...branches,
    `BRF:${branches.length}`,
    `BRH:${branchesHit}`,
    ...lines,
    `LF:${lines.length}`,
    `LH:${linesHit}`,
    'end_of_record',
  ];
  return { data: `${data.join('\n')}\n`, text: `${text.join('\n')}\n` };
}
