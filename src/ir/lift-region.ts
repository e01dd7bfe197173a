/**
 * Makes the IR of a region graph. Each block renames frame slots for itself; what it does not know it asks its
 * predecessors for, and a phi stands where they may differ (after Braun et al., "Simple and Efficient Construction of
 * Static Single Assignment Form", CC 2013). Phis that turn out to be one value are left to the pass that removes them.
 *
 * A snapshot has the slots that may have been written on some way from the entry. That is known when all blocks are
 * done, so snapshots are completed then.
 */
import type { ArmKind } from '../machine/arm.ts';
import { slotBytes, windowBytes } from '../machine/arms/call.ts';
import { HEADER } from '../machine/layout.ts';
import type { FrameContext, GraphBlock, RegionGraph } from '../region/graph.ts';
import type { ValType } from '../wasm/row.ts';
import type { Block, Ins, IrType, Region, Snapshot } from './ir.ts';
import { makeIns } from './ir.ts';
import { LiftAbort, type LiftEnv, Lifter, newBlock, overlaps, valueBytes } from './lift.ts';

/** What a block knows of a slot: its value, or null where a wider write has ended it. */
interface Slot {
  readonly value: Ins | null;
  readonly written: boolean;
}

interface State {
  readonly graph: GraphBlock | null;
  readonly ir: Block;
  readonly slots: Map<number, Slot>;
  /** Values of slots at the start of the block, by offset. */
  readonly incoming: Map<number, Ins>;
  /** Slots that may be written on some way to the block; null where ways disagree about the type: nobody reads those. */
  maybe: Map<number, ValType | null>;
}

interface OpenSnapshot {
  readonly snap: Snapshot;
  readonly state: State;
  readonly top: number;
  /** Offsets of dead slots. */
  readonly dead: ReadonlySet<number>;
  /** Slots that the block knew then. */
  readonly slots: Map<number, Slot>;
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
  private readonly open: OpenSnapshot[] = [];
  private readonly unfilled: { phi: Ins; off: number }[] = [];
  private current: State;
  private here: GraphBlock;

  constructor(env: LiftEnv, graph: RegionGraph, id: number, name: string, bypass: number) {
    super(env, id, name, graph.root.pc, bypass);
    this.graph = graph;
    // Guards at the entry leave before any block is counted.
    this.exitSteps[0] = -1;
    this.start = this.state(null, this.entry);
    this.current = this.start;
    this.here = graph.root;
    for (const g of graph.blocks) {
      const ir = newBlock(this.region.blocks.length);
      this.region.blocks.push(ir);
      ir.loop = g.header;
      this.states.set(g, this.state(g, ir));
    }
    for (const g of graph.blocks) this.irOf(g).preds = g.preds.map((p) => this.irOf(p));
    this.irOf(graph.root).preds.unshift(this.entry);
    this.entry.term = { kind: 'jump', to: this.irOf(graph.root) };
    this.region.counters = graph.counters;
    this.movesHeader = graph.blocks.some((g) => g.steps.some((pc) => this.kindAt(pc).startsWith('tail')));
  }

