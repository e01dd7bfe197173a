/** Rules of integer arithmetic. All hold modulo 2^32 and 2^64, for every value. */
import type { PatternRule } from './rule.ts';

/** Powers of two above 1. */
const POWER = '(iN.eq (iN.popcnt C) 1)';
/** The shift counts C and D, as the instruction takes them, together stay below the width. */
const SHIFTS = '(iN.lt_u (iN.add (iN.and C N1) (iN.and D N1)) NN)';

export const INTEGER_RULES: readonly PatternRule[] = [
  { id: 'add-0', from: '(iN.add x 0)', to: 'x' },
  { id: 'sub-0', from: '(iN.sub x 0)', to: 'x' },
  { id: 'sub-self', from: '(iN.sub x x)', to: '0' },
  { id: 'sub-const', from: '(iN.sub x C)', to: '(iN.add x (iN.sub 0 C))', unknown: 'x' },
  { id: 'add-add', from: '(iN.add (iN.add x C) D)', to: '(iN.add x (iN.add C D))' },
  { id: 'add-rotate', from: '(iN.add (iN.add x C) y)', to: '(iN.add (iN.add x y) C)', unknown: 'y' },
  { id: 'sub-rotate', from: '(iN.sub (iN.add x C) y)', to: '(iN.add (iN.sub x y) C)', unknown: 'y' },
  { id: 'sub-of-add', from: '(iN.sub x (iN.add y C))', to: '(iN.add (iN.sub x y) (iN.sub 0 C))', unknown: 'x' },
  { id: 'const-sub-add', from: '(iN.sub D (iN.add y C))', to: '(iN.sub (iN.sub D C) y)' },
  { id: 'add-const-sub', from: '(iN.add (iN.sub C x) D)', to: '(iN.sub (iN.add C D) x)' },
  { id: 'sub-add-left', from: '(iN.sub (iN.add x y) x)', to: 'y' },
  { id: 'sub-add-both', from: '(iN.sub (iN.add x z) (iN.add y z))', to: '(iN.sub x y)' },
  { id: 'add-sub', from: '(iN.add (iN.sub x y) y)', to: 'x' },
  { id: 'sub-sub', from: '(iN.sub x (iN.sub x y))', to: 'y' },

  { id: 'mul-0', from: '(iN.mul x 0)', to: '0' },
  { id: 'mul-1', from: '(iN.mul x 1)', to: 'x' },
  { id: 'mul-minus-1', from: '(iN.mul x -1)', to: '(iN.sub 0 x)' },
  { id: 'mul-power', from: '(iN.mul x C)', to: '(iN.shl x (iN.ctz C))', when: POWER },
  { id: 'mul-mul', from: '(iN.mul (iN.mul x C) D)', to: '(iN.mul x (iN.mul C D))' },
  { id: 'mul-add', from: '(iN.mul (iN.add x C) D)', to: '(iN.add (iN.mul x D) (iN.mul C D))' },
  { id: 'mul-shl', from: '(iN.mul (iN.shl x C) D)', to: '(iN.mul x (iN.shl D C))' },
  { id: 'div-power', from: '(iN.div_u x C)', to: '(iN.shr_u x (iN.ctz C))', when: POWER },
  { id: 'rem-power', from: '(iN.rem_u x C)', to: '(iN.and x (iN.sub C 1))', when: POWER },
  { id: 'div-1', from: '(iN.div_s x 1)', to: 'x' },

  { id: 'and-0', from: '(iN.and x 0)', to: '0' },
  { id: 'and-self', from: '(iN.and x x)', to: 'x' },
  { id: 'and-and', from: '(iN.and (iN.and x C) D)', to: '(iN.and x (iN.and C D))' },
  {
    id: 'and-known',
    from: '(iN.and x C)',
    to: 'x',
    zeros: ['x', '(iN.xor C -1)'],
    example: '(iN.and (iN.shr_u x N1) 255)',
  },
  {
    id: 'and-none',
    from: '(iN.and x C)',
    to: '0',
    zeros: ['x', 'C'],
    example: '(iN.and (iN.shl x 8) 255)',
  },
  { id: 'or-0', from: '(iN.or x 0)', to: 'x' },
  { id: 'or-ones', from: '(iN.or x -1)', to: '-1' },
  { id: 'or-self', from: '(iN.or x x)', to: 'x' },
  { id: 'or-or', from: '(iN.or (iN.or x C) D)', to: '(iN.or x (iN.or C D))' },
  { id: 'xor-0', from: '(iN.xor x 0)', to: 'x' },
  { id: 'xor-self', from: '(iN.xor x x)', to: '0' },
  { id: 'xor-xor', from: '(iN.xor (iN.xor x C) D)', to: '(iN.xor x (iN.xor C D))' },
  { id: 'xor-cancel', from: '(iN.xor (iN.xor x y) y)', to: 'x' },

  { id: 'shl-0', from: '(iN.shl x C)', to: 'x', when: '(iN.eqz (iN.and C N1))' },
  { id: 'shr-s-0', from: '(iN.shr_s x C)', to: 'x', when: '(iN.eqz (iN.and C N1))' },
  { id: 'shr-u-0', from: '(iN.shr_u x C)', to: 'x', when: '(iN.eqz (iN.and C N1))' },
  { id: 'rotl-0', from: '(iN.rotl x C)', to: 'x', when: '(iN.eqz (iN.and C N1))' },
  { id: 'rotr-0', from: '(iN.rotr x C)', to: 'x', when: '(iN.eqz (iN.and C N1))' },
  {
    id: 'shl-shl',
    from: '(iN.shl (iN.shl x C) D)',
    to: '(iN.shl x (iN.add (iN.and C N1) (iN.and D N1)))',
    when: SHIFTS,
  },
  {
    id: 'shr-u-shr-u',
    from: '(iN.shr_u (iN.shr_u x C) D)',
    to: '(iN.shr_u x (iN.add (iN.and C N1) (iN.and D N1)))',
    when: SHIFTS,
  },
  {
    id: 'shr-s-shr-s',
    from: '(iN.shr_s (iN.shr_s x C) D)',
    to: '(iN.shr_s x (iN.add (iN.and C N1) (iN.and D N1)))',
    when: SHIFTS,
  },
  { id: 'shl-shr-u', from: '(iN.shr_u (iN.shl x C) C)', to: '(iN.and x (iN.shr_u -1 C))' },
  { id: 'shr-u-shl', from: '(iN.shl (iN.shr_u x C) C)', to: '(iN.and x (iN.shl -1 C))' },
  { id: 'shr-s-shl', from: '(iN.shl (iN.shr_s x C) C)', to: '(iN.and x (iN.shl -1 C))' },
  { id: 'shl-add', from: '(iN.shl (iN.add x C) D)', to: '(iN.add (iN.shl x D) (iN.shl C D))' },
  {
    id: 'shr-and',
    from: '(iN.and (iN.shr_s x C) D)',
    to: '(iN.and (iN.shr_u x C) D)',
    when: '(iN.eqz (iN.and D (iN.xor (iN.shr_u -1 C) -1)))',
  },

  { id: 'extend8', from: '(i32.shr_s (i32.shl x 24) 24)', to: '(i32.extend8_s x)' },
  { id: 'extend16', from: '(i32.shr_s (i32.shl x 16) 16)', to: '(i32.extend16_s x)' },
  { id: 'extend8-64', from: '(i64.shr_s (i64.shl x 56) 56)', to: '(i64.extend8_s x)' },
  { id: 'extend16-64', from: '(i64.shr_s (i64.shl x 48) 48)', to: '(i64.extend16_s x)' },
  { id: 'extend32-64', from: '(i64.shr_s (i64.shl x 32) 32)', to: '(i64.extend32_s x)' },
];
