/**
 * Common subexpressions: an instruction that is dominated by an equal one takes its value. Trapping operations are
 * included (the earlier one did not trap); sizes of memories and tables, table elements and immutable globals too, as
 * long as nothing between can have changed them. Loads and mutable globals have passes of their own.
 */
import { type DomTree, domTree } from '../../ir/dom.ts';
import type { Block, Ins, InsImm, Region } from '../../ir/ir.ts';
import { effectOf, opInfo } from '../../ir/ops.ts';
import { Constants, mapArgs, Replacements } from '../edit.ts';
import type { Pass } from '../pass.ts';

/** Text of the immediates that matter for the result. */
export function immKey(imm: InsImm): string {
  let key = '';
  for (const name in imm) if (name !== 'mem' || imm.mem !== 0) key += ` ${name}=${imm[name as keyof InsImm]}`;
  return key;
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
  readonly children: DomTree['children'];
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
    let suffix = '';
    switch (info.effect) {
      case 'pure':
      case 'trap':
        if (ins.op === 'phi') suffix = ` b${ins.block.id}`;
        break;
      case 'size':
        suffix = ` w${this.world}`;
        break;
      case 'table.get':
        if (ins.op !== 'mirror.get') return null;
        suffix = ` w${this.world}`;
        break;
      case 'global.get':
        if (this.region.facts.globals[ins.imm.index ?? -1]?.mutable !== false) return null;
        break;
      default:
        return null;
    }
    let key = `${ins.op} ${ins.type}`;
    if (info.commutes && ins.args[0]!.id > ins.args[1]!.id) key += ` ${ins.args[1]!.id} ${ins.args[0]!.id}`;
    else for (const a of ins.args) key += ` ${a.id}`;
    return key + immKey(ins.imm) + suffix;
  }

  block(block: Block): void {
    if (this.changes) this.world++;
    const added: string[] = [];
    for (const ins of block.body) {
      mapArgs(ins, this.same.get);
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
