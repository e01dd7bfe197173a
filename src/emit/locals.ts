/**
 * Gives every value that needs one a Wasm local. A phi first tries to share one with its arguments (then the edge needs
 * no move), inner loops first; after that each class takes the first local of its type that is free over its whole range.
 * The host makes SSA of locals again: what this buys is small code and fewer moves in the host's baseline compiler.
 */
import type { Ins } from '../ir/ir.ts';
import type { ValType } from '../wasm/row.ts';
import { liveRanges, overlap, type Range, union } from './live.ts';
import type { Placement } from './place.ts';

export interface Locals {
  /** Local index of a value whose place is `local`. */
  of(value: Ins): number;
  /** Another local of that type, for the emitter's own use; never shared. */
  fresh(type: ValType): number;
  /** Types of all locals behind the parameters. */
  readonly types: readonly ValType[];
}

interface Class {
  readonly type: ValType;
  range: Range;
  local: number;
}

/** How deep in loops each block is: number of headers around it that dominate it and that it can reach again. */
function moveOrder(p: Placement): [Ins, Ins][] {
  const inner: [Ins, Ins][] = [];
  const outer: [Ins, Ins][] = [];
  for (const b of [...p.dom.order].reverse()) {
    for (const phi of b.body) {
      if (phi.op !== 'phi') break;
      if (p.place(phi) !== 'local') continue;
      for (const [i, arg] of phi.args.entries()) {
        if (p.place(arg) !== 'local') continue;
        (p.dom.dominates(b, b.preds[i]!) ? inner : outer).push([phi, p.rep(arg)]);
      }
    }
  }
  return [...inner, ...outer];
}

/** Assigns locals; indices start behind `params` parameters. */
export function assignLocals(p: Placement, params: number): Locals {
  const classes = new Map<Ins, Class>();
  for (const [ins, range] of liveRanges(p)) classes.set(ins, { type: ins.type as ValType, range, local: -1 });
  const members = new Map<Class, Ins[]>([...classes].map(([ins, c]) => [c, [ins]]));
  for (const [phi, arg] of moveOrder(p)) {
    const a = classes.get(phi);
    const b = classes.get(arg);
    if (!a || !b || a === b || a.type !== b.type || overlap(a.range, b.range)) continue;
    a.range = union(a.range, b.range);
    for (const ins of members.get(b)!) {
      classes.set(ins, a);
      members.get(a)!.push(ins);
    }
    members.delete(b);
  }
  const types: ValType[] = [];
  const busy: Range[] = [];
  const byStart = [...members.keys()].sort((a, b) => a.range[0]! - b.range[0]!);
  for (const c of byStart) {
    // Classes come by their starts: what is over before this one begins is over for all that follow.
    const free = (local: number): boolean => {
      const taken = busy[local]!;
      let past = 0;
      while (past < taken.length && taken[past + 1]! < c.range[0]!) past += 2;
      if (past > 0) taken.splice(0, past);
      return !overlap(taken, c.range);
    };
    let local = types.findIndex((type, i) => type === c.type && free(i));
    if (local === -1) {
      local = types.length;
      types.push(c.type);
      busy.push([]);
    }
    busy[local] = union(busy[local]!, c.range);
    c.local = params + local;
  }
  return {
    of(value) {
      const c = classes.get(p.rep(value));
      if (!c) throw new Error(`v${value.id} ${value.op} has no local`);
      return c.local;
    },
    fresh(type) {
      types.push(type);
      return params + types.length - 1;
    },
    types,
  };
}
