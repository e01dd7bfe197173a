/**
 * The blocks of a region as text, for reports: each block with where it comes from, and its instructions in the words of
 * the guest.
 *
 *     region T5 $matmul+0x41, 3 loops
 *     b2 loop <- b1 b6
 *       $matmul+0x52  head
 *       $matmul+0x60  brif:i32.lt_s:r
 */
import type { Machine } from '../machine/machine.ts';
import type { RegionGraph } from './graph.ts';

export function describeRegion(machine: Machine, id: number, name: string, graph: RegionGraph): string {
  const { map, arms, memory } = machine;
  const lines = [`region T${id} $${name}, ${graph.loops} loop${graph.loops === 1 ? '' : 's'}`];
  for (const b of graph.blocks) {
    const from = b.preds.map((p) => `b${p.id}`).join(' ');
    lines.push(`b${b.id}${b.header ? ' loop' : ''} <- ${from}`);
    for (const pc of b.steps) {
      const at = map.at(pc);
      const place = `$${machine.functionName(at?.code.func ?? -1)}+0x${(at?.offset ?? 0).toString(16)}`;
      lines.push(`${'  '.repeat(1 + b.context.inlined.length)}${place}  ${arms.at(memory.word(pc)).key}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
