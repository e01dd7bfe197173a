/**
 * Every instruction whose operands and results are plain values: the arm executes the opcode itself.
 * Words: `[arm, dst, operand...]`; in form `k` the last operand is a constant in the code.
 */

import { liftTrapGuards } from '../../ir/traps.ts';
import type { OpRow, ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';

/** `r`: all operands in slots. `k`: the last one constant. */
export type Form = 'r' | 'k';

/** Words that a constant of that type takes in threaded code. */
export function constWords(type: ValType): number {
  return type === 'v128' ? 4 : type === 'i64' || type === 'f64' ? 2 : 1;
}

/** Static immediates of an instruction that needs an arm of its own (lanes). */
export interface StaticImm {
  lane?: number;
  lanes?: readonly number[];
}

/** Name part of a key for static immediates. */
export function immKey(imm: StaticImm): string {
  if (imm.lanes) return `:${imm.lanes.join(',')}`;
  return imm.lane === undefined ? '' : `:${imm.lane}`;
}

export function immList(imm: StaticImm): unknown[] {
  if (imm.lanes) return [imm.lanes];
  return imm.lane === undefined ? [] : [imm.lane];
}

export function numericKey(row: OpRow, form: Form, imm: StaticImm): string {
  return `op:${row.name}:${form}${immKey(imm)}`;
}

export function numericArm(row: OpRow, form: Form, imm: StaticImm = {}): Arm {
  const sig = row.sig;
  if (sig?.results.length !== 1) throw new Error(`${row.name} has no plain signature`);
  const params = sig.params;
  const result = sig.results[0] as ValType;
  const last = params.length - 1;
  const lastType = params[last];
  const k = form === 'k' && lastType !== undefined;
  const words = 2 + params.length - (k ? 1 : 0) + (k ? constWords(lastType) : 0);
  return {
    key: numericKey(row, form, imm),
    kind: 'plain',
    words,
    gen(g) {
      if (row.effect === 'trap') g.position();
      g.dest(1, result);
      params.forEach((type, i) => {
        if (k && i === last) g.constant(2 + i, type);
        else g.slot(2 + i, type);
      });
      g.op(row.name, ...immList(imm))
        .put(result)
        .next();
    },
    lift(l) {
      const args = params.map((type, i) => (k && i === last ? l.constantAt(2 + i, type) : l.get(2 + i, type)));
      if (row.effect === 'trap') liftTrapGuards(l, row.name, args);
      l.put(1, l.ins(row.name, result, args, { index: imm.lane, lanes: imm.lanes }));
    },
  };
}
