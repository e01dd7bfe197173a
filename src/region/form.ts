/**
 * Forms the region of a loop nest or of a function: a walk over threaded code from its head along the ways that were
 * taken so far, into inlined callees and back. Of a loop only blocks stay from which control can come back to the head;
 * of a function all. Whatever else the code can do leaves the region.
 *
 * The result is reducible, because each function is (Wasm is structured) and each inlined call has its own copy.
 */
import type { ArmSet } from '../machine/arm.ts';
import { CALL, INDIRECT } from '../machine/arms/call.ts';
import { BR_TABLE } from '../machine/arms/control.ts';
import { TAIL } from '../machine/arms/tail.ts';
import { META } from '../machine/code-buffer.ts';
import type { CodeMap, FuncCode } from '../machine/code-map.ts';
import { FUNCS } from '../machine/layout.ts';
import { assignCounters } from './counters.ts';
import type { Ways } from './edges.ts';
import type { FrameContext, GraphBlock, RegionGraph } from './graph.ts';
import { invertLoops } from './invert.ts';
import { loopsOf } from './loops.ts';
import { findBackEdges, postorder } from './order.ts';

export interface FormEnv {
  readonly words: Int32Array;
  readonly count: (address: number) => number;
  readonly arms: ArmSet;
  readonly map: CodeMap;
  readonly edges: Ways;
  /** True where a mirror of the table says which functions its elements are. */
  readonly mirrored: (table: number) => boolean;
  /** Instructions of a region at most. */
  readonly maxSize: number;
  /** Instructions of a callee that is inlined, at most. */
  readonly maxInline: number;
}

/** Inlined calls inside each other at most. */
const MAX_DEPTH = 12;
/** Where a region with all callees that may be inlined is too large: bounds of their instructions, until it is small enough. */
const INLINE_BOUNDS = [150, 40, 12];
/** Functions that an indirect call enters within a region, at most: each is compared with. */
const MAX_CALLEES = 8;
/** A function is inlined into itself so often, if it is that small. */
const RECURSION = { depth: 2, size: 60 } as const;

type Way = [pc: number, context: FrameContext];

interface Node {
  readonly pc: number;
  readonly context: FrameContext;
  succs: Node[];
  preds: Node[];
  /** Control can come back from here to the root. */
  kept: boolean;
  /** It executes; otherwise the region is left before it. */
  inside: boolean;
  block: GraphBlock | null;
}

class Former {
  private readonly env: FormEnv;
  private readonly nodes = new Map<FrameContext, Map<number, Node>>();
  private readonly callees = new Map<FrameContext, Map<string, FrameContext>>();
  private readonly inlineBound: number;
  private size = 0;
  private root: Node | null = null;
  /** The region is that of a function, not of a loop. */
  private whole = false;
  private calls = 0;

  constructor(env: FormEnv, inlineBound: number) {
    this.env = env;
    this.inlineBound = inlineBound;
  }

