/**
 * Removes instructions whose value nobody uses and which have no effect. A load or a trapping operation goes too: that it
 * does not trap has been assured by the guards before it, which stay. Exits that were removed keep nothing alive.
 */
import type { Ins, Region } from '../../ir/ir.ts';
import { effectOf, type IrEffect } from '../../ir/ops.ts';
import { insUses, termUses } from '../edit.ts';
import type { Pass } from '../pass.ts';

/** Effects without which nothing changes when the value is not used. */
const REMOVABLE: ReadonlySet<IrEffect> = new Set<IrEffect>(['pure', 'trap', 'load', 'size', 'global.get']);

function removable(ins: Ins): boolean {
  return REMOVABLE.has(effectOf(ins)) || ins.op === 'mirror.get';
}

/** Instructions that are needed, from those with effects backwards. */
function live(region: Region): Set<Ins> {
  const seen = new Set<Ins>();
  const work: Ins[] = [];
  const use = (ins: Ins): void => {
    if (seen.has(ins)) return;
    seen.add(ins);
    work.push(ins);
  };
  for (const b of region.blocks) {
    for (const ins of b.body) if (!removable(ins)) use(ins);
    termUses(b, use);
  }
  for (let ins = work.pop(); ins; ins = work.pop()) insUses(ins, use);
  return seen;
}

export const dce: Pass = {
  name: 'dce',
  doc: 'removes instructions whose result nobody uses',
  run(region) {
    const keep = live(region);
    for (const b of region.blocks) b.body = b.body.filter((ins) => keep.has(ins));
  },
};
