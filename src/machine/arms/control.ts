/**
 * Heads, branches and stops.
 *
 * Guest instructions are counted where control leaves a straight line: each such instruction carries `n`, the guest
 * instructions completed since the last counted place. A branch that is not taken counts nothing; its instructions are
 * part of the next `n`. Taken branches correct for what the code at their target will count again.
 */

import { type ArmGen, LOCAL } from '../../interp/gen.ts';
import type { OpRow, ValType } from '../../wasm/row.ts';
import { refType } from '../../wasm/types.ts';
import type { Arm } from '../arm.ts';
import { CTL, NESTED, REF_AGE, STATE } from '../layout.ts';
import { constWords, type Form } from './numeric.ts';

/** Words that loop heads and function entries share: `[arm, n, count (i64), trigger, fragment slot, ...]`. */
export const HEAD = { n: 1, count: 2, trigger: 4, fragment: 5, words: 6 } as const;
/** A function entry goes on: `[..., frame bytes, first byte to zero, bytes to zero]`. */
export const ENTER = { frame: 6, zeroFrom: 7, zeroBytes: 8, words: 9 } as const;

/** Leaves at a head when the slice is over, when the recorder says so, or to record when the counter is hot. */
function headPrologue(g: ArmGen): void {
  g.get(LOCAL.icount).get(LOCAL.deadline).op('i64.ge_s');
  if (g.recording) {
    g.get(LOCAL.pc).get(LOCAL.fp).op('call', g.ix.recordAt).op('i32.or').begin('if').leave('recorded').end();
  } else if (g.history) {
    g.begin('if').leave('slice').end();
    // The answer may have been to patch this very instruction: look at it again.
    g.get(LOCAL.pc).get(LOCAL.fp).op('call', g.ix.recordAt).begin('if').dispatch().end();
  } else {
    g.begin('if').leave('slice').end();
    // The recorder's copy counts without asking, so a count may have passed its trigger.
    g.word(HEAD.count).word(HEAD.trigger).op('i32.ge_u').begin('if');
    g.get(LOCAL.pc).get(LOCAL.fp).op('call', g.ix.hot).begin('if').leave('record').end();
    // The answer may have been to patch this very instruction: look at it again.
    g.word(HEAD.count).word(HEAD.trigger).op('i32.lt_u').begin('if').dispatch().end();
    g.end();
  }
  g.count(HEAD.n).bump(HEAD.count);
}

function enterBody(g: ArmGen): void {
  g.addr(ENTER.frame).ctl(CTL.limit).op('i32.gt_u').begin('if').position().frame().op('call', g.ix.overflow).end();
  g.frame();
  if (g.ix.references) {
    g.addr(ENTER.frame).tee(LOCAL.a).ctl(CTL.refTop).op('i32.gt_u').begin('if');
    g.i32(0).get(LOCAL.a).op('i32.store', 0, CTL.refTop).end();
  }
  g.word(ENTER.zeroBytes).tee(LOCAL.a).begin('if');
  g.addr(ENTER.zeroFrom).tee(LOCAL.b).get(LOCAL.a).op('i32.add').set(LOCAL.a);
  g.begin('loop').get(LOCAL.b).op('i64.const', 0n).op('i64.store', 0, 0);
  g.get(LOCAL.b).i32(8).op('i32.add').tee(LOCAL.b).get(LOCAL.a).op('i32.lt_u').op('br_if', 0).end();
  g.end();
}

/** A loop head: counts, and is where fragments are entered. */
export const headArm: Arm = {
  key: 'head',
  kind: 'head',
  words: HEAD.words,
  gen(g) {
    headPrologue(g);
    g.next();
  },
  lift(l) {
    l.count(l.word(HEAD.n));
    l.head();
  },
};

/** A function entry: checks the frame stack, zeroes locals, counts. */
export const enterArm: Arm = {
  key: 'enter',
  kind: 'enter',
  words: ENTER.words,
  gen(g) {
    headPrologue(g);
    enterBody(g);
    g.next();
  },
  lift(l) {
    l.count(l.word(HEAD.n));
    l.enter(l.word(ENTER.frame), l.word(ENTER.zeroFrom), l.word(ENTER.zeroBytes));
  },
};

/** Calls the fragment in the head's slot and goes on where it says. */
function enterFragment(g: ArmGen): void {
  g.ctl(CTL.stop).begin('if').leave('slice').end();
  if (g.ix.references) {
    g.i32(0).ctl(CTL.refAge).i32(1).op('i32.add').tee(LOCAL.a).op('i32.store', 0, CTL.refAge);
    g.get(LOCAL.a).i32(REF_AGE).op('i32.gt_u').begin('if').leave('slice').end();
  }
  g.i32(0).get(LOCAL.fp).i32(NESTED).op('i32.add').op('i32.store', 0, CTL.callLimit);
  g.get(LOCAL.fp).i32(0).word(HEAD.fragment);
  // An exception in there finds the position in memory.
  if (g.ix.catching) g.i32(0).set(LOCAL.pc);
  g.op('call_indirect', g.ix.fragmentType, g.ix.fragmentTable);
  g.set(LOCAL.fp).set(LOCAL.pc);
  // A hot exit asks for a recording of what comes next.
  g.ctl(CTL.status).begin('if').get(LOCAL.pc).get(LOCAL.fp).op('return').end();
  g.i32(0).i32(STATE.interpret).op('i32.store', 0, CTL.state);
  g.frame().reload().dispatch();
}

