/** Copies of instructions: passes that let control go another way copy what stands on it. */
import { type Block, type Ins, makeIns, mapSnapshot, type Region } from '../ir/ir.ts';
import { type IrEffect, opInfo } from '../ir/ops.ts';
import { cloneSnapshot } from './edit.ts';

/** Effects that may come twice in the code; each way still executes one of them. */
const COPIED: ReadonlySet<IrEffect> = new Set<IrEffect>([
  'pure',
  'trap',
  'load',
  'store',
  'size',
  'global.get',
  'global.set',
  'guard',
  'count',
]);

/** True for operations that copies are made of: no calls, nothing that belongs to one loop, one result at most. */
export function mayCopy(op: string): boolean {
  const { effect, row } = opInfo(op);
  return COPIED.has(effect) && op !== 'strip.check' && (row?.sig?.results.length ?? 0) <= 1;
}

/** A copy of `ins` for `block`, with an exit of its own. `of`: what stands for an operand there. */
export function copyIns(region: Region, ins: Ins, block: Block, of: (value: Ins) => Ins): Ins {
  const { op, type, args, imm, loc, snap } = ins;
  const copy = makeIns(region, block, op, type, args.map(of), { ...imm }, loc);
  if (snap) {
    copy.snap = cloneSnapshot(region, snap);
    mapSnapshot(copy.snap, of);
  }
  return copy;
}

/** Control comes to `block` from `copy`, too, as often as from `from`, with the values `of` there. */
export function enterToo(block: Block, from: Block, copy: Block, of: (v: Ins) => Ins): void {
  const edges = block.preds.flatMap((p, i) => (p === from ? [i] : []));
  for (const i of edges) {
    block.preds.push(copy);
    for (const ins of block.body) {
      if (ins.op !== 'phi') break;
      ins.args.push(of(ins.args[i]!));
    }
  }
}
