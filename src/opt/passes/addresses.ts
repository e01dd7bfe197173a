/**
 * Moves constants from address arithmetic into the static offset of loads and stores:
 *
 *     v3 = i32.add v1 8
 *     v4 = i32.load v3 offset=4    =>    v4 = i32.load v1 offset=12
 *
 * The sum of address and offset does not wrap in the instruction, so the addition must not have wrapped either: that is
 * known where a guard has shown that memory reaches beyond v1 + 8, or where v1 is small enough.
 */
import { domTree } from '../../ir/dom.ts';
import type { Block, Ins, Region } from '../../ir/ir.ts';
import { constBits, isLoad, isStore } from '../../ir/ops.ts';
import { Bounds } from '../bounds.ts';
import { Facts } from '../facts.ts';
import type { Pass } from '../pass.ts';

/** First number that is no 32-bit address or offset. */
const END = 1n << 32n;

/** The operands of `x + constant`, or null. */
function sum(addr: Ins): { base: Ins; c: bigint } | null {
  if (addr.op !== 'i32.add') return null;
  const c = constBits(addr.args[1]!);
  return c === null ? null : { base: addr.args[0]!, c };
}

function shorten(region: Region, access: Ins, facts: Facts, bounds: Bounds): boolean {
  const mem = access.imm.mem!;
  const parts = region.facts.mem64[mem] ? null : sum(access.args[0]!);
  if (!parts) return false;
  const off = BigInt(access.imm.off ?? 0) + parts.c;
  if (off >= END) return false;
  const small = facts.range(parts.base).max + parts.c < END;
  if (!small && !bounds.covers(parts.base, mem, Number(parts.c) + 1)) return false;
  access.args[0] = parts.base;
  access.imm.off = Number(off);
  return true;
}

export const addresses: Pass = {
  name: 'addresses',
  doc: 'moves constants of addresses into the offsets of loads and stores',
  rules: ['offset'],
  run(region, context) {
    const facts = new Facts(region);
    const bounds = new Bounds(region, (ins) => facts.narrowed(ins));
    const { children } = domTree(region);
    const walk = (block: Block): void => {
      const marks = [facts.mark(), bounds.mark()] as const;
      facts.enter(block);
      for (const ins of block.body) {
        if (ins.op === 'guard.bounds') bounds.add(ins);
        facts.after(ins);
        if (isLoad(ins) || isStore(ins))
          while (context.may('offset') && shorten(region, ins, facts, bounds)) context.fired('offset');
      }
      for (const child of children.get(block) ?? []) walk(child);
      facts.undo(marks[0]);
      bounds.undo(marks[1]);
    };
    walk(region.blocks[0]!);
  },
};
