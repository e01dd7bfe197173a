/**
 * Checks what every pass may rely on and must keep: SSA dominance, edges and phis, operand types, snapshots, and where
 * certain instructions may stand. Runs between passes in tests and with `--check`; costs one walk over the region.
 */
import { type DomTree, domTree } from './dom.ts';
import {
  type Block,
  type Ins,
  type IrType,
  type PSEUDO_OPS,
  type Region,
  type Snapshot,
  snapshotUses,
  successors,
} from './ir.ts';
import { bitsOf, findOp, type IrEffect, isCall, isNamed, namesMemory, opInfo } from './ops.ts';

/** A region that breaks a rule of the IR; the message says where. */
export class VerifyError extends Error {
  override name = 'VerifyError';
}

/** Operand types of pseudo-ops that have fixed ones. */
const PSEUDO_PARAMS: Partial<Record<keyof typeof PSEUDO_OPS, readonly IrType[]>> = {
  'slot.load': [],
  'frame.addr': [],
  'stack.limit': [],
  'guard.true': ['i32'],
  'guard.false': ['i32'],
  'strip.check': [],
  'strip.limit': ['i64'],
  'strip.left': [],
  'strip.skip': ['i32'],
  'profile.count': [],
  'profile.add': ['i64'],
  'guard.depth': [],
  'mem.bytes': [],
  'mirror.get': ['i32'],
  'segment.length': [],
  'segment.init': ['i32', 'i32', 'i32'],
  'segment.drop': [],
  'table.changed': [],
  'func.id': ['funcref'],
};

/** Whose first operand is an address or a size. */
const ACCESSES: ReadonlySet<IrEffect> = new Set(['load', 'store', 'atomic', 'grow']);

/** Nearly all checks succeed, so texts are made where one fails and nowhere else. */
class Verifier {
  readonly region: Region;
  readonly dom: DomTree;
  /** By number: each instruction, and its position in its block. */
  readonly defined: Ins[] = [];
  readonly at: Int32Array;
  readonly snaps = new Set<Snapshot>();
  /** What is looked at: an instruction of a block, or its terminator, or the block. */
  block: Block;
  part: Ins | Block['term'] | null = null;

  constructor(region: Region) {
    this.region = region;
    this.dom = domTree(region);
    this.at = new Int32Array(region.nextId);
    this.block = region.blocks[0]!;
  }

  get where(): string {
    const { part } = this;
    const what = part === null ? '' : 'kind' in part ? ` ${part.kind}` : ` v${part.id} ${part.op}`;
    return `b${this.block.id}${what}`;
  }

  fail(what: string): never {
    throw new VerifyError(`region T${this.region.id}, ${this.where}: ${what}`);
  }

  look(block: Block, part: Ins | Block['term'] | null = null): void {
    this.block = block;
    this.part = part;
  }

  /** Values and edges: everything is in exactly one place. */
  layout(): void {
    const { region, dom, defined } = this;
    const edges = new Map<Block, Block[]>(region.blocks.map((b) => [b, []]));
    for (const b of region.blocks) {
      this.look(b);
      if (b.term === null || b.term === undefined) this.fail('no terminator');
      for (const s of new Set(successors(b))) {
        const into = edges.get(s);
        if (!into) this.fail(`jumps to b${s.id}, which is not in the region`);
        into.push(b);
      }
      for (let i = 0; i < b.body.length; i++) {
        const ins = b.body[i]!;
        this.look(b, ins);
        if (defined[ins.id]) this.fail('number used twice');
        if (ins.id >= region.nextId) this.fail('number not below nextId');
        if (ins.block !== b) this.fail(`believes to be in b${ins.block.id}`);
        defined[ins.id] = ins;
        this.at[ins.id] = i;
      }
    }
    for (const [b, from] of edges) {
      this.look(b);
      if (!dom.index.has(b)) this.fail('cannot be reached');
      const same = from.length === b.preds.length && from.every((p) => b.preds.includes(p));
      if (!same) this.fail(`predecessors are ${from.map((p) => `b${p.id}`).join(' ') || 'none'}`);
      const back = b.preds.some((p) => dom.dominates(b, p));
      if (b.loop !== back)
        this.fail(back ? 'is a loop header but not marked' : 'is marked as a loop header but is none');
    }
    this.look(region.blocks[0]!);
    if (this.block.preds.length > 0) this.fail('the entry has predecessors');
  }

  /** `value` must be defined where control is at position `pos` of `block`. */
  use(value: Ins, block: Block, pos: number): void {
    if (this.defined[value.id] !== value) this.fail(`uses v${value.id} ${value.op}, which is in no block`);
    const ok = value.block === block ? this.at[value.id]! < pos : this.dom.dominates(value.block, block);
    if (!ok) this.fail(`v${value.id} is not defined on every path to here`);
    if (!isNamed(value)) this.fail(`v${value.id} ${value.op} has no value`);
  }

