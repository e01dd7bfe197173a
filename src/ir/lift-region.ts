/**
 * Makes the IR of a region graph. Each block renames frame slots for itself; what it does not know it asks its
 * predecessors for, and a phi stands where they may differ (after Braun et al., "Simple and Efficient Construction of
 * Static Single Assignment Form", CC 2013). Phis that turn out to be one value are left to the pass that removes them.
 *
 * A snapshot has the slots that may have been written on some way from the entry. That is known when all blocks are
 * done, so snapshots are completed then.
 */
import type { ArmKind } from '../machine/arm.ts';
import { INDIRECT, slotBytes, windowBytes } from '../machine/arms/call.ts';
import { HEADER } from '../machine/layout.ts';
import type { FrameContext, GraphBlock, RegionGraph } from '../region/graph.ts';
import type { ValType } from '../wasm/row.ts';
import { type BlockMap, dominatorsOf } from './dom.ts';
import type { Block, Ins, IrType, Region, Snapshot } from './ir.ts';
import { makeIns } from './ir.ts';
import { LiftAbort, type LiftEnv, Lifter, newBlock, overlaps, valueBytes } from './lift.ts';
import { type Left, MaybeWritten } from './maybe-written.ts';

/** What a block knows of a slot: its value, or null where a wider write has ended it. */
interface Slot extends Left {
  readonly value: Ins | null;
}

/** Nothing whole is in the slot. */
const ENDED: Slot = { value: null, type: null, written: false };

interface State {
  readonly ir: Block;
  readonly slots: Map<number, Slot>;
  /** Values of slots at the start of the block, by offset. */
  readonly incoming: Map<number, Ins>;
  /** What the block came to know of slots, in order, and the snapshots that it took on the way. */
  readonly log: { readonly off: number; readonly slot: Slot }[];
  readonly open: OpenSnapshot[];
  lifted: boolean;
  /** Slots that may change between the block's dominator and it. */
  touched: ReadonlySet<number> | null;
}

interface OpenSnapshot {
  readonly snap: Snapshot;
  /** Length of the log then. */
  readonly at: number;
  readonly top: number;
  /** Offsets of dead slots. */
  readonly dead: readonly number[];
}

export class RegionLifter extends Lifter {
  /** Addresses of the steps, block by block; the one of `via` comes before a block's own. */
  readonly pcs: number[] = [];
  /** By block id: number of its first step. */
  readonly first = new Map<number, number>();
  /** Exits that are taken behind their step, not before it. */
  readonly exitsBehind = new Set<number>();
  private readonly graph: RegionGraph;
  private readonly start: State;
  private readonly states = new Map<GraphBlock, State>();
  private readonly byIr = new Map<Block, State>();
  /** Of blocks that the graph does not have: where the callees of an indirect call are told apart. */
  private readonly between: State[] = [];
  private readonly unfilled: { phi: Ins; off: number }[] = [];
  /** Offsets of slots that are written anywhere. */
  private readonly written = new Set<number>();
  private readonly dominators: BlockMap<Block>;
  private current: State;
  private here: GraphBlock;
  /** At the block's last step; a path may execute the same instruction several times. */
  private atEnd = false;

  constructor(env: LiftEnv, graph: RegionGraph, id: number, name: string, bypass: number) {
    super(env, id, name, graph.root.pc, bypass);
    this.graph = graph;
    // Guards at the entry leave before any block is counted.
    this.exitSteps[0] = -1;
    this.start = this.state(this.entry);
    this.current = this.start;
    this.here = graph.root;
    for (const g of graph.blocks) {
      const ir = newBlock(this.region.blocks.length);
      this.region.blocks.push(ir);
      ir.loop = g.header;
      this.states.set(g, this.state(ir));
    }
    for (const g of graph.blocks) this.irOf(g).preds = g.preds.map((p) => this.irOf(p));
    this.irOf(graph.root).preds.unshift(this.entry);
    this.entry.term = { kind: 'jump', to: this.irOf(graph.root) };
    this.start.lifted = true;
    this.dominators = dominatorsOf([this.entry, ...graph.blocks.map((g) => this.irOf(g))]);
    this.region.counters = graph.counters;
    this.movesHeader = graph.blocks.some((g) => g.steps.some((pc) => this.kindAt(pc).startsWith('tail')));
  }

  private state(ir: Block): State {
    const state: State = { ir, slots: new Map(), incoming: new Map(), log: [], open: [], lifted: false, touched: null };
    this.byIr.set(ir, state);
    return state;
  }

  private kindAt(pc: number): ArmKind {
    return this.env.arms.at(this.env.words[pc >> 2] as number).kind;
  }

