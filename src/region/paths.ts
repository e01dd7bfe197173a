/**
 * A region made of recorded paths instead of counters: a tree that begins at one place, each path a way through it, whose
 * loops close at its root only. What paths have in common at their beginning is there once; behind the place where they
 * part, code is repeated (tail duplication), so the tree has no joins.
 *
 *     root -> a -> b -> root            path 1
 *              `-> c -> d -> root       path 2 parts from it at a
 */

import { CALL, INDIRECT } from '../machine/arms/call.ts';
import type { Machine } from '../machine/machine.ts';
import { finishGraph } from './form.ts';
import type { FrameContext, GraphBlock, RegionGraph } from './graph.ts';

export interface PathNode {
  readonly pc: number;
  readonly context: FrameContext;
  readonly parent: PathNode | null;
  readonly children: PathNode[];
  /** A path goes from here back to the root. */
  closes: boolean;
  /** Where a path ends that goes no further; 0: it returns out of the region. */
  end: number;
}

export interface Path {
  readonly pcs: readonly number[];
  /** Where control went behind it. */
  readonly end: number;
  /** It comes back to the root in the frame of the root. */
  readonly closes: boolean;
}

export class PathTree {
  readonly start: number;
  size = 0;
  root: PathNode | null = null;
  private readonly machine: Machine;
  /** Direct calls become code of the path; otherwise calls of the callee's own fragment. */
  private readonly inline: boolean;

  constructor(machine: Machine, start: number, inline: boolean) {
    this.machine = machine;
    this.start = start;
    this.inline = inline;
  }

  /**
   * Adds a path that goes on behind `after`, or begins at the root. It ends where it does something that no region
   * contains. False where it adds nothing: it is there, or parts from the others elsewhere than at a branch.
   */
  add({ pcs, end, closes }: Path, after: PathNode | null = null): boolean {
    const { arms, memory, map, mirrors } = this.machine;
    const first = map.at(this.start)?.code.func ?? 0;
    const before = this.size;
    let node = after;
    let context: FrameContext = after
      ? this.contextBehind(after, pcs[0] as number)
      : { parent: null, delta: 0, inlined: [], funcs: [first] };
    let closed = false;
    for (let i = 0; i < pcs.length; i++) {
      const pc = pcs[i] as number;
      const next = pcs[i + 1] ?? end;
      const word = (k: number) => memory.word(pc + 4 * k);
      const arm = arms.at(word(0));
      const callee = arm.kind === 'call' || arm.kind === 'indirect' ? map.entryOf(next) : undefined;
      const knows = arm.kind !== 'indirect' || arm.table === undefined || mirrors.address(arm.table) !== null;
      const foreign = arm.kind === 'indirect' && (!callee || !knows);
      if (!arm.lift || arm.kind.startsWith('tail') || arm.kind === 'throw' || foreign)
        return this.ends(node, pc, before);
      let skipTo = i;
      const ret = pc + 4 * arm.words;
      if (arm.kind === 'call' && callee && !this.inline) skipTo = behindCall(this.machine, pcs, i, ret);
      const added: PathNode | null = this.child(node, pc, context);
      if (!added) return this.size > before;
      node = added;
      // The recording ended within the callee; where that returns to is known all the same.
      if (skipTo < 0) return this.ends(node, ret, before);
      if (skipTo > i) {
        i = skipTo - 1;
        if (skipTo === pcs.length) return this.close(node, end, closes, before);
      } else if (callee) {
        const args = word(arm.kind === 'call' ? CALL.args : INDIRECT.args);
        context = {
          parent: context,
          delta: context.delta + args,
          inlined: [...context.inlined, { args, ret }],
          funcs: [...context.funcs, callee.func],
        };
      } else if (arm.kind === 'return') {
        if (!context.parent) return this.ends(node, 0, before);
        context = context.parent;
      }
      closed = i + 1 >= pcs.length;
    }
    return closed && node ? this.close(node, end, closes, before) : this.size > before;
  }

  private close(node: PathNode, end: number, closes: boolean, before: number): boolean {
    if (!closes) return this.ends(node, end, before);
    const fresh = !node.closes;
    const blocked = node.children.some((child) => child.pc === this.start || !this.branches(node));
    if (blocked) return this.size > before;
    node.closes = true;
    return fresh || this.size > before;
  }

  private ends(node: PathNode | null, end: number, before: number): boolean {
    if (node && node.children.length === 0 && !node.closes) node.end = end;
    return this.size > before;
  }