  private state(graph: GraphBlock | null, ir: Block): State {
    const state: State = { graph, ir, slots: new Map(), incoming: new Map(), maybe: new Map() };
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
    for (const g of this.graph.blocks) this.liftBlock(g);
    this.mayBeWritten();
    for (const o of this.open) this.complete(o);
    this.fillPhis();
    this.stackGuard();
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

  /** What the branch counts that leads here. */
  private viaStep(g: GraphBlock): void {
    const words = this.env.words;
    const word = (i: number) => words[(g.via >> 2) + i] as number;
    const arm = this.env.arms.at(word(0));
    let n = 0;
    if (arm.kind === 'branch') {
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
    const { succs, steps } = this.here;
    if (succs.length < 2 || this.pc !== steps.at(-1)) {
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
    const { succs, steps } = this.here;
    if (succs.length < 2 || this.pc !== steps.at(-1)) {
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
    const { slots } = this.current;
    for (const off of [...slots.keys()]) if (off >= frame) slots.set(off, { value: null, written: false });
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
    this.current.slots.set(off, { value, written: false });
    return value;
  }

  protected write(off: number, value: Ins): void {
    const { slots } = this.current;
    const end = (at: number) => slots.set(at, { value: null, written: false });
    const bytes = valueBytes(value.type);
    for (let at = off + 4; at < off + bytes; at += 4) end(at);
    for (const at of [off - 8, off - 4, off - 12]) {
      const before = slots.get(at)?.value;
      if (before && at + valueBytes(before.type) > off) end(at);
    }
    slots.set(off, { value, written: true });
  }

  /** Value of a slot at the start of the block. */
  private incoming(state: State, off: number, type: ValType): Ins {
    const known = state.incoming.get(off);
    if (known?.type === type) return known;
    const value = this.findIncoming(state, off, type);
    state.incoming.set(off, value);
    return value;
  }

  private findIncoming(state: State, off: number, type: ValType): Ins {
    if (state === this.start) return this.entryLoad(off, type);
    const { preds } = state.ir;
    if (preds.length === 1) return this.outgoing(this.byIr.get(preds[0] as Block) as State, off, type);
    const phi = makeIns(this.region, state.ir, 'phi', type, [], {}, this.region.entry.loc);
    state.ir.body.unshift(phi);
    this.unfilled.push({ phi, off });
    return phi;
  }

  private outgoing(state: State, off: number, type: ValType): Ins {
    const known = state.slots.get(off)?.value;
    return known?.type === type ? known : this.incoming(state, off, type);
  }

  private fillPhis(): void {
    for (let open = this.unfilled.pop(); open; open = this.unfilled.pop()) {
      const { phi, off } = open;
      phi.args = phi.block.preds.map((p) => this.outgoing(this.byIr.get(p) as State, off, phi.type as ValType));
    }
  }

  // --- snapshots -----------------------------------------------------------------------------------------------------

  protected openSnapshot(snap: Snapshot, top: number, dead: ReadonlySet<number>): void {
    const { current } = this;
    this.open.push({ snap, state: current, top, dead, slots: new Map(current.slots) });
  }

  /** For each block the slots that may be written on a way to it. */
  private mayBeWritten(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const g of this.graph.blocks) {
        const state = this.states.get(g) as State;
        for (const p of state.ir.preds) {
          const from = this.byIr.get(p) as State;
          for (const [off, type] of written(from)) {
            const known = state.maybe.get(off);
            if (known === type || known === null) continue;
            state.maybe.set(off, known === undefined ? type : null);
            changed = true;
          }
        }
      }
    }
  }

  private complete({ snap, state, top, slots, dead }: OpenSnapshot): void {
    const pieces = new Map<number, number>();
    for (const [off, { value, written: own }] of slots) {
      if (!value) {
        pieces.set(off, 4);
        continue;
      }
      pieces.set(off, valueBytes(value.type));
      if (off >= top || dead.has(off)) continue;
      if (own || state.maybe.get(off) === value.type) snap.slots.push({ off, value });
    }
    for (const [off, type] of state.maybe) {
      if (off >= top || type === null || dead.has(off) || overlaps(pieces, off, valueBytes(type))) continue;
      snap.slots.push({ off, value: this.incoming(state, off, type) });
    }
    snap.slots.sort((a, b) => a.off - b.off);
  }
}

/** Slots that may be written when control leaves the block. */
function written({ maybe, slots }: State): Map<number, ValType | null> {
  const out = new Map<number, ValType | null>();
  const pieces = new Map<number, number>();
  for (const [off, { value, written: own }] of slots) {
    if (!value) pieces.set(off, 4);
    else if (own) {
      pieces.set(off, valueBytes(value.type));
      out.set(off, value.type as ValType);
    }
  }
  for (const [off, type] of maybe) {
    if (!overlaps(pieces, off, type === null ? 4 : valueBytes(type))) out.set(off, type);
  }
  return out;
}