  private irOf(g: GraphBlock): Block {
    return (this.states.get(g) as State).ir;
  }

  /** Builds the region. Throws LiftAbort where an instruction cannot be in a fragment. */
  run(): Region {
    for (const g of this.graph.blocks) {
      this.liftBlock(g);
      this.current.lifted = true;
    }
    this.completeSnapshots();
    this.fillPhis();
    this.prologue();
    return this.region;
  }

  private enterContext(context: FrameContext): void {
    this.delta = context.delta;
    this.inlined = [...context.inlined];
  }

  private at(pc: number): void {
    this.pc = pc;
    const at = this.env.map.at(pc);
    if (!at) throw new LiftAbort('no-code', pc);
    this.loc = { func: at.code.func, offset: at.offset };
  }

  private liftBlock(g: GraphBlock): void {
    this.here = g;
    this.current = this.states.get(g) as State;
    this.block = this.current.ir;
    this.enterContext(g.context);
    this.at(g.pc);
    if (g.header) {
      const check = this.ins('strip.check', 'void', []);
      check.snap = this.snapshot('loop');
      // It leaves before the block is counted.
      this.exitSteps[check.snap.id] = -1;
    }
    if (g.count.kind === 'counter') this.ins('profile.count', 'void', [], { index: g.count.index });
    this.first.set(g.id, this.steps);
    if (g.via !== 0) this.viaStep(g);
    g.steps.forEach((pc, i) => {
      this.at(pc);
      this.atEnd = i === g.steps.length - 1;
      // A block that leaves the region knows, too, where its last step leads.
      this.next = g.steps[i + 1] ?? (g.succs.length === 1 ? (g.succs[0] as GraphBlock).pc : g.end);
      const { lift } = this.env.arms.at(this.word(0));
      if (!lift) throw new LiftAbort('interpreter-only', pc);
      this.pcs.push(pc);
      const before = this.icount;
      lift(this);
      this.stepIcounts.push(this.icount - before);
      this.steps++;
    });
    if (g.succs.length === 0 && !g.returns) {
      this.at(g.end);
      const snap = this.behind(this.snapshot('end'));
      // Behind the block's last step; the next number is another block's. Without steps there is nothing to count.
      this.exitSteps[snap.id] = this.steps > (this.first.get(g.id) as number) ? this.steps - 1 : -1;
      this.block.term = { kind: 'exit', snap };
    }
    if (g.succs.length === 1) this.block.term = { kind: 'jump', to: this.irOf(g.succs[0] as GraphBlock) };
  }

  /** What the branch counts that leads here, or the indirect call, which enters its callee here. */
  private viaStep(g: GraphBlock): void {
    const words = this.env.words;
    const word = (i: number) => words[(g.via >> 2) + i] as number;
    const arm = this.env.arms.at(word(0));
    let n = 0;
    if (arm.kind === 'indirect') {
      const callee = this.env.map.entryOf(g.pc)?.func;
      if (callee === undefined || !g.context.parent) throw new LiftAbort('foreign-callee', g.via);
      this.enterContext(g.context.parent);
      this.at(g.via);
      this.next = g.pc;
      n = word(INDIRECT.n);
      this.count(n);
      this.call(callee, word(INDIRECT.args), word(INDIRECT.header), g.via + 4 * arm.words);
      this.enterContext(g.context);
      this.at(g.pc);
    } else if (arm.kind === 'branch') {
      const t = arm.target as number;
      if (word(t) === g.pc) n = word(t + 1);
    } else {
      for (let i = 0; i <= word(2); i++) if (word(3 + 4 * i) === g.pc) n = word(4 + 4 * i);
    }
    this.pcs.push(g.via);
    this.stepIcounts.push(n);
    this.steps++;
  }

  // --- control -------------------------------------------------------------------------------------------------------

  branch(cond: Ins, when: boolean, target: number, behind: number, n: number): void {
    const { succs } = this.here;
    if (succs.length < 2 || !this.atEnd) {
      const taken = this.next === target;
      if (target !== behind) this.guard(taken === when ? 'guard.true' : 'guard.false', cond, 'branch');
      if (taken) this.count(n);
      return;
    }
    const to = (pc: number) => this.irOf(succs.find((s) => s.pc === pc) as GraphBlock);
    const [yes, no] = when ? [target, behind] : [behind, target];
    // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
    this.block.term = { kind: 'branch', cond, then: to(yes), else: to(no) };
  }