  snapshot(snap: Snapshot, block: Block, pos: number): void {
    if (this.snaps.has(snap)) this.fail('its snapshot is that of another instruction too');
    this.snaps.add(snap);
    if (this.region.exits[snap.id] !== snap) this.fail(`its snapshot is not number ${snap.id} of the region's exits`);
    snapshotUses(snap, (v) => this.use(v, block, pos));
    let end = Number.NEGATIVE_INFINITY;
    for (const s of snap.slots) {
      if (!(s.off >= end)) this.fail(`frame byte ${s.off} is written twice or out of order`);
      const bytes = bitsOf(s.value.type) / 8;
      end = s.off + (bytes === 0 ? 4 : bytes);
    }
    const globals = new Set(snap.globals.map((g) => g.index));
    if (globals.size !== snap.globals.length) this.fail('a global is written twice');
    for (const g of snap.globals) {
      const type = this.region.facts.globals[g.index]?.type;
      if (type !== g.value.type) this.fail(`global ${g.index} of type ${type} gets a ${g.value.type}`);
    }
    for (const s of snap.stores) {
      if (findOp(s.op)?.effect !== 'store') this.fail(`${s.op} is not a store`);
      this.types(s.op, [s.addr, s.value], s.mem);
    }
  }

  /** Operand types against the row. Addresses and sizes follow the memory. */
  types(op: string, args: readonly Ins[], mem: number | undefined): void {
    const info = opInfo(op);
    const params = info.row ? info.row.sig?.params : PSEUDO_PARAMS[op as keyof typeof PSEUDO_PARAMS];
    if (!params) return;
    if (args.length !== params.length) this.fail(`${params.length} operands expected, not ${args.length}`);
    const access = ACCESSES.has(info.effect);
    for (let i = 0; i < params.length; i++) {
      const p = params[i]!;
      const want = i === 0 && access && this.region.facts.mem64[mem ?? 0] ? 'i64' : p;
      if (args[i]!.type !== want) this.fail(`operand ${i} (v${args[i]!.id}) must be ${want}, is ${args[i]!.type}`);
    }
  }

  ins(ins: Ins, block: Block, pos: number): void {
    const info = findOp(ins.op);
    if (!info) this.fail('unknown operation');
    const sizes = (info.effect === 'size' || info.effect === 'grow') && info.row?.imms[0] === 'memory';
    const memory64 = sizes && this.region.facts.mem64[ins.imm.mem ?? ins.imm.index ?? 0];
    if (info.result !== null && !memory64 && info.result !== ins.type) this.fail(`must be of type ${info.result}`);
    this.types(ins.op, ins.args, ins.imm.mem);
    if (ins.op !== 'phi') for (const a of ins.args) this.use(a, block, pos);
    if (ins.op === 'phi') this.phi(ins, block, pos);
    if (ins.op === 'guard.bounds') {
      if (ins.args.length !== 1 || !((ins.imm.k ?? 0) > 0)) this.fail('one address and k > 0 expected');
      const want = this.region.facts.mem64[ins.imm.mem ?? 0] ? 'i64' : 'i32';
      if (ins.args[0]!.type !== want) this.fail(`the address must be ${want}`);
    }
    const leaves = info.effect === 'guard' || isCall(ins);
    if (leaves !== (ins.snap !== undefined)) this.fail(leaves ? 'no snapshot' : 'has a snapshot but cannot leave');
    if (ins.snap) this.snapshot(ins.snap, block, pos);
    if (ins.op === 'slot.load') {
      if (block !== this.region.blocks[0]) this.fail('only in the entry block');
      if (ins.imm.off === undefined) this.fail('no slot');
    }
    if (ins.op === 'strip.check') {
      if (!block.loop) this.fail('only in loop headers');
      const first = block.body.findIndex((i) => i.op !== 'phi');
      if (pos !== first) this.fail('must come first in its loop header');
    }
    if (ins.op === 'strip.limit' || ins.op === 'strip.left' || ins.op === 'strip.skip') {
      const header = this.region.blocks.find((b) => b.id === ins.imm.loop);
      const strips = header?.loop === true && header.body.some((i) => i.op === 'strip.check');
      if (!strips) this.fail('no such loop with strips');
    }
    if (namesMemory(ins.op) && ins.imm.mem === undefined) this.fail('no memory index');
    if (ins.imm.bits !== undefined && !info.isConst) this.fail('has bits but is no constant');
    if (info.isConst) {
      const bits = ins.imm.bits ?? -1n;
      if (bits < 0n || bits >= 1n << BigInt(bitsOf(ins.type))) this.fail('constant bits out of range');
    }
  }

  phi(ins: Ins, block: Block, pos: number): void {
    if (ins.args.length !== block.preds.length) this.fail(`${block.preds.length} operands expected`);
    if (pos > 0 && block.body[pos - 1]!.op !== 'phi') this.fail('phis come first');
    for (let i = 0; i < ins.args.length; i++) {
      const a = ins.args[i]!;
      if (a.type !== ins.type) this.fail(`operand ${i} is ${a.type}`);
      this.use(a, block.preds[i]!, Number.POSITIVE_INFINITY);
    }
  }

  run(): void {
    this.layout();
    for (const b of this.region.blocks) {
      for (let i = 0; i < b.body.length; i++) {
        const ins = b.body[i]!;
        this.look(b, ins);
        this.ins(ins, b, i);
      }
      const t = b.term;
      this.look(b, t);
      const on = t.kind === 'branch' ? t.cond : t.kind === 'switch' ? t.index : null;
      if (on) {
        this.use(on, b, b.body.length);
        if (on.type !== 'i32') this.fail('the condition must be i32');
      }
      if (t.kind === 'exit') this.snapshot(t.snap, b, b.body.length);
    }
  }
}

/** Throws a {@link VerifyError} that names the first place where `region` breaks a rule. */
export function verify(region: Region): void {
  new Verifier(region).run();
}
