/**
 * What one interpreter arm is. Threaded code is a row of 32-bit words; the first word of an instruction is the index of
 * its arm, the others are operands. An arm knows three things and nothing else in the project knows them: the layout of
 * its operand words, the Wasm that executes it, and the IR that a recorded execution of it becomes.
 *
 * One arm exists per distinct opcode, static immediates and operand form that a guest uses; families of arms (files in
 * `arms/`) make them from the opcode rows.
 */
import type { ArmGen } from '../interp/gen.ts';
import type { Lifter } from '../ir/lift.ts';

/** How control leaves an instruction; the recorder and the profile look at it. */
export type ArmKind =
  | 'plain' // goes on behind itself
  | 'jump' // one target
  | 'branch' // taken or not
  | 'table' // br_table
  | 'head' // loop head
  | 'enter' // function entry
  | 'call'
  | 'indirect'
  | 'tail' // call in place of the own frame
  | 'tail-indirect'
  | 'host' // calls host code
  | 'return'
  | 'throw' // throws an exception
  | 'pad' // where caught exceptions arrive
  | 'stop' // halt, unreachable
  | 'interp'; // executes only in the interpreter: a trace ends before it

export interface Arm {
  /** Unique: family, opcode, static immediates and form (`op:i32.add:rk`). */
  readonly key: string;
  readonly kind: ArmKind;
  /** Words of the instruction including the first; br_table adds its targets. */
  readonly words: number;
  /** For branches: index of the word that holds the target address; behind it n (guest instructions) and an i64 count. */
  readonly target?: number;
  /** Calls through a table: which one. */
  readonly table?: number;
  /** The frame that executes it is over: handlers of its function do not apply. */
  readonly tail?: true;
  /** Emits the Wasm that executes the instruction; ends with `g.next()` or a transfer of its own. */
  gen(g: ArmGen): void;
  /** Appends the IR of one recorded execution. Absent: a trace ends before this instruction. */
  lift?(l: Lifter): void;
}

/** The growing set of arms of one guest. The position in `list` is the arm's index in threaded code. */
export class ArmSet {
  readonly list: Arm[] = [];
  private readonly byKey = new Map<string, number>();

  /** Index of the arm `key`, made by `make` on its first use. */
  index(key: string, make: () => Arm): number {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const at = this.list.length;
    this.list.push(make());
    this.byKey.set(key, at);
    return at;
  }

  /** The arm with that index. */
  at(index: number): Arm {
    const arm = this.list[index];
    if (!arm) throw new RangeError(`no interpreter arm ${index}`);
    return arm;
  }
}
