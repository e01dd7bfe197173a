/**
 * Forms the region of a loop nest: a walk over threaded code from a loop head along the ways that were taken so far,
 * into inlined callees and back. Only blocks from which control can come back to the head stay; whatever else the code
 * can do leaves the region.
 *
 * The result is reducible, because each function is (Wasm is structured) and each inlined call has its own copy.
 */
import type { ArmSet } from '../machine/arm.ts';
import { CALL, INDIRECT } from '../machine/arms/call.ts';
import { BR_TABLE } from '../machine/arms/control.ts';
import type { CodeMap } from '../machine/code-map.ts';
import { FUNCS } from '../machine/layout.ts';
import { assignCounters } from './counters.ts';
import type { EdgeProfile } from './edges.ts';
import type { FrameContext, GraphBlock, RegionGraph } from './graph.ts';
import { invertLoops } from './invert.ts';
import { loopsOf } from './loops.ts';
import { findBackEdges, postorder } from './order.ts';

export interface FormEnv {
  readonly words: Int32Array;
  readonly count: (address: number) => number;
  readonly arms: ArmSet;
  readonly map: CodeMap;
  readonly edges: EdgeProfile;
  /** Instructions of a region at most. */
  readonly maxSize: number;
}

/** Inlined calls inside each other at most; a function is not inlined into itself. */
const MAX_DEPTH = 12;

interface Node {
  readonly pc: number;
  readonly context: FrameContext;
  succs: Node[];
  preds: Node[];
  /** Control can come back from here to the root. */
  kept: boolean;
  block: GraphBlock | null;
}

class Former {
  private readonly env: FormEnv;
  private readonly nodes = new Map<FrameContext, Map<number, Node>>();
  private readonly callees = new Map<FrameContext, Map<number, FrameContext>>();
  private size = 0;

  constructor(env: FormEnv) {
    this.env = env;
  }

  /** The graph, or the reason why there is none. */
  form(rootPc: number): RegionGraph | 'too-large' | 'no-loop' {
    const code = this.env.map.at(rootPc)?.code;
    const span = code && loopsOf(code, this.env.words, this.env.arms).find((l) => l.head === rootPc);
    if (!span) return 'no-loop';
    const root = this.node(rootPc, { parent: null, delta: 0, inlined: [], funcs: [code.func] });
    const work = [root];
    for (let node = work.pop(); node; node = work.pop()) {
      const known = this.size;
      for (const [pc, context] of this.ways(node)) {
        // A loop around this one could come back to the root, too.
        if (context.parent === null && (pc < span.head || pc > span.last)) continue;
        const before = this.size;
        const next = this.node(pc, context);
        node.succs.push(next);
        next.preds.push(node);
        if (this.size > before) work.push(next);
      }
      if (known !== this.size && this.size > this.env.maxSize) return 'too-large';
    }
    if (root.preds.length === 0) return 'no-loop';
    keepWhatReturns(root);
    return this.blocks(root);
  }

  private node(pc: number, context: FrameContext): Node {
    let of = this.nodes.get(context);
    if (!of) {
      of = new Map();
      this.nodes.set(context, of);
    }
    let node = of.get(pc);
    if (!node) {
      node = { pc, context, succs: [], preds: [], kept: false, block: null };
      of.set(pc, node);
      this.size++;
    }
    return node;
  }

  /** Where control went from there. */
  private ways({ pc, context }: Node): [pc: number, context: FrameContext][] {
    const { words, arms, edges, map } = this.env;
    const word = (i: number) => words[(pc >> 2) + i] as number;
    const arm = arms.at(word(0));
    if (!arm.lift) return [];
    const here = (...pcs: number[]): [number, FrameContext][] => [...new Set(pcs)].map((p) => [p, context]);
    switch (arm.kind) {
      case 'plain':
      case 'head':
      case 'enter':
      case 'host':
        return here(pc + 4 * arm.words);
      case 'jump':
        return here(word(arm.target as number));
      case 'branch': {
        const t = arm.target as number;
        const behind = pc + 4 * arm.words;
        const taken = this.env.count(pc + 4 * (t + 2));
        const ways: number[] = [];
        if (edges.covered(pc, word(t), taken)) ways.push(word(t));
        if (edges.covered(pc, behind, edges.executions(pc) - taken)) ways.push(behind);
        return here(...ways);
      }
      case 'table': {
        const taken = new Map<number, number>();
        for (let i = 0; i <= word(2); i++) {
          const at = BR_TABLE.first + BR_TABLE.words * i;
          taken.set(word(at), (taken.get(word(at)) ?? 0) + this.env.count(pc + 4 * (at + 2)));
        }
        return here(...[...taken].flatMap(([to, n]) => (edges.covered(pc, to, n) ? [to] : [])));
      }
      case 'call': {
        const entry = words[(FUNCS >> 2) + word(CALL.func)] as number;
        return entry === 0 ? [] : this.enter(context, pc, entry, word(CALL.args), pc + 4 * CALL.words);
      }
      case 'indirect': {
        const entries = edges.successors(pc).filter((to) => map.entryOf(to) !== undefined);
        if (entries.length !== 1) return [];
        return this.enter(context, pc, entries[0] as number, word(INDIRECT.args), pc + 4 * INDIRECT.words);
      }
      case 'return': {
        const frame = context.inlined.at(-1);
        return frame && context.parent ? [[frame.ret, context.parent]] : [];
      }
      default:
        return [];
    }
  }

