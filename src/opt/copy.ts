/** Copies of instructions: passes that let control go another way copy what stands on it. */
import { type Block, type Ins, makeIns, mapSnapshot, type Region } from '../ir/ir.ts';
import { cloneSnapshot } from './edit.ts';

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
