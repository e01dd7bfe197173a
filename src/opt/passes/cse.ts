/**
 * Common subexpressions: an instruction that is dominated by an equal one takes its value. Trapping operations are
 * included (the earlier one did not trap); sizes of memories and tables, table elements and immutable globals too, as
 * long as nothing between can have changed them. Loads and mutable globals have passes of their own.
 */
import { domTree } from '../../ir/dom.ts';
import type { Block, Ins, InsImm, Region } from '../../ir/ir.ts';
import { effectOf, opInfo } from '../../ir/ops.ts';
import { Constants, mapIns, Replacements } from '../edit.ts';
import type { Pass } from '../pass.ts';

/** Text of the immediates that matter for the result. */
export function immKey(imm: InsImm): string {
  const { bits, off, mem, index, index2, lanes, func, table, types } = imm;
  return [bits, off, mem, index, index2, lanes, func, table, types].join('|');
}

/** True for instructions after which sizes and tables may be others. */
function changesSizes(ins: Ins): boolean {
  const e = effectOf(ins);
  return e === 'grow' || e === 'call' || e === 'bulk' || e === 'table.set';
}

class Cse {
  readonly region: Region;
  readonly same = new Replacements();
  readonly table = new Map<string, Ins>();
  readonly children: Map<Block, Block[]>;
  /** Raised where sizes may change; part of the keys of what depends on them. */
  world = 0;
  readonly changes: boolean;

  constructor(region: Region) {
    this.region = region;
    this.children = domTree(region).children;
    this.changes = region.blocks.some((b) => b.body.some(changesSizes));
  }

  /** Equal keys mean equal values; null: never equal to anything. */
  key(ins: Ins): string | null {
    const info = opInfo(ins.op);
    const args = ins.args.map((a) => a.id);
    if (info.commutes && args[0]! > args[1]!) args.reverse();
    const text = `${ins.op} ${ins.type} ${args.join(' ')} ${immKey(ins.imm)}`;
    if (ins.op === 'phi') return `${text} b${ins.block.id}`;
    switch (info.effect) {
      case 'pure':
      case 'trap':
        return text;
      case 'size':
        return `${text} w${this.world}`;
      case 'table.get':
        return ins.op === 'mirror.get' ? `${text} w${this.world}` : null;
      case 'global.get':
        return this.region.facts.globals[ins.imm.index ?? -1]?.mutable === false ? text : null;
      default:
        return null;
    }
  }

  block(block: Block): void {
    if (this.changes) this.world++;
    const added: string[] = [];
    for (const ins of block.body) {
      mapIns(ins, this.same.get);
      if (changesSizes(ins)) this.world++;
      const key = this.key(ins);
      if (key === null) continue;
      const first = this.table.get(key);
      if (first) this.same.set(ins, first);
      else {
        this.table.set(key, ins);
        added.push(key);
      }
    }
    for (const child of this.children.get(block) ?? []) this.block(child);
    for (const key of added) this.table.delete(key);
  }
}

export const cse: Pass = {
  name: 'cse',
  doc: 'computes equal expressions once',
  run(region) {
    new Constants(region).flush();
    const c = new Cse(region);
    c.block(region.blocks[0]!);
    c.same.apply(region);
  },
};
