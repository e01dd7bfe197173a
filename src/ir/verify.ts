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
import { bitsOf, findOp, isCall, isNamed, namesMemory, opInfo } from './ops.ts';

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
  'func.id': ['funcref'],
};

class Verifier {
  readonly region: Region;
  readonly dom: DomTree;
  /** Position of each instruction in its block. */
  readonly at = new Map<Ins, number>();
  readonly snaps = new Set<Snapshot>();
  where = '';

  constructor(region: Region) {
    this.region = region;
    this.dom = domTree(region);
  }

  fail(what: string): never {
    throw new VerifyError(`region T${this.region.id}, ${this.where}: ${what}`);
  }

  check(ok: boolean, what: string): void {
    if (!ok) this.fail(what);
  }

  /** Values and edges: everything is in exactly one place. */
  layout(): void {
    const ids = new Set<number>();
    const blocks = new Set(this.region.blocks);
    const edges = new Map<Block, Block[]>(this.region.blocks.map((b) => [b, []]));
    for (const b of this.region.blocks) {
      this.where = `b${b.id}`;
      this.check(b.term !== null && b.term !== undefined, 'no terminator');
      for (const s of new Set(successors(b))) {
        this.check(blocks.has(s), `jumps to b${s.id}, which is not in the region`);
        edges.get(s)!.push(b);
      }
      for (const [i, ins] of b.body.entries()) {
        this.where = `b${b.id} v${ins.id} ${ins.op}`;
        this.check(!ids.has(ins.id), 'number used twice');
        this.check(ins.id < this.region.nextId, 'number not below nextId');
        this.check(ins.block === b, `believes to be in b${ins.block.id}`);
        ids.add(ins.id);
        this.at.set(ins, i);
      }
    }
    for (const [b, from] of edges) {
      this.where = `b${b.id}`;
      this.check(this.dom.index.has(b), 'cannot be reached');
      const same = from.length === b.preds.length && from.every((p) => b.preds.includes(p));
      this.check(same, `predecessors are ${from.map((p) => `b${p.id}`).join(' ') || 'none'}`);
      const back = b.preds.some((p) => this.dom.dominates(b, p));
      this.check(b.loop === back, back ? 'is a loop header but not marked' : 'is marked as a loop header but is none');
    }
    this.where = 'b0';
    this.check(this.region.blocks[0]!.preds.length === 0, 'the entry has predecessors');
  }

  /** `value` must be defined where control is at position `pos` of `block`. */
  use(value: Ins, block: Block, pos: number): void {
    const at = this.at.get(value);
    if (at === undefined) this.fail(`uses v${value.id} ${value.op}, which is in no block`);
    const ok = value.block === block ? at < pos : this.dom.dominates(value.block, block);
    this.check(ok, `v${value.id} is not defined on every path to here`);
    this.check(isNamed(value), `v${value.id} ${value.op} has no value`);
  }

  snapshot(snap: Snapshot, block: Block, pos: number): void {
    this.check(!this.snaps.has(snap), 'its snapshot is that of another instruction too');
    this.snaps.add(snap);
    this.check(this.region.exits[snap.id] === snap, `its snapshot is not number ${snap.id} of the region's exits`);
    snapshotUses(snap, (v) => this.use(v, block, pos));
    let end = Number.NEGATIVE_INFINITY;
    for (const s of snap.slots) {
      this.check(s.off >= end, `frame byte ${s.off} is written twice or out of order`);
      const bytes = bitsOf(s.value.type) / 8;
      end = s.off + (bytes === 0 ? 4 : bytes);
    }
    const globals = snap.globals.map((g) => g.index);
    this.check(new Set(globals).size === globals.length, 'a global is written twice');
    for (const g of snap.globals) {
      const type = this.region.facts.globals[g.index]?.type;
      this.check(type === g.value.type, `global ${g.index} of type ${type} gets a ${g.value.type}`);
    }
    for (const s of snap.stores) {
      this.check(findOp(s.op)?.effect === 'store', `${s.op} is not a store`);
      this.types(s.op, [s.addr, s.value], s.mem);
    }
  }

