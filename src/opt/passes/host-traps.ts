/**
 * Leaves traps to the host: removes the guard of an instruction that traps by itself in just the cases in which the guard
 * fails. Off unless asked for by name, because it gives up a part of exactness: after such a trap memories, tables and
 * globals are exact and the place is known (the host's error names it), but the locals and operands of the frames that
 * the fragment had entered are lost, and instructions since its last exit are not counted. What it gains is the price of
 * exact traps.
 *
 *     guard.bounds v1 k=4          i32.load v1 offset=0
 *     i32.load v1 offset=0    =>
 *
 * A guard stays where its exit would have to write something that the guest could see afterwards (a sunk store, a promoted
 * global), and where it was moved away from its instruction or stands for several.
 */
import type { Ins } from '../../ir/ir.ts';
import { constBits, effectOf, opInfo } from '../../ir/ops.ts';
import type { Pass } from '../pass.ts';

/** Reasons of guards that stand for a trap of one instruction, besides bounds. */
const ARITHMETIC = new Set(['divide', 'truncate']);

const samePlace = (guard: Ins, ins: Ins): boolean =>
  guard.snap!.loc.func === ins.loc.func && guard.snap!.loc.offset === ins.loc.offset;

/** True where `access` is out of bounds exactly when `guard` says so; its address may have lost a constant to the offset. */
function sameBounds(guard: Ins, access: Ins): boolean {
  const effect = effectOf(access);
  if ((effect !== 'load' && effect !== 'store') || access.imm.mem !== guard.imm.mem) return false;
  const [asked] = guard.args as [Ins];
  const [addr] = access.args as [Ins];
  const end = (access.imm.off ?? 0) + opInfo(access.op).bytes;
  if (addr === asked) return guard.imm.k === end;
  const added = asked.op === 'i32.add' && asked.args[0] === addr ? constBits(asked.args[1]!) : null;
  return added !== null && guard.imm.k! + Number(added) === end;
}

function trapsLike(guard: Ins, ins: Ins): boolean {
  if (!samePlace(guard, ins)) return false;
  if (guard.op === 'guard.bounds') return sameBounds(guard, ins);
  return ARITHMETIC.has(guard.snap!.reason) && effectOf(ins) === 'trap';
}

/** True where the instruction behind the guard at `i` traps in its stead, and nothing in between could be noticed. */
function replaced(body: readonly Ins[], i: number): boolean {
  const guard = body[i]!;
  if (!guard.snap || guard.snap.stores.length > 0 || guard.snap.globals.length > 0) return false;
  if (guard.op !== 'guard.bounds' && !ARITHMETIC.has(guard.snap.reason)) return false;
  for (let at = i + 1; at < body.length; at++) {
    const ins = body[at]!;
    if (trapsLike(guard, ins)) return true;
    const effect = effectOf(ins);
    if (effect !== 'pure' && effect !== 'count' && !(effect === 'guard' && samePlace(guard, ins))) return false;
  }
  return false;
}

export const hostTraps: Pass = {
  name: 'host-traps',
  doc: 'leaves traps to the host where nothing but locals is lost (only by name: -O+host-traps)',
  rules: ['bounds', 'arithmetic'],
  run(region, context) {
    for (const block of region.blocks) {
      // From the end, so that a guard between another one and their instruction is gone when that is looked at.
      for (let i = block.body.length - 1; i >= 0; i--) {
        const rule = block.body[i]!.op === 'guard.bounds' ? 'bounds' : 'arithmetic';
        if (!context.may(rule) || !replaced(block.body, i)) continue;
        context.fired(rule);
        block.body.splice(i, 1);
      }
    }
  },
};