  switch(index: Ins, targets: readonly number[], counts: (i: number) => number): void {
    const { succs } = this.here;
    if (succs.length < 2 || !this.atEnd) {
      this.switchGuard(index, targets, this.next);
      this.count(counts(targets.indexOf(this.next)));
      return;
    }
    let elsewhere: Block | null = null;
    const leave = (): Block => {
      if (!elsewhere) {
        elsewhere = newBlock(this.region.blocks.length);
        this.region.blocks.push(elsewhere);
        elsewhere.preds.push(this.block);
        this.byIr.set(elsewhere, this.current);
        elsewhere.term = { kind: 'exit', snap: this.snapshot('switch') };
      }
      return elsewhere;
    };
    const all = targets.map((pc) => {
      const s = succs.find((b) => b.pc === pc);
      return s ? this.irOf(s) : leave();
    });
    this.block.term = { kind: 'switch', index, cases: all.slice(0, -1), default: all.at(-1) as Block };
  }

  /** With several ways, one after the other is compared with, and the last is guarded. The callees' blocks make the call. */
  override indirectCall(id: Ins, n: number, args: number, header: number, ret: number): void {
    const { succs } = this.here;
    if (succs.length < 2 || !this.atEnd) {
      super.indirectCall(id, n, args, header, ret);
      return;
    }
    for (const [i, way] of succs.entries()) {
      const to = this.irOf(way);
      this.next = way.pc;
      to.preds = [this.block];
      if (i === succs.length - 1) {
        this.calleeGuard(id);
        this.block.term = { kind: 'jump', to };
        return;
      }
      const callee = this.env.map.entryOf(way.pc);
      if (!callee) throw new LiftAbort('foreign-callee', this.pc);
      const cond = this.isCallee(id, callee.func);
      const other = newBlock(this.region.blocks.length);
      this.region.blocks.push(other);
      other.preds.push(this.block);
      // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
      this.block.term = { kind: 'branch', cond, then: to, else: other };
      this.current.lifted = true;
      this.current = this.state(other);
      this.between.push(this.current);
      this.block = other;
    }
  }

  return(header: number, effects: () => void): void {
    const frame = this.inlined.pop();
    effects();
    if (frame) this.delta -= frame.args;
    // The return is complete: the exit is counted behind it.
    else this.block.term = { kind: 'exit', snap: this.behind(this.leaveFrame(header)) };
  }

  /** A call that the graph goes on behind is made for real. */
  override call(func: number, args: number, header: number, ret: number): void {
    if (this.next !== ret) {
      super.call(func, args, header, ret);
      return;
    }
    const frame = this.delta + args;
    this.ins('guard.depth', 'void', [], { off: frame }).snap = this.snapshot('depth');
    super.call(func, args, header, ret);
    const { params, results } = this.env.signature(func);
    const top = windowBytes({ params, results }) + HEADER.bytes;
    const type: IrType = results.length === 1 ? (results[0] as ValType) : 'void';
    const call = this.ins('frag.call', type, [], { func, types: results, off: frame - args });
    call.snap = this.behind(this.snapshot('call', { pc: ret, top }));
    this.inlined.pop();
    this.delta -= args;
    for (const off of [...this.current.slots.keys()]) if (off >= frame) this.note(off, ENDED);
    let off = frame;
    results.forEach((t, i) => {
      this.write(off, results.length === 1 ? call : this.ins('proj', t, [call], { index: i }));
      off += slotBytes(t);
    });
  }

  protected behind(snap: Snapshot): Snapshot {
    this.exitsBehind.add(snap.id);
    return snap;
  }

  // --- slots ---------------------------------------------------------------------------------------------------------

  protected slot(off: number, type: ValType): Ins {
    const known = this.current.slots.get(off);
    if (known?.value?.type === type) return known.value;
    const value = this.incoming(this.current, off, type);
    this.note(off, { value, type, written: false });
    return value;
  }

  protected write(off: number, value: Ins): void {
    const { slots } = this.current;
    const bytes = valueBytes(value.type);
    for (let at = off + 4; at < off + bytes; at += 4) this.note(at, ENDED);
    for (let at = off - 12; at < off; at += 4) {
      const before = slots.get(at)?.value;
      if (before && at + valueBytes(before.type) > off) this.note(at, ENDED);
    }
    this.note(off, { value, type: value.type as ValType, written: true });
    this.written.add(off);
  }

  private note(off: number, slot: Slot): void {
    this.current.slots.set(off, slot);
    this.current.log.push({ off, slot });
  }