  private enter(
    context: FrameContext,
    pc: number,
    entry: number,
    args: number,
    ret: number,
  ): [pc: number, context: FrameContext][] {
    const func = this.env.map.entryOf(entry)?.func;
    if (func === undefined || context.inlined.length >= MAX_DEPTH || context.funcs.includes(func)) return [];
    let of = this.callees.get(context);
    if (!of) {
      of = new Map();
      this.callees.set(context, of);
    }
    let callee = of.get(pc);
    if (!callee) {
      const inlined = [...context.inlined, { args, ret }];
      callee = { parent: context, delta: context.delta + args, inlined, funcs: [...context.funcs, func] };
      of.set(pc, callee);
    }
    return [[entry, callee]];
  }

  /** Basic blocks of the nodes that stay. */
  private blocks(root: Node): RegionGraph {
    const made: GraphBlock[] = [];
    const block = (context: FrameContext, pc: number): GraphBlock => {
      const b: GraphBlock = {
        id: made.length,
        context,
        pc,
        steps: [],
        via: 0,
        succs: [],
        preds: [],
        header: false,
        count: { kind: 'preds' },
      };
      made.push(b);
      return b;
    };
    const connect = (from: GraphBlock, to: GraphBlock) => {
      from.succs.push(to);
      to.preds.push(from);
    };
    const leads = (n: Node) => n === root || n.preds.length !== 1 || (n.preds[0] as Node).succs.length > 1;
    const work = [root];
    root.block = block(root.context, root.pc);
    const blockOf = (n: Node): GraphBlock => {
      if (!n.block) {
        n.block = block(n.context, n.pc);
        work.push(n);
      }
      return n.block;
    };
    for (let first = work.pop(); first; first = work.pop()) {
      const b = first.block as GraphBlock;
      let at = first;
      for (;;) {
        b.steps.push(at.pc);
        const [next] = at.succs;
        if (at.succs.length !== 1 || !next || leads(next)) break;
        at = next;
      }
      for (const next of at.succs) {
        const to = blockOf(next);
        // A branch with several ways reaches each by a block of its own.
        if (at.succs.length > 1 && (next === root || next.preds.length > 1)) {
          const edge = block(next.context, next.pc);
          edge.via = at.pc;
          connect(b, edge);
          connect(edge, to);
        } else {
          if (at.succs.length > 1) to.via = at.pc;
          connect(b, to);
        }
      }
    }
    return finish(root.block, block);
  }
}

/** Marks what can reach the root again, and cuts the rest off. */
function keepWhatReturns(root: Node): void {
  root.kept = true;
  const work = [root];
  const kept: Node[] = [];
  for (let node = work.pop(); node; node = work.pop()) {
    kept.push(node);
    for (const p of node.preds) {
      if (p.kept) continue;
      p.kept = true;
      work.push(p);
    }
  }
  for (const node of kept) {
    node.succs = node.succs.filter((s) => s.kept);
    node.preds = node.preds.filter((p) => p.kept);
  }
}

/** Turns inner loops over, gives each a block before its head, and orders the blocks. */
function finish(root: GraphBlock, block: (context: FrameContext, pc: number) => GraphBlock): RegionGraph {
  invertLoops(root, block);
  const back = findBackEdges(root);
  for (const [header, sources] of back) {
    header.header = true;
    if (header === root) continue;
    const outside = header.preds.filter((p) => !sources.includes(p));
    const before = block(header.context, header.pc);
    for (const p of outside) p.succs = p.succs.map((s) => (s === header ? before : s));
    before.preds = outside;
    before.succs = [header];
    header.preds = [before, ...sources];
  }
  const blocks = postorder(root).reverse();
  const counters = assignCounters(blocks);
  return { root, blocks, counters, size: blocks.reduce((n, b) => n + b.steps.length, 0), loops: back.size };
}

/** The region that begins at the loop head `root`, or the reason why there is none. */
export function formRegion(env: FormEnv, root: number): RegionGraph | 'too-large' | 'no-loop' {
  return new Former(env).form(root);
}