  /** The graph, or the reason why there is none. `anywhere`: it need not begin at a head. */
  form(rootPc: number, anywhere: boolean): RegionGraph | 'too-large' | 'no-loop' {
    const { map, words, arms } = this.env;
    const code = map.at(rootPc)?.code;
    if (!code) return 'no-loop';
    const whole = anywhere || code.base === rootPc;
    const loop = loopsOf(code, words, arms).find((l) => l.head === rootPc);
    const span = whole ? { head: code.base, last: code.end } : loop;
    if (!span) return 'no-loop';
    this.whole = whole;
    const root = this.node(rootPc, { parent: null, delta: 0, inlined: [], funcs: [code.func] });
    this.root = root;
    const work = [root];
    for (let node = work.pop(); node; node = work.pop()) {
      const known = this.size;
      const ways = this.ways(node);
      node.inside = ways !== null;
      for (const [pc, context] of ways ?? []) {
        // A loop around this one could come back to the root, too.
        if (context.parent === null && !context.replaced && (pc < span.head || pc > span.last)) continue;
        const before = this.size;
        const next = this.node(pc, context);
        node.succs.push(next);
        next.preds.push(node);
        if (this.size > before) work.push(next);
      }
      if (known !== this.size && this.size > this.env.maxSize) return 'too-large';
    }
    if (!root.inside) return 'no-loop';
    if (!whole) {
      if (root.preds.length === 0) return 'no-loop';
      keepWhatReturns(root);
    }
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
      node = { pc, context, succs: [], preds: [], kept: false, inside: false, block: null };
      of.set(pc, node);
      this.size++;
    }
    return node;
  }

  /** Where control went from there; null where the region is left before. A return out of the region has no way. */
  private ways({ pc, context }: Node): Way[] | null {
    const { words, arms, edges, map } = this.env;
    const word = (i: number) => words[(pc >> 2) + i] as number;
    const arm = arms.at(word(0));
    if (!arm.lift) return null;
    const here = (...pcs: number[]): Way[] | null =>
      pcs.length === 0 ? null : [...new Set(pcs)].map((p) => [p, context]);
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
        return entry === 0 ? null : this.enter(context, pc, entry, word(CALL.args), pc + 4 * CALL.words);
      }
      case 'indirect': {
        if (arm.table !== undefined && !this.env.mirrored(arm.table)) return null;
        const entries = edges.successors(pc).filter((to) => map.entryOf(to) !== undefined);
        const go = (to: number) => this.enter(context, pc, to, word(INDIRECT.args), pc + 4 * arm.words) ?? [];
        const [only] = entries;
        if (only !== undefined && entries.length === 1) return go(only);
        // Each way needs a callee of its own, so what is not inlined is left to the interpreter.
        const inlined = entries
          .filter((to) => this.inlines(context, map.entryOf(to) as FuncCode))
          .slice(0, MAX_CALLEES);
        return inlined.length === 0 ? null : inlined.flatMap(go);
      }
      case 'tail': {
        const entry = words[(FUNCS >> 2) + word(TAIL.func)] as number;
        return this.replace(context, pc, entry);
      }
      case 'tail-indirect': {
        const entries = edges.successors(pc).filter((to) => map.entryOf(to) !== undefined);
        const known = arm.table === undefined || this.env.mirrored(arm.table);
        return this.replace(context, pc, known && entries.length === 1 ? (entries[0] as number) : 0);
      }
      case 'return': {
        const frame = context.inlined.at(-1);
        return frame && context.parent ? [[frame.ret, context.parent]] : [];
      }
      default:
        return null;
    }
  }

  /** Into the callee, or behind the call where it is not inlined. */
  private enter(context: FrameContext, pc: number, entry: number, args: number, ret: number): Way[] | null {
    const code = this.env.map.entryOf(entry);
    if (!code) return null;
    const { func } = code;
    if (!this.inlines(context, code)) {
      this.calls++;
      return [[ret, context]];
    }
    const callee = this.callee(context, pc, entry, () => {
      const inlined = [...context.inlined, { args, ret }];
      return { parent: context, delta: context.delta + args, inlined, funcs: [...context.funcs, func] };
    });
    return [[entry, callee]];
  }

  /**
   * Into the function that takes the frame over; back to the region's own function where that is called, which makes a
   * loop. From a loop of the first frame nothing comes back. Where the function is not known or too large (`entry` 0),
   * the region is left before.
   */
  private replace(context: FrameContext, pc: number, entry: number): Way[] | null {
    const code = this.env.map.entryOf(entry);
    const outermost = context.inlined.length === 0;
    if (outermost && this.root?.pc === entry) return [[entry, this.root.context]];
    if (outermost && !this.whole) return null;
    if (!code || !this.inlines(context, code)) {
      this.calls++;
      return null;
    }
    const funcs = [...context.funcs, code.func];
    return [[entry, this.callee(context, pc, entry, () => ({ ...context, replaced: true, funcs }))]];
  }

  /** The context in which the call at `pc` executes the function with that entry. */
  private callee(context: FrameContext, pc: number, entry: number, make: () => FrameContext): FrameContext {
    let of = this.callees.get(context);
    if (!of) this.callees.set(context, (of = new Map()));
    const key = `${pc}:${entry}`;
    let callee = of.get(key);
    if (!callee) of.set(key, (callee = make()));
    return callee;
  }

  private inlines(context: FrameContext, code: FuncCode): boolean {
    if (context.inlined.length >= MAX_DEPTH) return false;
    const size = code.meta.length / META.size;
    const again = context.funcs.filter((f) => f === code.func).length;
    if (again > 0) return again <= RECURSION.depth && size <= Math.min(RECURSION.size, this.inlineBound);
    return size <= this.inlineBound;
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
        end: 0,
        returns: false,
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
        if (!at.inside) b.end = at.pc;
        else {
          b.steps.push(at.pc);
          b.returns = at.succs.length === 0;
        }
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
    return finishGraph(root.block, block, this.calls);
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
export function finishGraph(
  root: GraphBlock,
  block: (context: FrameContext, pc: number) => GraphBlock,
  calls: number,
): RegionGraph {
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
  return { root, blocks, counters, calls, size: blocks.reduce((n, b) => n + b.steps.length, 0), loops: back.size };
}

/** The region that begins at a loop head or function entry, or the reason why there is none. */
export function formRegion(env: FormEnv, root: number, anywhere = false): RegionGraph | 'too-large' | 'no-loop' {
  for (const bound of [env.maxInline, ...INLINE_BOUNDS.filter((smaller) => smaller < env.maxInline)]) {
    const graph = new Former(env, bound).form(root, anywhere);
    if (graph !== 'too-large') return graph;
  }
  return 'too-large';
}
