/**
 * Common subexpressions: an instruction that is dominated by an equal one takes its value. Trapping operations are
 * included (the earlier one did not trap); sizes of memories and tables, table elements and immutable globals too, as
 * long as nothing between can have changed them. Loads and mutable globals have passes of their own.
 */
import { type DomTree, domTree } from '../../ir/dom.ts';
import type { Block, Ins, InsImm, Region } from '../../ir/ir.ts';
import { effectOf, isConst, type OpInfo, opInfo } from '../../ir/ops.ts';
import { Constants, mapArgs, Replacements } from '../edit.ts';
import type { Pass } from '../pass.ts';

/** Text of the immediates that matter for the result. */
export function immKey(imm: InsImm): string {
  let key = '';
  for (const name in imm) if (name !== 'mem' || imm.mem !== 0) key += ` ${name}=${imm[name as keyof InsImm]}`;
  return key;
}

/** Numbers of values in keys. */
const IDS = 2 ** 26;

/** True for instructions after which sizes and tables may be others. */
function changesSizes(ins: Ins): boolean {
  const e = effectOf(ins);
  return e === 'grow' || e === 'call' || e === 'bulk' || e === 'table.set';
}

class Cse {
  readonly region: Region;
  readonly same: Replacements;
  /** Instructions with one or two operands and nothing else, by operation and operands; others by their text. */
  readonly plain = new Map<string, Map<number, Ins>>();
  readonly others = new Map<string, Ins>();
  readonly children: DomTree['children'];
  /** Raised where sizes may change; part of the keys of what depends on them. */
  world = 0;
  readonly changes: boolean;

  constructor(region: Region) {
    this.region = region;
    this.same = new Replacements(region);
    this.children = domTree(region).children;
    this.changes = region.blocks.some((b) => b.body.some(changesSizes));
  }

  /** Key of an instruction that is told by its operation and its operands alone; -1 for any other. */
  plainKey(ins: Ins, info: OpInfo): number {
    const { args } = ins;
    if (info.row === null || info.row.imms.length > 0 || args.length === 0 || args.length > 2) return -1;
    if (info.effect !== 'pure' && info.effect !== 'trap') return -1;
    const a = args[0]!.id;
    if (args.length === 1) return a;
    const b = args[1]!.id;
    return info.commutes && a > b ? b * IDS + a : a * IDS + b;
  }

  /** Equal keys mean equal values; null: never equal to anything. */
  key(ins: Ins, info: OpInfo): string | null {
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
    for (const a of ins.args) key += ` ${a.id}`;
    return key + immKey(ins.imm) + suffix;
  }

  /** The equal instruction above, or undefined after noting this one; `undo` gets what forgets it. */
  find<K>(table: Map<K, Ins>, key: K, ins: Ins, undo: { table: Map<K, Ins>; key: K }[]): Ins | undefined {
    const first = table.get(key);
    if (!first) {
      table.set(key, ins);
      undo.push({ table, key });
    }
    return first;
  }

  block(block: Block): void {
    if (this.changes) this.world++;
    const numbers: { table: Map<number, Ins>; key: number }[] = [];
    const texts: { table: Map<string, Ins>; key: string }[] = [];
    for (const ins of block.body) {
      // Constants have been merged before.
      if (isConst(ins)) continue;
      mapArgs(ins, this.same.get);
      const info = opInfo(ins.op);
      if (this.changes && changesSizes(ins)) this.world++;
      const number = this.plainKey(ins, info);
      let first: Ins | undefined;
      if (number >= 0) {
        let table = this.plain.get(ins.op);
        if (!table) this.plain.set(ins.op, (table = new Map()));
        first = this.find(table, number, ins, numbers);
      } else {
        const key = this.key(ins, info);
        if (key !== null) first = this.find(this.others, key, ins, texts);
      }
      if (first) this.same.set(ins, first);
    }
    for (const child of this.children.get(block) ?? []) this.block(child);
    for (const { table, key } of numbers) table.delete(key);
    for (const { table, key } of texts) table.delete(key);
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
