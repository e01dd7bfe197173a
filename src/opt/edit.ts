/**
 * The few ways in which passes change a region. Replacing a value is recorded first and done for the whole region at
 * once at the end of a pass, so a pass is linear in the region's size.
 */
import {
  type Block,
  type GuestLoc,
  type Ins,
  type InsImm,
  type IrType,
  makeIns,
  mapSnapshot,
  type Region,
  type Snapshot,
  snapshotUses,
  successors,
} from '../ir/ir.ts';
import { isConst } from '../ir/ops.ts';

/** Values that were found equal to others. */
export class Replacements {
  /** By number of the value; of full length from the start, because the host keeps sparse arrays as hash tables. */
  readonly #to: (Ins | undefined)[];
  #size = 0;

  constructor(region: Region) {
    this.#to = new Array(region.nextId);
  }

  get size(): number {
    return this.#size;
  }

  set(from: Ins, to: Ins): void {
    if (from === to) return;
    this.#to[from.id] = to;
    this.#size++;
  }

  has(ins: Ins): boolean {
    return this.#to[ins.id] !== undefined;
  }

  /** What stands for `ins` now. */
  readonly get = (ins: Ins): Ins => {
    let to = this.#to[ins.id];
    if (to === undefined) return ins;
    for (let next = this.#to[to.id]; next !== undefined; next = this.#to[to.id]) to = next;
    this.#to[ins.id] = to;
    return to;
  };

  /** Rewrites every use in the region and takes replaced instructions out of their blocks. */
  apply(region: Region): void {
    if (this.#size === 0) return;
    for (const b of region.blocks) {
      if (b.body.some((ins) => this.#to[ins.id] !== undefined)) b.body = b.body.filter((ins) => !this.has(ins));
      this.rewrite(b);
    }
  }

  /** Rewrites every use in a block. Most values stay what they are: so this asks before it calls. */
  rewrite(block: Block): void {
    const to = this.#to;
    for (const ins of block.body) {
      const { args, snap } = ins;
      for (let i = 0; i < args.length; i++) if (to[args[i]!.id] !== undefined) args[i] = this.get(args[i]!);
      if (snap) this.snapshot(snap);
    }
    const t = block.term;
    if (t.kind === 'branch') t.cond = this.get(t.cond);
    if (t.kind === 'switch') t.index = this.get(t.index);
    if (t.kind === 'exit') this.snapshot(t.snap);
  }

  /** Rewrites the values of a snapshot. */
  snapshot(snap: Snapshot): void {
    const to = this.#to;
    for (const s of snap.slots) if (to[s.value.id] !== undefined) s.value = this.get(s.value);
    for (const g of snap.globals) if (to[g.value.id] !== undefined) g.value = this.get(g.value);
    for (const s of snap.stores) {
      s.addr = this.get(s.addr);
      s.value = this.get(s.value);
    }
  }
}

/** Replaces the operands of one instruction, also those of its snapshot. */
export function mapIns(ins: Ins, f: (value: Ins) => Ins): void {
  for (let i = 0; i < ins.args.length; i++) ins.args[i] = f(ins.args[i]!);
  if (ins.snap) mapSnapshot(ins.snap, f);
}

/** Replaces the operands of one instruction, but not those of its snapshot. */
export function mapArgs(ins: Ins, f: (value: Ins) => Ins): void {
  for (let i = 0; i < ins.args.length; i++) ins.args[i] = f(ins.args[i]!);
}

/** Replaces the operands of a terminator. */
export function mapTerm(block: Block, f: (value: Ins) => Ins): void {
  const t = block.term;
  if (t.kind === 'branch') t.cond = f(t.cond);
  if (t.kind === 'switch') t.index = f(t.index);
  if (t.kind === 'exit') mapSnapshot(t.snap, f);
}

/** Calls `use` for every operand of an instruction, also those of its snapshot. */
export function insUses(ins: Ins, use: (value: Ins) => void): void {
  for (const a of ins.args) use(a);
  if (ins.snap) snapshotUses(ins.snap, use);
}

/** Calls `use` for every operand of a terminator. */
export function termUses(block: Block, use: (value: Ins) => void): void {
  const t = block.term;
  if (t.kind === 'branch') use(t.cond);
  if (t.kind === 'switch') use(t.index);
  if (t.kind === 'exit') snapshotUses(t.snap, use);
}

/**
 * The constants of a region. Making this object moves them all to the top of the entry block and merges equal ones, so
 * each is defined wherever it may be wanted; the emitter writes a constant anew at each use anyway.
 */
export class Constants {
  readonly #region: Region;
  readonly #known = new Map<IrType, Map<bigint, Ins>>();
  readonly #fresh: Ins[] = [];

  constructor(region: Region) {
    this.#region = region;
    const same = new Replacements(region);
    const entry = region.blocks[0]!;
    const found: Ins[] = [];
    for (const b of region.blocks) {
      if (!b.body.some(isConst)) continue;
      const rest: Ins[] = [];
      for (const ins of b.body) {
        const { bits } = ins.imm;
        if (bits === undefined) {
          rest.push(ins);
          continue;
        }
        const of = this.#of(ins.type);
        const first = of.get(bits);
        if (first) same.set(ins, first);
        else {
          of.set(bits, ins);
          found.push(ins);
        }
        ins.block = entry;
      }
      b.body = rest;
    }
    if (found.length > 0) entry.body = found.concat(entry.body);
    same.apply(region);
  }

  #of(type: IrType): Map<bigint, Ins> {
    let of = this.#known.get(type);
    if (!of) this.#known.set(type, (of = new Map()));
    return of;
  }

  /** The constant of `type` with these raw bits. A new one gets the place of its first use. */
  get(type: IrType, bits: bigint, loc: GuestLoc): Ins {
    const of = this.#of(type);
    let ins = of.get(bits);
    if (!ins) {
      ins = makeIns(this.#region, this.#region.blocks[0]!, `${type}.const`, type, [], { bits }, loc);
      this.#fresh.push(ins);
      of.set(bits, ins);
    }
    return ins;
  }

  /** Puts new constants into the entry block. To be called at the end, when nothing iterates over that block. */
  flush(): void {
    this.#region.blocks[0]!.body.unshift(...this.#fresh.splice(0));
  }
}

/** Makes an instruction and puts it in front of position `at` of its block. */
export function insertAt(
  region: Region,
  block: Block,
  at: number,
  op: string,
  type: IrType,
  args: Ins[],
  imm: InsImm,
  loc: GuestLoc,
): Ins {
  const ins = makeIns(region, block, op, type, args, imm, loc);
  block.body.splice(at, 0, ins);
  return ins;
}

/** A copy of a snapshot that is an exit of its own. */
export function cloneSnapshot(region: Region, snap: Snapshot, change: Partial<Snapshot> = {}): Snapshot {
  const copy: Snapshot = {
    ...snap,
    ...change,
    id: region.exits.length,
    origin: snap.origin ?? snap.id,
    slots: snap.slots.map((s) => ({ ...s })),
    globals: snap.globals.map((g) => ({ ...g })),
    stores: snap.stores.map((s) => ({ ...s })),
  };
  region.exits.push(copy);
  return copy;
}

/** Takes the edge from `from` to `to` away, with the operands of phis that belong to it. */
export function removeEdge(from: Block, to: Block): void {
  const i = to.preds.indexOf(from);
  if (i < 0) return;
  to.preds.splice(i, 1);
  for (const ins of to.body) {
    if (ins.op !== 'phi') break;
    ins.args.splice(i, 1);
  }
}

/** A new block that nothing leads to yet, in front of `before`. */
export function newBlock(region: Region, before: Block, to: Block, icount: number): Block {
  const id = Math.max(...region.blocks.map((b) => b.id)) + 1;
  const block: Block = { id, preds: [], body: [], term: { kind: 'jump', to }, loop: false, icount };
  region.blocks.splice(region.blocks.indexOf(before), 0, block);
  return block;
}

/** Lets the ways out of a block lead elsewhere. Lists of predecessors are the caller's. */
export function mapWays({ term: t }: Block, move: (to: Block) => Block): void {
  if (t.kind === 'jump') t.to = move(t.to);
  if (t.kind === 'branch') {
    // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
    t.then = move(t.then);
    t.else = move(t.else);
  }
  if (t.kind === 'switch') {
    t.cases = t.cases.map(move);
    t.default = move(t.default);
  }
}

/** Lets all edges from `from` to `to` lead to `target`. Lists of predecessors are the caller's. */
export function redirect(from: Block, to: Block, target: Block): void {
  mapWays(from, (b) => (b === to ? target : b));
}

/** Puts a new block on the edge from `from` to `to`, so that something can stand there. */
export function splitEdge(region: Region, from: Block, to: Block): Block {
  const middle = newBlock(region, to, to, 0);
  middle.preds.push(from);
  to.preds[to.preds.indexOf(from)] = middle;
  redirect(from, to, middle);
  return middle;
}

/** Drops blocks that nothing reaches any more and corrects the `loop` marks. */
export function removeUnreachable(region: Region): void {
  const reached = new Set<Block>([region.blocks[0]!]);
  for (const b of reached) for (const s of successors(b)) reached.add(s);
  if (reached.size === region.blocks.length) return;
  for (const b of region.blocks) {
    if (reached.has(b)) continue;
    for (const s of new Set(successors(b))) if (reached.has(s)) removeEdge(b, s);
  }
  region.blocks = region.blocks.filter((b) => reached.has(b));
}
