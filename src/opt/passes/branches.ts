/**
 * Takes away the ways that control cannot go: a branch or switch on a constant becomes a jump, and blocks that nothing
 * reaches any more disappear with what leads out of them.
 *
 *     v1 = i32.const 1
 *     branch v1 b2 b3        =>    jump b2
 *
 * The counters of such blocks stay at zero, which is the truth. Where a loop would cease to be one, the branch stays:
 * its head counts the iterations of the fragment.
 */
import { type DomTree, domTree } from '../../ir/dom.ts';
import { type Block, type Ins, type Region, successors } from '../../ir/ir.ts';
import { constBits } from '../../ir/ops.ts';
import { removeEdge, removeUnreachable } from '../edit.ts';
import type { Pass } from '../pass.ts';

/** Where a branch or switch on a constant goes; null for any other end of a block. `bits`: how constants are known. */
export function settledWay({ term }: Block, bits: (value: Ins) => bigint | null = constBits): Block | null {
  if (term.kind === 'branch') {
    const cond = bits(term.cond);
    return cond === null ? null : cond !== 0n ? term.then : term.else;
  }
  if (term.kind !== 'switch') return null;
  const index = bits(term.index);
  return index === null ? null : (term.cases[Number(index)] ?? term.default);
}

/** True where each loop that control comes to is still one when it takes only the ways of `settled`. */
function keepsLoops(region: Region, dom: DomTree, settled: ReadonlyMap<Block, Block>): boolean {
  const ways = (b: Block): readonly Block[] => {
    const way = settled.get(b);
    return way ? [way] : successors(b);
  };
  const reached = new Set<Block>([region.blocks[0]!]);
  for (const b of reached) for (const s of ways(b)) reached.add(s);
  const back = (b: Block, p: Block) => reached.has(p) && dom.dominates(b, p) && ways(p).includes(b);
  return region.blocks.every((b) => !b.loop || !reached.has(b) || b.preds.some((p) => back(b, p)));
}

export const branches: Pass = {
  name: 'branches',
  doc: 'takes away ways that constants rule out',
  rules: ['settled'],
  run(region, context) {
    const settled = new Map<Block, Block>();
    for (const b of region.blocks) {
      const way = settledWay(b);
      if (!way || !context.may('settled')) continue;
      settled.set(b, way);
      if (keepsLoops(region, domTree(region), settled)) context.fired('settled');
      else settled.delete(b);
    }
    if (settled.size === 0) return;
    for (const [b, way] of settled) {
      for (const s of new Set(successors(b))) if (s !== way) removeEdge(b, s);
      b.term = { kind: 'jump', to: way };
    }
    removeUnreachable(region);
  },
};