  /**
   * Value of a slot at the start of the block: that at the end of the block that dominates it at once, if nothing between
   * the two touches the slot, else a phi.
   */
  private incoming(state: State, off: number, type: ValType): Ins {
    const passed: State[] = [];
    let at = state;
    let value: Ins | undefined;
    while (!value) {
      const known = at.incoming.get(off);
      if (known?.type === type) {
        value = known;
        break;
      }
      passed.push(at);
      if (at === this.start) value = this.entryLoad(off, type);
      else if (at.ir.preds.length > 1 && this.touched(at)?.has(off) !== false) value = this.openPhi(at, off, type);
      else {
        at = this.byIr.get(this.dominatorOf(at)) as State;
        const { value: left } = at.slots.get(off) ?? ENDED;
        if (left?.type === type) value = left;
      }
    }
    for (const s of passed) s.incoming.set(off, value);
    return value;
  }

  private dominatorOf({ ir }: State): Block {
    return ir.preds.length === 1 ? (ir.preds[0] as Block) : (this.dominators.get(ir) as Block);
  }

  /** A phi whose operands are found when all blocks are done. */
  private openPhi(state: State, off: number, type: ValType): Ins {
    const phi = makeIns(this.region, state.ir, 'phi', type, [], {}, this.region.entry.loc);
    this.unfilled.push({ phi, off });
    return phi;
  }

  /** Slots that blocks on the ways from the block's dominator to it touch; null while not all of these are lifted. */
  private touched(state: State): ReadonlySet<number> | null {
    if (state.touched) return state.touched;
    const end = this.dominatorOf(state);
    const seen = new Set<Block>([end]);
    const work = [...state.ir.preds];
    const touched = new Set<number>();
    for (let b = work.pop(); b; b = work.pop()) {
      if (seen.has(b)) continue;
      seen.add(b);
      const from = this.byIr.get(b) as State;
      if (!from.lifted) return null;
      for (const [off, { value, written }] of from.slots) if (written || !value) touched.add(off);
      work.push(...b.preds);
    }
    state.touched = touched;
    return touched;
  }

  private outgoing(state: State, off: number, type: ValType): Ins {
    const known = state.slots.get(off)?.value;
    return known?.type === type ? known : this.incoming(state, off, type);
  }

  private fillPhis(): void {
    const made = new Map<Block, Ins[]>();
    for (let open = this.unfilled.pop(); open; open = this.unfilled.pop()) {
      const { phi, off } = open;
      const { preds } = phi.block;
      const of = made.get(phi.block);
      if (of) of.push(phi);
      else made.set(phi.block, [phi]);
      const type = phi.type as ValType;
      const state = this.byIr.get(phi.block) as State;
      const before = this.byIr.get(this.dominatorOf(state)) as State;
      if (this.touched(state)?.has(off) === false) phi.args = preds.map(() => this.outgoing(before, off, type));
      else phi.args = preds.map((p) => this.outgoing(this.byIr.get(p) as State, off, type));
    }
    for (const [block, phis] of made) block.body.unshift(...phis);
  }

  // --- snapshots -----------------------------------------------------------------------------------------------------

  protected openSnapshot(snap: Snapshot, top: number, dead: readonly number[]): void {
    const { log, open } = this.current;
    open.push({ snap, at: log.length, top, dead });
  }

  /** Fills in all snapshots: each block's log is gone through once more, now that it is known what comes before. */
  private completeSnapshots(): void {
    const states = [this.start, ...this.graph.blocks.map((g) => this.states.get(g) as State), ...this.between];
    const before = new MaybeWritten(
      states.map((s) => s.ir),
      (b) => (this.byIr.get(b) as State).slots,
      this.written,
    );
    for (const state of states) {
      if (state.open.length === 0) continue;
      const slots = new Map<number, Slot>();
      const pieces = new Map<number, number>();
      let at = 0;
      for (const o of state.open) {
        for (; at < o.at; at++) {
          const { off, slot } = state.log[at] as State['log'][number];
          slots.set(off, slot);
          pieces.set(off, slot.type === null ? 4 : valueBytes(slot.type));
        }
        this.complete(state, o, before, slots, pieces);
      }
    }
  }

  /** `slots`: what the block knew of slots then; `pieces`: the bytes of each. */
  private complete(
    state: State,
    { snap, top, dead }: OpenSnapshot,
    before: MaybeWritten,
    slots: ReadonlyMap<number, Slot>,
    pieces: ReadonlyMap<number, number>,
  ): void {
    const { offsets } = before;
    const dropped = new Set(dead);
    for (let i = 0; i < offsets.length; i++) {
      const off = offsets[i] as number;
      if (off >= top) break;
      if (dropped.has(off)) continue;
      const known = slots.get(off);
      const type = before.type(state.ir, i);
      if (known) {
        if (known.value && (known.written || type === known.type)) snap.slots.push({ off, value: known.value });
      } else if (type !== undefined && !overlaps(pieces, off, valueBytes(type))) {
        snap.slots.push({ off, value: this.incoming(state, off, type) });
      }
    }
  }
}
