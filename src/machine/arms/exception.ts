/**
 * Exceptions. What throws does so for real; the dispatch loop catches everything, finds the landing pad of the guest
 * function in progress or of one of its callers, and goes on there. The pad throws the exception once more inside the
 * clauses of the guest, so that the host matches tags and unpacks values; what no clause matches goes on to the next pad.
 */
import { type ArmGen, isNumeric, LOCAL } from '../../interp/gen.ts';
import type { CatchClause } from '../../wasm/code.ts';
import type { ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import { pushArgs, slotBytes } from './call.ts';

/** Operand words of a landing pad: where the exception is, and `clause` words for each clause. */
export const PAD = { slot: 1, first: 2, clause: 5, dest: 0, target: 1, n: 2, count: 3 } as const;

/** A clause with the types of the values that it unpacks, as frames keep them. */
export interface PadClause {
  /** As in {@link CatchClause}. */
  readonly kind: number;
  readonly tag: number;
  readonly types: readonly ValType[];
  /** The exception itself goes below the values (catch blocks of the old dialect keep it for `rethrow`). */
  readonly below: boolean;
}

/** `[arm, n, operands]`. `params`: exact types of the tag. */
export function throwArm(tag: number, params: readonly ValType[]): Arm {
  return {
    key: `throw:${tag}`,
    kind: 'throw',
    words: 3,
    gen(g) {
      g.count(1).position();
      pushArgs(g, 2, params);
      g.op('throw', g.ix.tag(tag));
    },
  };
}

/** throw_ref and rethrow: `[arm, n, exception]`. */
export const throwRefArm: Arm = {
  key: 'throw_ref',
  kind: 'throw',
  words: 3,
  gen(g) {
    g.count(1).position().slot(2, 'exnref').op('throw_ref');
  },
};

export function padKey(clauses: readonly PadClause[]): string {
  const each = clauses.map((c) => `${c.kind}${c.kind < 2 ? `.${c.tag}` : ''}${c.below ? 'b' : ''}`);
  return `pad:${each.join(':')}`;
}

/** `[arm, exception, (destination, target, n, arrivals (i64)) * clauses]` */
export function padArm(clauses: readonly PadClause[]): Arm {
  return {
    key: padKey(clauses),
    kind: 'pad',
    words: PAD.first + PAD.clause * clauses.length,
    gen(g) {
      const exception = g.scratch('exnref');
      g.slot(PAD.slot, 'exnref').set(exception);
      // Nothing keeps the exception alive when its handler has dropped it.
      g.dest(PAD.slot, 'exnref').op('ref.null', 'exn').put('exnref');
      const values = clauses.map((c) => (isRef(c) ? [...c.types, 'exnref' as ValType] : c.types));
      for (const types of values.toReversed()) g.begin('block', g.ix.blockType(types));
      const table: CatchClause[] = clauses.map((c, label) => ({ kind: c.kind, tag: g.ix.tag(c.tag), label }));
      g.op('try_table', 'void', table).get(exception).op('throw_ref').op('end').op('unreachable');
      clauses.forEach((clause, i) => {
        g.end();
        const at = PAD.first + PAD.clause * i;
        unpack(g, at + PAD.dest, clause);
        g.count(at + PAD.n).bump(at + PAD.count);
        g.word(at + PAD.target)
          .set(LOCAL.pc)
          .dispatch();
      });
    },
  };
}

function isRef(clause: PadClause): boolean {
  return clause.kind === 1 || clause.kind === 3;
}

/** Stores what the clause unpacked from the stack to where the target expects it. */
function unpack(g: ArmGen, dest: number, clause: PadClause): void {
  const list: { type: ValType; off: number }[] = [];
  let off = clause.below ? slotBytes('exnref') : 0;
  for (const type of clause.types) {
    list.push({ type, off });
    off += slotBytes(type);
  }
  if (isRef(clause)) list.push({ type: 'exnref', off: clause.below ? 0 : off });
  for (const { type, off } of list.reverse()) {
    const temp = g.scratch(type);
    g.set(temp).addr(dest);
    if (isNumeric(type)) g.get(temp).store(type, off);
    else g.i32(off).op('i32.add').i32(3).op('i32.shr_u').get(temp).put(type);
  }
}
