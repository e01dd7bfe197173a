/** Rules of integer comparisons and tests. */
import type { PatternRule } from './rule.ts';

/** Result of comparing a value with itself. */
const SELF: readonly PatternRule[] = Object.entries({
  eq: 1,
  ne: 0,
  lt_s: 0,
  lt_u: 0,
  gt_s: 0,
  gt_u: 0,
  le_s: 1,
  le_u: 1,
  ge_s: 1,
  ge_u: 1,
}).map(([op, result]) => ({ id: `${op.replace('_', '-')}-self`, from: `(iN.${op} x x)`, to: `${result}` }));

export const COMPARISON_RULES: readonly PatternRule[] = [
  ...SELF,
  { id: 'eq-0', from: '(iN.eq x 0)', to: '(iN.eqz x)' },
  { id: 'lt-u-0', from: '(iN.lt_u x 0)', to: '0' },
  { id: 'ge-u-0', from: '(iN.ge_u x 0)', to: '1' },
  { id: 'lt-u-1', from: '(iN.lt_u x 1)', to: '(iN.eqz x)' },
  { id: 'le-u-0', from: '(iN.le_u x 0)', to: '(iN.eqz x)' },
  { id: 'gt-u-0', from: '(iN.gt_u x 0)', to: '(iN.ne x 0)' },
  { id: 'ge-u-1', from: '(iN.ge_u x 1)', to: '(iN.ne x 0)' },
  { id: 'eqz-sub', from: '(iN.eqz (iN.sub x y))', to: '(iN.eq x y)' },
  { id: 'eqz-xor', from: '(iN.eqz (iN.xor x y))', to: '(iN.eq x y)' },
  { id: 'eqz-add', from: '(iN.eqz (iN.add x C))', to: '(iN.eq x (iN.sub 0 C))' },
  { id: 'eq-add', from: '(iN.eq (iN.add x C) D)', to: '(iN.eq x (iN.sub D C))' },
  { id: 'ne-add', from: '(iN.ne (iN.add x C) D)', to: '(iN.ne x (iN.sub D C))' },
  { id: 'eq-xor', from: '(iN.eq (iN.xor x C) D)', to: '(iN.eq x (iN.xor C D))' },
  { id: 'ne-xor', from: '(iN.ne (iN.xor x C) D)', to: '(iN.ne x (iN.xor C D))' },
  { id: 'eq-add-both', from: '(iN.eq (iN.add x z) (iN.add y z))', to: '(iN.eq x y)' },
  { id: 'ne-add-both', from: '(iN.ne (iN.add x z) (iN.add y z))', to: '(iN.ne x y)' },
  { id: 'eq-1-bit', from: '(iN.eq (iN.and x C) C)', to: '(iN.ne (iN.and x C) 0)', when: '(iN.eq (iN.popcnt C) 1)' },
  { id: 'ne-1-bit', from: '(iN.ne (iN.and x C) C)', to: '(iN.eqz (iN.and x C))', when: '(iN.eq (iN.popcnt C) 1)' },
  { id: 'eqz-extend-u', from: '(i64.eqz (i64.extend_i32_u x))', to: '(i32.eqz x)' },
  { id: 'eqz-extend-s', from: '(i64.eqz (i64.extend_i32_s x))', to: '(i32.eqz x)' },
  { id: 'eq-extend-u', from: '(i64.eq (i64.extend_i32_u x) (i64.extend_i32_u y))', to: '(i32.eq x y)' },
  { id: 'lt-extend-u', from: '(i64.lt_u (i64.extend_i32_u x) (i64.extend_i32_u y))', to: '(i32.lt_u x y)' },
  {
    id: 'eq-boolean-1',
    from: '(iN.eq x 1)',
    to: '(iN.ne x 0)',
    zeros: ['x', '-2'],
    example: '(iN.eq (iN.shr_u x N1) 1)',
  },
  {
    id: 'ne-boolean-1',
    from: '(iN.ne x 1)',
    to: '(iN.eqz x)',
    zeros: ['x', '-2'],
    example: '(iN.ne (iN.shr_u x N1) 1)',
  },
  { id: 'ne-boolean-0', from: '(i32.ne x 0)', to: 'x', zeros: ['x', '-2'], example: '(i32.ne (i32.and x 1) 0)' },
];
