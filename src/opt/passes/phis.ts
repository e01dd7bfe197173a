/**
 * Removes phis that have one value only: all operands are the same value or the phi itself. Sets of phis that refer to
 * each other and to one other value go too (a slot that is moved around a loop and never changed). Works on strongly
 * connected components of phis, after Braun et al., "Simple and Efficient Construction of SSA Form".
 */
import type { Ins, Region } from '../../ir/ir.ts';
import { Replacements } from '../edit.ts';
import type { Pass } from '../pass.ts';

/** Strongly connected components of the phis in `among`, those that others refer to first (Tarjan). */
function components(among: readonly Ins[], resolve: (i: Ins) => Ins): Ins[][] {
  /** By number of the value: undefined: no phi of `among`; -1: not visited; then the order of visits, and the lowest reached. */
  const number: number[] = [];
  const low: number[] = [];
  for (const phi of among) number[phi.id] = -1;
  let visits = 0;
  const stack: Ins[] = [];
  const done: boolean[] = [];
  const out: Ins[][] = [];
  const visit = (phi: Ins): void => {
    const { id } = phi;
    number[id] = low[id] = ++visits;
    stack.push(phi);
    for (const raw of phi.args) {
      const a = resolve(raw);
      const n = number[a.id];
      if (n === undefined) continue;
      if (n === -1) {
        visit(a);
        low[id] = Math.min(low[id]!, low[a.id]!);
      } else if (!done[a.id]) low[id] = Math.min(low[id]!, n);
    }
    if (low[id] !== number[id]) return;
    const one: Ins[] = [];
    for (let top = stack.pop()!; ; top = stack.pop()!) {
      done[top.id] = true;
      one.push(top);
      if (top === phi) break;
    }
    out.push(one);
  };
  for (const phi of among) if (number[phi.id] === -1) visit(phi);
  return out;
}

/** A phi that is in no ring: of one value when all operands are that or the phi itself. */
function alone(phi: Ins, same: Replacements): void {
  let only: Ins | null = null;
  for (const raw of phi.args) {
    const a = same.get(raw);
    if (a === phi || a === only) continue;
    if (only) return;
    only = a;
  }
  if (only) same.set(phi, only);
}

function simplify(phis: readonly Ins[], same: Replacements): void {
  for (const group of components(phis, same.get)) {
    if (group.length === 1) {
      alone(group[0]!, same);
      continue;
    }
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
  const same = new Replacements(region);
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
