/** Which sequences of instructions are possible: checks of paths that were read from a history with gaps. */

import { CALL } from '../machine/arms/call.ts';
import { BR_TABLE } from '../machine/arms/control.ts';
import { FUNCS } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';

/** Where threaded code is, and what its words mean. */
type Code = Pick<Machine, 'arms' | 'memory' | 'map'>;

/**
 * True where control goes from the instruction at `pc` to the one at `next` in the same frame, or into a callee of an
 * indirect call; null for instructions that leave the frame, of which others have to judge.
 */
function goesOn({ arms, memory, map }: Code, pc: number, next: number): boolean | null {
  const word = (i: number) => memory.word(pc + 4 * i);
  const arm = arms.at(word(0));
  const behind = pc + 4 * arm.words;
  switch (arm.kind) {
    case 'plain':
    case 'head':
    case 'enter':
    case 'host':
      return next === behind;
    case 'jump':
      return next === word(arm.target as number);
    case 'branch':
      return next === behind || next === word(arm.target as number);
    case 'indirect':
      return next === behind || map.entryOf(next) !== undefined;
    default:
      return null;
  }
}

/** True where control can go from the instruction at `pc` to the one at `next`, in some frame. */
export function follows(machine: Machine, pc: number, next: number): boolean {
  const { arms, memory, map } = machine;
  if (!map.at(pc) || !map.at(next)) return false;
  const known = goesOn(machine, pc, next);
  if (known !== null) return known;
  const word = (i: number) => memory.word(pc + 4 * i);
  switch (arms.at(word(0)).kind) {
    case 'table': {
      for (let i = 0; i <= word(2); i++) if (next === word(BR_TABLE.first + BR_TABLE.words * i)) return true;
      return false;
    }
    case 'call':
      return next === memory.word(FUNCS + 4 * word(CALL.func));
    case 'return': {
      const call = map.before(next);
      const kind = call === undefined ? null : arms.at(memory.word(call)).kind;
      return kind === 'call' || kind === 'indirect';
    }
    default:
      return false;
  }
}

/**
 * False where one of the instructions cannot have been executed right behind the one before it: somebody else went on in
 * the log. `end` is what comes last. Returns are not looked at; they never end a recording by surprise.
 */
export function unbroken(code: Code, pcs: readonly number[], end: number): boolean {
  const { arms, memory, map } = code;
  return pcs.every((pc, i) => {
    const next = pcs[i + 1] ?? end;
    const arm = arms.at(memory.word(pc));
    const known = goesOn(code, pc, next);
    if (known !== null) return known || arm.tail === true;
    switch (arm.kind) {
      case 'interp':
        return next === pc + 4 * arm.words || arm.tail === true;
      case 'call':
      case 'tail':
        return map.entryOf(next) !== undefined;
      case 'stop':
      case 'throw':
        return false;
      default:
        return true;
    }
  });
}

/**
 * How many of the instructions, from the first on, were executed one after the other with these frames; the one behind
 * them is where the path ends.
 */
export function validSteps(machine: Machine, pcs: readonly number[], end: number): number {
  const { arms, memory, map } = machine;
  const frames: number[] = [];
  for (let i = 0; i < pcs.length; i++) {
    const pc = pcs[i] as number;
    const next = pcs[i + 1] ?? end;
    if (!follows(machine, pc, next)) return i;
    const arm = arms.at(memory.word(pc));
    if ((arm.kind === 'call' || arm.kind === 'indirect') && map.entryOf(next)) frames.push(pc + 4 * arm.words);
    if (arm.kind === 'return' && (frames.pop() ?? next) !== next) return i;
  }
  return pcs.length;
}