  /** Operand types against the row. Addresses and sizes follow the memory. */
  types(op: string, args: readonly Ins[], mem: number | undefined): void {
    const info = opInfo(op);
    const params = info.row ? info.row.sig?.params : PSEUDO_PARAMS[op as keyof typeof PSEUDO_PARAMS];
    if (!params) return;
    this.check(args.length === params.length, `${params.length} operands expected, not ${args.length}`);
    const access = ['load', 'store', 'atomic', 'grow'].includes(info.effect);
    for (const [i, p] of params.entries()) {
      const want = i === 0 && access && this.region.facts.mem64[mem ?? 0] ? 'i64' : p;
      this.check(args[i]!.type === want, `operand ${i} (v${args[i]!.id}) must be ${want}, is ${args[i]!.type}`);
    }
  }

  ins(ins: Ins, block: Block, pos: number): void {
    const info = findOp(ins.op);
    if (!info) this.fail('unknown operation');
    const sizes = (info.effect === 'size' || info.effect === 'grow') && info.row?.imms[0] === 'memory';
    const memory64 = sizes && this.region.facts.mem64[ins.imm.mem ?? ins.imm.index ?? 0];
    if (info.result !== null && !memory64) this.check(info.result === ins.type, `must be of type ${info.result}`);
    this.types(ins.op, ins.args, ins.imm.mem);
    if (ins.op !== 'phi') for (const a of ins.args) this.use(a, block, pos);
    if (ins.op === 'phi') this.phi(ins, block, pos);
    if (ins.op === 'guard.bounds') {
      this.check(ins.args.length === 1 && (ins.imm.k ?? 0) > 0, 'one address and k > 0 expected');
      const want = this.region.facts.mem64[ins.imm.mem ?? 0] ? 'i64' : 'i32';
      this.check(ins.args[0]!.type === want, `the address must be ${want}`);
    }
    if (info.effect === 'guard' || isCall(ins)) this.check(ins.snap !== undefined, 'no snapshot');
    else this.check(ins.snap === undefined, 'has a snapshot but cannot leave');
    if (ins.snap) this.snapshot(ins.snap, block, pos);
    if (ins.op === 'slot.load') {
      this.check(block === this.region.blocks[0], 'only in the entry block');
      this.check(ins.imm.off !== undefined, 'no slot');
    }
    if (ins.op === 'strip.check') {
      this.check(block.loop, 'only in loop headers');
      const first = block.body.findIndex((i) => i.op !== 'phi');
      this.check(pos === first, 'must come first in its loop header');
    }
    if (ins.op === 'strip.limit' || ins.op === 'strip.left' || ins.op === 'strip.skip') {
      const header = this.region.blocks.find((b) => b.id === ins.imm.loop);
      this.check(header?.loop === true && header.body.some((i) => i.op === 'strip.check'), 'no such loop with strips');
    }
    if (namesMemory(ins.op)) this.check(ins.imm.mem !== undefined, 'no memory index');
    if (ins.imm.bits !== undefined) this.check(info.isConst, 'has bits but is no constant');
    if (info.isConst) {
      const bits = ins.imm.bits ?? -1n;
      this.check(bits >= 0n && bits < 1n << BigInt(bitsOf(ins.type)), 'constant bits out of range');
    }
  }

  phi(ins: Ins, block: Block, pos: number): void {
    this.check(ins.args.length === block.preds.length, `${block.preds.length} operands expected`);
    this.check(pos === 0 || block.body[pos - 1]!.op === 'phi', 'phis come first');
    for (const [i, a] of ins.args.entries()) {
      this.check(a.type === ins.type, `operand ${i} is ${a.type}`);
      this.use(a, block.preds[i]!, Number.POSITIVE_INFINITY);
    }
  }

  run(): void {
    this.layout();
    for (const b of this.region.blocks) {
      for (const [i, ins] of b.body.entries()) {
        this.where = `b${b.id} v${ins.id} ${ins.op}`;
        this.ins(ins, b, i);
      }
      this.where = `b${b.id} ${b.term.kind}`;
      const t = b.term;
      const on = t.kind === 'branch' ? t.cond : t.kind === 'switch' ? t.index : null;
      if (on) {
        this.use(on, b, b.body.length);
        this.check(on.type === 'i32', 'the condition must be i32');
      }
      if (t.kind === 'exit') this.snapshot(t.snap, b, b.body.length);
    }
  }
}

/** Throws a {@link VerifyError} that names the first place where `region` breaks a rule. */
export function verify(region: Region): void {
  new Verifier(region).run();
}