/** A head that was patched: the fragment in its slot runs instead. The recorder's copy still executes the head. */
function patched(plain: Arm): Arm {
  return {
    key: `fragment:${plain.key}`,
    kind: plain.kind,
    words: plain.words,
    gen(g) {
      if (g.recording) {
        plain.gen(g);
        return;
      }
      g.get(LOCAL.icount).get(LOCAL.deadline).op('i64.ge_s').begin('if').leave('slice').end();
      if (g.fuel) {
        // Near the end of the fuel only the interpreter runs, so that it stops at the exact head.
        g.get(LOCAL.fp).get(LOCAL.pc).op('call', g.ix.fuelStrip).begin('if');
        enterFragment(g);
        g.end();
        plain.gen(g);
      } else enterFragment(g);
    },
    lift: plain.lift,
  };
}
export const fragmentHeadArm = patched(headArm);
export const fragmentEnterArm = patched(enterArm);

/** Goes on at the target: `[arm, target, n]`. */
export const jumpArm: Arm = {
  key: 'br',
  kind: 'jump',
  words: 3,
  target: 1,
  gen(g) {
    g.count(2).word(1).set(LOCAL.pc).dispatch();
  },
  lift(l) {
    l.count(l.word(2));
  },
};

/** Condition of a fused branch: a row and the form of its operands, or null for a plain i32 in a slot. */
export interface Condition {
  row: OpRow | null;
  form: Form;
  /** Type of the reference that `ref.is_null` and `ref.test` look at. */
  ref?: ValType;
  /** Heap type of `ref.test`. */
  heap?: string;
}

/** Branches when the condition has that outcome: `[arm, operands..., target, n, taken (i64)]`. */
export function branchArm(cond: Condition, when: boolean): Arm {
  const params: readonly ValType[] = cond.ref ? [cond.ref] : (cond.row?.sig?.params ?? ['i32']);
  const last = params.length - 1;
  const k = cond.form === 'k';
  const heap = cond.heap === undefined ? [] : [cond.heap];
  const target = 1 + params.length - (k ? 1 : 0) + (k ? constWords(params[last] as ValType) : 0);
  return {
    key: branchKey(cond, when),
    kind: 'branch',
    words: target + 4,
    target,
    gen(g) {
      params.forEach((type, i) => {
        if (k && i === last) g.constant(1 + i, type);
        else g.slot(1 + i, type);
      });
      if (cond.row) g.op(cond.row.name, ...heap);
      if (!when) g.op('i32.eqz');
      g.begin('if');
      g.count(target + 1)
        .bump(target + 2)
        .word(target)
        .set(LOCAL.pc)
        .dispatch();
      g.end().next();
    },
    lift(l) {
      const args = params.map((type, i) => (k && i === last ? l.constantAt(1 + i, type) : l.get(1 + i, type)));
      const imm = cond.heap === undefined ? {} : { types: [refType(cond.heap, true)] };
      const value = cond.row ? l.ins(cond.row.name, 'i32', args, imm) : (args[0] as (typeof args)[0]);
      l.branch(value, when, l.word(target), l.pc + 4 * (target + 4), l.word(target + 1));
    },
  };
}

export function branchKey(cond: Condition, when: boolean): string {
  const of = cond.heap ?? cond.ref ?? cond.form;
  return `${when ? 'brif' : 'brifn'}:${cond.row ? `${cond.row.name}:${of}` : 'nz'}`;
}

/** Operand words of a br_table: those of each target follow the first. */
export const BR_TABLE = { first: 3, words: 4 } as const;

/** br_table: `[arm, index, count, (target, n, taken (i64)) * (count + 1)]`. */
export const tableArm: Arm = {
  key: 'br_table',
  kind: 'table',
  words: 3,
  gen(g) {
    g.slot(1, 'i32').tee(LOCAL.a).word(2).get(LOCAL.a).word(2).op('i32.lt_u').op('select');
    g.i32(4).op('i32.shl').get(LOCAL.pc).op('i32.add').tee(LOCAL.a).countAt(16);
    g.get(LOCAL.a).get(LOCAL.a).op('i64.load', 0, 20).op('i64.const', 1n).op('i64.add').op('i64.store', 0, 20);
    g.get(LOCAL.a).op('i32.load', 0, 12).set(LOCAL.pc).dispatch();
  },
  lift(l) {
    const index = l.get(1, 'i32');
    const count = l.word(2);
    const targets: number[] = [];
    for (let i = 0; i <= count; i++) targets.push(l.word(3 + 4 * i));
    l.switch(index, targets, (i) => l.word(4 + 4 * i));
  },
};

/** Traps. */
export const unreachableArm: Arm = {
  key: 'unreachable',
  kind: 'stop',
  words: 1,
  gen(g) {
    g.position().op('unreachable');
  },
};

/** Where the outermost frame of an activation returns to. */
export const haltArm: Arm = {
  key: 'halt',
  kind: 'stop',
  words: 1,
  gen(g) {
    g.leave('done');
  },
};
