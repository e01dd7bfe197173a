/** Rules that patterns cannot say: about whole families of operations, and about conditions of guards. */
import { constBits, opInfo } from '../../ir/ops.ts';
import { swapped } from '../facts.ts';
import type { CodeRule } from './rule.ts';

const ORDER = /^i(32|64)\.[lg][te]_[su]$/;

/** Operations that take a condition, and at which operand. */
const CONDITION: Record<string, number> = { 'guard.true': 0, 'guard.false': 0, select: 2 };

export const CODE_RULES: readonly CodeRule[] = [
  {
    id: 'constant-right',
    doc: 'constants are right operands, where there are patterns and immediates for them',
    ops: (op) => opInfo(op).commutes || ORDER.test(op),
    examples: ['(i32.add C x)', '(i64.lt_s C x)', '(i32.ge_u C x)'],
    apply(ins, make) {
      const [a, b] = ins.args;
      if (constBits(a!) === null || constBits(b!) !== null) return null;
      return make.op(ORDER.test(ins.op) ? swapped(ins.op) : ins.op, ins.type, [b!, a!]);
    },
  },
  {
    id: 'not-compare',
    doc: 'the negation of a comparison is the inverse comparison',
    ops: (op) => op === 'i32.eqz',
    examples: ['(i32.eqz (i64.lt_s x y))', '(i32.eqz (i32.ge_u x y))', '(i32.eqz (f64.eq x y))'],
    apply(ins, make) {
      const cond = ins.args[0]!;
      const inverse = opInfo(cond.op).row?.inverse;
      return inverse ? make.op(inverse, 'i32', cond.args) : null;
    },
  },
  {
    id: 'condition-not-0',
    doc: 'a condition is already compared with 0',
    ops: (op) => op in CONDITION,
    examples: ['(select x y (i32.ne c 0))'],
    apply(ins) {
      const i = CONDITION[ins.op]!;
      const cond = ins.args[i]!;
      if (cond.op !== 'i32.ne' || constBits(cond.args[1]!) !== 0n) return null;
      ins.args[i] = cond.args[0]!;
      return true;
    },
  },
  {
    id: 'guard-eqz',
    doc: 'a guard on a negation is the other guard',
    ops: (op) => op === 'guard.true' || op === 'guard.false',
    examples: [],
    apply(ins) {
      const cond = ins.args[0]!;
      if (cond.op !== 'i32.eqz') return null;
      ins.op = ins.op === 'guard.true' ? 'guard.false' : 'guard.true';
      ins.args[0] = cond.args[0]!;
      return true;
    },
  },
];
