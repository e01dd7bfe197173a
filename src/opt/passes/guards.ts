/**
 * Removes guards that cannot fail: bounds that a dominating guard on the same base or the memory's least size covers,
 * conditions that dominating guards, branches or value ranges settle. Where several fields of one object are accessed in
 * a block, the first guard's reach is widened over all of them:
 *
 *     guard.bounds v1 k=4          guard.bounds v1 k=12
 *     i32.load v1 offset=0    =>   i32.load v1 offset=0
 *     guard.bounds v1 k=12         i32.load v1 offset=8
 *     i32.load v1 offset=8
 */
import { domTree } from '../../ir/dom.ts';
import type { Block, Ins } from '../../ir/ir.ts';
import { Bounds } from '../bounds.ts';
import { Facts } from '../facts.ts';
import type { Pass, PassContext } from '../pass.ts';

/** Guards are widened up to this reach: arrays at static offsets too, but not beyond what a memory's end may cut off. */
const WIDEST = 1n << 20n;

const RULES = ['covered', 'widened', 'settled'] as const;

export const guards: Pass = {
  name: 'guards',
  doc: 'removes guards that cannot fail',
  rules: RULES,
  run(region, context) {
    const facts = new Facts(region);
    const bounds = new Bounds(region, (ins) => facts.narrowed(ins));
    const { children } = domTree(region);
    const walk = (block: Block): void => {
      const marks = [facts.mark(), bounds.mark()] as const;
      facts.enter(block);
      block.body = block.body.filter((ins) => keep(ins, facts, bounds, context));
      for (const child of children.get(block) ?? []) walk(child);
      facts.undo(marks[0]);
      bounds.undo(marks[1]);
    };
    walk(region.blocks[0]!);
  },
};

/** False for a guard that is not needed; notes what the others establish. */
function keep(ins: Ins, facts: Facts, bounds: Bounds, context: PassContext): boolean {
  if (ins.op === 'guard.bounds') {
    const [addr, mem, k] = [ins.args[0]!, ins.imm.mem!, ins.imm.k!];
    if (context.may('covered') && bounds.covers(addr, mem, k)) {
      context.fired('covered');
      return false;
    }
    if (context.may('widened') && bounds.widen(addr, mem, k, ins.block, WIDEST)) {
      context.fired('widened');
      return false;
    }
    bounds.add(ins);
  } else if (ins.op === 'guard.true' || ins.op === 'guard.false') {
    if (context.may('settled') && facts.truth(ins.args[0]!) === (ins.op === 'guard.true')) {
      context.fired('settled');
      return false;
    }
    facts.after(ins);
  }
  return true;
}