  /** Frames at the instruction behind a node: what the path so far has entered and left. */
  private contextBehind(node: PathNode, pc: number): FrameContext {
    const { arms, memory, map } = this.machine;
    const arm = arms.at(memory.word(node.pc));
    const { context } = node;
    const known = node.children.find((c) => c.pc === pc);
    if (known) return known.context;
    if (arm.kind === 'return') return context.parent as FrameContext;
    const callee = map.entryOf(pc);
    if ((arm.kind !== 'call' && arm.kind !== 'indirect') || !callee) return context;
    const args = memory.word(node.pc + 4 * (arm.kind === 'call' ? CALL.args : INDIRECT.args));
    return {
      parent: context,
      delta: context.delta + args,
      inlined: [...context.inlined, { args, ret: node.pc + 4 * arm.words }],
      funcs: [...context.funcs, callee.func],
    };
  }

  /** The node for `pc` behind `node`; null where that one goes on differently and is no branch. */
  private child(node: PathNode | null, pc: number, context: FrameContext): PathNode | null {
    if (!node) {
      if (!this.root) {
        this.root = { pc, context, parent: null, children: [], closes: false, end: 0 };
        this.size++;
      }
      return this.root.pc === pc ? this.root : null;
    }
    const known = node.children.find((c) => c.pc === pc);
    if (known) return known;
    if ((node.children.length > 0 || node.closes) && !this.branches(node)) return null;
    if (node.closes && pc === this.start) return null;
    const made: PathNode = { pc, context, parent: node, children: [], closes: false, end: 0 };
    node.children.push(made);
    this.size++;
    return made;
  }

  private branches({ pc }: PathNode): boolean {
    const { kind } = this.machine.arms.at(this.machine.memory.word(pc));
    return kind === 'branch' || kind === 'table';
  }

  /** The tree as a graph of blocks, and the nodes of each block; null for an empty one. */
  graph(): { graph: RegionGraph; nodes: ReadonlyMap<GraphBlock, readonly PathNode[]> } | null {
    const { root, inline } = this;
    if (!root) return null;
    const nodes = new Map<GraphBlock, PathNode[]>();
    let ids = 0;
    const make = (context: FrameContext, pc: number): GraphBlock => ({
      id: ids++,
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
    });
    const connect = (from: GraphBlock, to: GraphBlock) => {
      from.succs.push(to);
      to.preds.push(from);
    };
    let calls = 0;
    const first = make(root.context, root.pc);
    const work: { node: PathNode; block: GraphBlock }[] = [{ node: root, block: first }];
    for (let item = work.pop(); item; item = work.pop()) {
      const { block } = item;
      const list: PathNode[] = [];
      nodes.set(block, list);
      for (let node = item.node; ; ) {
        block.steps.push(node.pc);
        list.push(node);
        const { kind } = this.machine.arms.at(this.machine.memory.word(node.pc));
        if (kind === 'call' && !inline) calls++;
        const [only] = node.children;
        if (node.children.length === 1 && only && !node.closes) {
          node = only;
          continue;
        }
        if (node.children.length === 0) {
          if (node.closes) connect(block, first);
          else if (node.end === 0) block.returns = true;
          else block.end = node.end;
          break;
        }
        // A branch with several ways reaches each by a block of its own.
        for (const child of node.children) {
          const way = make(child.context, child.pc);
          way.via = node.pc;
          connect(block, way);
          work.push({ node: child, block: way });
        }
        if (node.closes) {
          const way = make(root.context, root.pc);
          way.via = node.pc;
          connect(block, way);
          connect(way, first);
        }
        break;
      }
    }
    return { graph: finishGraph(first, make, calls), nodes };
  }
}

/** Index of the instruction at `ret` to which the call at `i` returns, or the length where that is the end; -1: none. */
function behindCall(machine: Machine, pcs: readonly number[], i: number, ret: number): number {
  const { arms, memory, map } = machine;
  let depth = 0;
  for (let k = i; k < pcs.length; k++) {
    const { kind } = arms.at(memory.word(pcs[k] as number));
    const next = pcs[k + 1];
    if ((kind === 'call' || kind === 'indirect') && next !== undefined && map.entryOf(next)) depth++;
    if (kind === 'return' && --depth === 0) return k + 1 < pcs.length ? (next === ret ? k + 1 : -1) : pcs.length;
  }
  return -1;
}
