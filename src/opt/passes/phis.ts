/**
 * Removes phis that have one value only: all operands are the same value or the phi itself. Sets of phis that refer to
 * each other and to one other value go too (a slot that is moved around a loop and never changed). Works on strongly
 * connected components of phis, after Braun et al., "Simple and Efficient Construction of SSA Form".
 */
import type { Ins, Region } from '../../ir/ir.ts';
import { Replacements } from '../edit.ts';
import type { Pass } from '../pass.ts';

/** Strongly connected components of the phis in `among`, those that others refer to first (Tarjan). */
function components(among: ReadonlySet<Ins>, resolve: (i: Ins) => Ins): Ins[][] {
  const number = new Map<Ins, number>();
  const low = new Map<Ins, number>();
  const stack: Ins[] = [];
  const on = new Set<Ins>();
  const out: Ins[][] = [];
  const visit = (phi: Ins): void => {
    number.set(phi, number.size);
    low.set(phi, number.get(phi)!);
    stack.push(phi);
    on.add(phi);
    for (const raw of phi.args) {
      const a = resolve(raw);
      if (!among.has(a)) continue;
      if (!number.has(a)) {
        visit(a);
        low.set(phi, Math.min(low.get(phi)!, low.get(a)!));
      } else if (on.has(a)) low.set(phi, Math.min(low.get(phi)!, number.get(a)!));
    }
    if (low.get(phi) !== number.get(phi)) return;
    const one: Ins[] = [];
    for (let top = stack.pop()!; ; top = stack.pop()!) {
      on.delete(top);
      one.push(top);
      if (top === phi) break;
    }
    out.push(one);
  };
  for (const phi of among) if (!number.has(phi)) visit(phi);
  return out;
}

function simplify(phis: readonly Ins[], same: Replacements): void {
  for (const group of components(new Set(phis), same.get)) {
    const members = new Set(group);
    const outside = new Set<Ins>();
    const inner: Ins[] = [];
    for (const phi of group) {
      let only = true;
      for (const raw of phi.args) {
        const a = same.get(raw);
        if (members.has(a)) continue;
        outside.add(a);
        only = false;
      }
      if (only) inner.push(phi);
    }
    if (outside.size === 1) for (const phi of group) same.set(phi, [...outside][0]!);
    else if (outside.size > 1 && inner.length > 0) simplify(inner, same);
  }
}

/** Finds redundant phis of a region; the caller applies the result. */
export function redundantPhis(region: Region): Replacements {
  const same = new Replacements();
  const phis: Ins[] = [];
  for (const b of region.blocks) for (const ins of b.body) if (ins.op === 'phi') phis.push(ins);
  simplify(phis, same);
  return same;
}

export const phis: Pass = {
  name: 'phis',
  doc: 'removes phis that stand for one value',
  run(region) {
    redundantPhis(region).apply(region);
  },
};
