/**
 * Branches. A comparison right in front of one merges with it; values that a target wants in other places move on a
 * way of their own, which the branch goes around where it is not taken.
 */
import { opByName } from '../../wasm/opcodes.ts';
import { branchArm, branchKey, type Condition, jumpArm, tableArm } from '../arms/control.ts';
import type { Fixup, Label } from '../labels.ts';
import type { Operand } from '../vstack.ts';
import type { Draft } from './draft.ts';
import { emitReturn } from './returns.ts';

/** A comparison that a branch performs itself. */
interface FusedCondition {
  cond: Condition;
  operands: number[];
}

export function beginBranch(d: Draft, cond: Condition, when: boolean): void {
  d.begin(d.arm(branchKey(cond, when), () => branchArm(cond, when)));
}

/** If the operand is the result of the comparison just written, takes that back and returns what it compared. */
export function takeCondition(d: Draft, item: Operand): FusedCondition | null {
  const { last } = d;
  if (!last?.cond || item.kind !== 'slot' || d.code.words[last.dst] !== item.off) return null;
  const operands = Array.from(d.code.words.subarray(last.dst + 1, d.code.length));
  // Whoever resumes at the merged instruction needs the operands of the comparison.
  d.liveTop = d.code.lastTop;
  d.code.dropLast();
  d.last = null;
  return { cond: last.cond, operands };
}

export function doBr(d: Draft, depth: number): void {
  const label = d.at(depth);
  if (label.kind === 'func') {
    emitReturn(d);
  } else {
    d.moveResults(label, true);
    d.begin(d.arm(jumpArm.key, () => jumpArm));
    d.writeTarget(label);
  }
  d.dead = true;
}

export function doBrIf(d: Draft, depth: number): void {
  const cond = d.stack.pop();
  const fused = takeCondition(d, cond);
  const operands = fused ? fused.operands : [d.source(cond)];
  branchIf(d, d.at(depth), fused ? fused.cond : { row: null, form: 'r' }, operands, true);
}

/** br_on_null and br_on_non_null: the reference stays on the stack where it is not null. */
export function doBrOnNull(d: Draft, depth: number, when: boolean): void {
  const { stack } = d;
  const item = stack.peek();
  const src = d.source(item);
  const cond: Condition = { row: opByName('ref.is_null'), form: 'r', ref: item.type };
  if (when) stack.pop();
  branchIf(d, d.at(depth), cond, [src], when);
  if (when) stack.items.push(item);
  else stack.pop();
}

/** br_on_cast and br_on_cast_fail: the reference stays on the stack. */
export function doBrOnCast(d: Draft, depth: number, flags: number, heap: string, when: boolean): void {
  const item = d.stack.peek();
  const src = d.source(item);
  const row = opByName(flags & 2 ? 'ref.test_null' : 'ref.test');
  branchIf(d, d.at(depth), { row, form: 'r', ref: item.type, heap }, [src], when);
}

/** Branches to the label when the condition has that outcome. */
function branchIf(d: Draft, label: Label, condition: Condition, operands: readonly number[], when: boolean): void {
  const moves = label.kind === 'func' || d.moveResults(label, false);
  beginBranch(d, condition, moves ? !when : when);
  for (const w of operands) d.code.word(w);
  if (!moves) {
    d.writeTarget(label);
    d.code.word(0);
    d.code.word(0);
    d.last = null;
    return;
  }
  const skip = d.forward(1);
  d.code.word(0);
  d.code.word(0);
  const kept = d.stack.items.map((item) => ({ ...item }));
  d.pending++;
  leaveWithResults(d, label, kept);
  // Behind the branch the same instructions are uncounted as before it.
  d.pending--;
  d.code.words[skip.target] = d.code.length;
  d.code.words[skip.count] = 0;
  d.last = null;
}

/**
 * Returns, or puts the results where the label wants them and goes there, in code beside the way that control else goes on.
 * Behind it the operand stack is `kept` again. The branch itself was counted before.
 */
function leaveWithResults(d: Draft, label: Label, kept: readonly Operand[]): void {
  if (label.kind === 'func') emitReturn(d, 0);
  else {
    d.moveResults(label, true);
    d.begin(d.arm(jumpArm.key, () => jumpArm));
    d.pending--;
    d.writeTarget(label);
    d.pending++;
  }
  d.stack.items.length = 0;
  d.stack.items.push(...kept.map((item) => ({ ...item })));
}

export function doBrTable(d: Draft): void {
  const { labels: depths } = d.body;
  const index = d.stack.pop();
  const src = d.source(index);
  // Targets with values in other places get a pad of their own behind the table.
  const pads: { fixup: Fixup; label: Label }[] = [];
  d.begin(d.arm(tableArm.key, () => tableArm));
  d.code.word(src);
  d.code.word(depths.length - 1);
  for (const depth of depths) {
    const label = d.at(depth);
    if (label.kind === 'func' || d.moveResults(label, false)) {
      pads.push({ fixup: d.forward(1), label });
    } else d.writeTarget(label);
    d.code.word(0);
    d.code.word(0);
  }
  d.liveTop = d.stack.top;
  d.pending++;
  const seen = new Map<Label, number>();
  const kept = d.stack.items.map((item) => ({ ...item }));
  for (const { fixup, label } of pads) {
    const known = seen.get(label);
    d.code.words[fixup.target] = known ?? d.code.length;
    d.code.words[fixup.count] = 0;
    if (known !== undefined) continue;
    seen.set(label, d.code.length);
    leaveWithResults(d, label, kept);
  }
  d.pending--;
  d.dead = true;
}
