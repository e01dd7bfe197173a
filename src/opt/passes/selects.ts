/**
 * If-conversion (Allen et al., "Conversion of Control Dependence to Data Dependence", 1983), where that is certainly cheap:
 * ways that only choose between values become selects, which cost a cycle each where a branch that the processor predicts
 * wrongly costs some twenty. Minima, maxima and counts of what is found are of this kind.
 *
 *     b0:                                        b0:
 *       branch v3 b1 b2                            v5 = select v1 v2 v3
 *     b1: <- b0                                    jump b3
 *       jump b3                      =>          b3: <- b0
 *     b2: <- b0                                    v4 = phi v5
 *       jump b3
 *     b3: <- b1 b2
 *       v4 = phi v1 v2
 *
 * Counters of the ways get what the condition says. Floats stay: x64 has no conditional move for them, so the host would
 * branch again.
 */
import { type Block, type Ins, makeIns, type Region, successors } from '../../ir/ir.ts';
import { effectOf, isConst } from '../../ir/ops.ts';
import { Replacements, removeEdge } from '../edit.ts';
import type { Pass, PassContext } from '../pass.ts';
import { isBoolean } from '../ranges.ts';

/** Values that are chosen at most, and instructions of both ways, which are executed always then. */
const MOST = { values: 2, instructions: 4 } as const;

/** A branch, the ways of it that end at once (null: the way leads straight to where they meet), and that place. */
interface Choice {
  readonly block: Block;
  readonly then: Block | null;
  readonly else: Block | null;
  readonly meet: Block;
}

/** Where a way leads that does nothing but count and compute; null for any other. */
function target(way: Block): Block | null {
  if (way.loop || way.preds.length !== 1 || way.term.kind !== 'jump') return null;
  const computes = (ins: Ins) => ins.op === 'profile.count' || (ins.op !== 'phi' && effectOf(ins) === 'pure');
  return way.body.every(computes) ? way.term.to : null;
}

function choiceOf(block: Block): Choice | null {
  const { term } = block;
  if (term.kind !== 'branch' || term.likely || term.then === term.else) return null;
  const [yes, no] = [target(term.then), target(term.else)];
  // biome-ignore-start lint/suspicious/noThenProperty: the name that the IR gives to the arm
  if (yes && yes === no) return { block, then: term.then, else: term.else, meet: yes };
  if (yes && yes === term.else) return { block, then: term.then, else: null, meet: yes };
  if (no && no === term.then) return { block, then: null, else: term.else, meet: no };
  // biome-ignore-end lint/suspicious/noThenProperty: the name that the IR gives to the arm
  return null;
}

/** Position among the predecessors of the place where ways meet. */
const edge = ({ meet, block }: Choice, way: Block | null) => meet.preds.indexOf(way ?? block);

/** Phis that get another value on each way. */
function chosen(choice: Choice): Ins[] {
  const [yes, no] = [edge(choice, choice.then), edge(choice, choice.else)];
  return choice.meet.body.filter((ins) => ins.op === 'phi' && ins.args[yes] !== ins.args[no]);
}

/** The ways that go with the branch, one or two. */
const waysOf = (choice: Choice): Block[] => [choice.then, choice.else].flatMap((way) => way ?? []);

function isCheap(choice: Choice, counted: boolean): boolean {
  const ways = waysOf(choice);
  if (!counted && ways.some((way) => way.icount !== 0)) return false;
  if (choice.meet === choice.block || choice.meet.preds.some((p, i, all) => all.indexOf(p) !== i)) return false;
  const phis = chosen(choice);
  if (phis.length > MOST.values || phis.some(({ type }) => type !== 'i32' && type !== 'i64')) return false;
  const computed = ways.flatMap((way) => way.body.filter((ins) => ins.op !== 'profile.count' && !isConst(ins)));
  return computed.length <= MOST.instructions;
}

/** True for values that are certainly 0 or 1, as far as one look tells. */
function isBit(value: Ins): boolean {
  const { op, args } = value.op === 'i32.wrap_i64' ? value.args[0]! : value;
  return isBoolean(value) || ((op === 'i32.and' || op === 'i64.and') && args.some(isBoolean));
}

/** 1 where the branch goes to `then`, or to `else`; 0 else. */
function truth(region: Region, block: Block, cond: Ins, then: boolean): Ins {
  const isZero = (value: Ins) => {
    const ins = makeIns(region, block, 'i32.eqz', 'i32', [value], {}, cond.loc);
    block.body.push(ins);
    return ins;
  };
  if (!then) return isZero(cond);
  return isBit(cond) ? cond : isZero(isZero(cond));
}

/** Executes a way where its branch was. */
function absorb(region: Region, block: Block, way: Block, cond: Ins, then: boolean): void {
  for (const ins of way.body) {
    if (ins.op === 'profile.count') {
      const times = makeIns(region, block, 'i64.extend_i32_u', 'i64', [], {}, ins.loc);
      times.args.push(truth(region, block, cond, then));
      block.body.push(times);
      ins.op = 'profile.add';
      ins.args = [times];
    }
    ins.block = block;
    block.body.push(ins);
  }
}

function convert(region: Region, choice: Choice): void {
  const { block, meet } = choice;
  const { term } = block;
  if (term.kind !== 'branch') return;
  const { cond } = term;
  const ways = waysOf(choice);
  for (const way of ways) absorb(region, block, way, cond, way === choice.then);
  const [yes, no] = [edge(choice, choice.then), edge(choice, choice.else)];
  for (const phi of chosen(choice)) {
    const [a, b] = [phi.args[yes]!, phi.args[no]!];
    const select = makeIns(region, block, 'select', phi.type, [a, b, cond], {}, phi.loc);
    block.body.push(select);
    phi.args[yes] = phi.args[no] = select;
  }
  const [left, other = block] = ways;
  removeEdge(other, meet);
  meet.preds[meet.preds.indexOf(left!)] = block;
  block.term = { kind: 'jump', to: meet };
  region.blocks = region.blocks.filter((b) => !ways.includes(b));
}

/** Makes one block of two where one leads to the other alone. `same`: what stands for the phis in between. */
function join(region: Region, block: Block, next: Block, same: Replacements): void {
  if (next.loop || next.preds.length !== 1 || block.term.kind !== 'jump') return;
  for (const ins of next.body) {
    if (ins.op === 'phi') same.set(ins, ins.args[0]!);
    else {
      ins.block = block;
      block.body.push(ins);
    }
  }
  block.icount += next.icount;
  for (const s of new Set(successors(next))) s.preds = s.preds.map((p) => (p === next ? block : p));
  block.term = next.term;
  // Nobody is to look at what is gone.
  next.term = { kind: 'jump', to: block };
  region.blocks = region.blocks.filter((b) => b !== next);
}

/** From the last to the first: what is inside of a way comes before it. */
function run(region: Region, context: PassContext): void {
  const counted = region.counters !== undefined;
  const same = new Replacements(region);
  for (const block of region.blocks.toReversed()) {
    for (let choice = choiceOf(block); choice && isCheap(choice, counted); choice = choiceOf(block)) {
      if (!context.may('choice')) break;
      convert(region, choice);
      context.fired('choice');
      join(region, block, choice.meet, same);
    }
  }
  same.apply(region);
}

export const selects: Pass = {
  name: 'selects',
  doc: 'chooses between values without a branch where that is all that two ways differ in',
  rules: ['choice'],
  run,
};
