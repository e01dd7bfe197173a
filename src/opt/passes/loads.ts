/**
 * Redundant loads and store-to-load forwarding: a load takes the value that an earlier load or store at the same bytes
 * has shown to be there, as long as nothing between may have written them. A store of what is there already disappears.
 * At a join only what all predecessors agree on is known; in a loop what nothing in it may write.
 *
 * Loads of shared memories stay: another thread's write must be seen in the end.
 */
import { type DomTree, domTree, findLoops, type Loop } from '../../ir/dom.ts';
import { type Block, type Ins, makeIns, type Region } from '../../ir/ir.ts';
import { isLoad, isStore } from '../../ir/ops.ts';
import { mayAlias, type Place, placeKey, placeOf, samePlace, writesAnything } from '../alias.ts';
import { Constants, mapArgs, Replacements } from '../edit.ts';
import { forward, type Maker } from '../forward.ts';
import type { Pass, PassContext } from '../pass.ts';

const RULES = ['load', 'store-to-load', 'same-store'] as const;

/** The load or store `op` has shown that `value` is at `place`. */
interface Entry {
  readonly place: Place;
  readonly op: string;
  readonly value: Ins;
  readonly stored: boolean;
}

/** What is known about memory at one point, by base. */
class Memory {
  readonly known: Map<string, Entry[]>;

  constructor(from?: Memory) {
    this.known = new Map(from ? [...from.known].map(([k, v]) => [k, [...v]]) : []);
  }

  find(place: Place): Entry[] {
    return (this.known.get(placeKey(place)) ?? []).filter((e) => samePlace(e.place, place));
  }

  add(entry: Entry): void {
    const key = placeKey(entry.place);
    const list = this.known.get(key);
    if (list) list.push(entry);
    else this.known.set(key, [entry]);
  }

  filter(keep: (e: Entry) => boolean): void {
    for (const [key, list] of this.known) {
      const kept = list.filter(keep);
      if (kept.length > 0) this.known.set(key, kept);
      else this.known.delete(key);
    }
  }
}

class Loads {
  readonly region: Region;
  readonly context: PassContext;
  readonly dom: DomTree;
  readonly same: Replacements;
  readonly constants: Constants;
  readonly out = new Map<Block, Memory>();
  readonly loops: Map<Block, Loop>;
  memory = new Memory();

  constructor(region: Region, context: PassContext) {
    this.region = region;
    this.same = new Replacements(region);
    this.context = context;
    this.constants = new Constants(region);
    this.dom = domTree(region);
    this.loops = new Map(findLoops(this.dom).map((l) => [l.header, l]));
  }

  /** What an instruction does to what is known. */
  kill(ins: Ins, memory: Memory): void {
    if (writesAnything(ins)) memory.known.clear();
    else if (isStore(ins)) {
      const place = placeOf(this.region, ins);
      memory.filter((e) => !mayAlias(e.place, place));
    }
  }

  /** What is known at the start of a block. */
  start(block: Block): Memory {
    const loop = this.loops.get(block);
    const from = block.preds.filter((p) => !loop?.blocks.has(p)).map((p) => this.out.get(p));
    const [first, ...rest] = from;
    if (!first || rest.includes(undefined)) return new Memory();
    const memory = new Memory(first);
    const equal = (a: Entry, b: Entry) => a.value === b.value && a.op === b.op && a.stored === b.stored;
    for (const other of rest) memory.filter((e) => other!.find(e.place).some((o) => equal(o, e)));
    if (loop) for (const b of loop.blocks) for (const ins of b.body) this.kill(ins, memory);
    return memory;
  }

  /** The value that the load would read, or null. */
  known(load: Ins, place: Place, body: Ins[]): Ins | null {
    const made: Ins[] = [];
    const make: Maker = {
      op: (name, type, args) => {
        const ins = makeIns(this.region, load.block, name, type, args, {}, load.loc);
        made.push(ins);
        return ins;
      },
      constant: (type, bits) => this.constants.get(type, bits, load.loc),
    };
    for (const e of this.memory.find(place)) {
      const rule = e.stored ? 'store-to-load' : 'load';
      const value = this.context.may(rule) ? forward(e.op, e.value, load.op, make) : null;
      if (!value) continue;
      body.push(...made);
      this.context.fired(rule);
      return value;
    }
    return null;
  }

  load(ins: Ins, body: Ins[]): void {
    const place = placeOf(this.region, ins);
    if (this.region.facts.sharedMem[place.mem]) {
      body.push(ins);
      return;
    }
    const value = this.known(ins, place, body);
    if (value) this.same.set(ins, value);
    else body.push(ins);
    this.memory.add({ place, op: ins.op, value: value ?? ins, stored: false });
  }

  store(ins: Ins, body: Ins[]): void {
    const place = placeOf(this.region, ins);
    const shared = this.region.facts.sharedMem[place.mem] === true;
    const value = ins.args[1]!;
    const wide = (e: Entry) => e.op === ins.op || e.op.startsWith(ins.op.replace('store', 'load'));
    if (
      !shared &&
      this.context.may('same-store') &&
      this.memory.find(place).some((e) => e.value === value && wide(e))
    ) {
      this.context.fired('same-store');
      return;
    }
    body.push(ins);
    this.kill(ins, this.memory);
    if (!shared) this.memory.add({ place, op: ins.op, value, stored: true });
  }

  block(block: Block): void {
    this.memory = this.start(block);
    const body: Ins[] = [];
    for (const ins of block.body) {
      mapArgs(ins, this.same.get);
      if (isLoad(ins)) this.load(ins, body);
      else if (isStore(ins)) this.store(ins, body);
      else {
        body.push(ins);
        this.kill(ins, this.memory);
      }
    }
    block.body = body;
    this.out.set(block, this.memory);
  }
}

export const loads: Pass = {
  name: 'loads',
  doc: 'takes loaded and stored values again instead of loading them',
  rules: RULES,
  run(region, context) {
    const l = new Loads(region, context);
    for (const b of l.dom.order) l.block(b);
    l.constants.flush();
    l.same.apply(region);
  },
};
