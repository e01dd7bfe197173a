/**
 * Loop inversion: an inner loop that tests at its head is entered by a copy of the test and tests at its end from then on.
 *
 *     while (c) body     ==>     if (c) do body while (c)
 *
 * That saves a jump in each iteration. Above all, what is hoisted out of the loop is executed only where the loop runs
 * at all: a loop without iterations often has an address that is out of bounds.
 */
import type { FrameContext, GraphBlock } from './graph.ts';
import { findBackEdges, loopBody } from './order.ts';

/** Instructions of a test that is worth a copy. */
const MAX_TEST = 40;

type MakeBlock = (context: FrameContext, pc: number) => GraphBlock;

export function invertLoops(root: GraphBlock, make: MakeBlock): void {
  const done = new Set([root]);
  for (let plan = nextLoop(root, done); plan; plan = nextLoop(root, done)) {
    const { header, outside, stay, leave } = plan;
    const via = header.steps.at(-1) as number;
    const copy = make(header.context, header.pc);
    copy.steps.push(...header.steps);
    for (const p of outside) redirect(p, header, copy);
    const into = edgeTo(header, stay, via, make);
    const out = edgeTo(header, leave, via, make);
    const first = into.succs[0] as GraphBlock;
    // The new head has no instructions, so that it is no other loop's head, too.
    const head = make(first.context, first.pc);
    redirect(into, first, head);
    connect(head, first);
    for (const to of [head, out.succs[0] as GraphBlock]) {
      const edge = make(to.context, to.pc);
      edge.via = via;
      connect(copy, edge);
      connect(edge, to);
    }
  }
}

interface Plan {
  readonly header: GraphBlock;
  readonly outside: readonly GraphBlock[];
  /** Where the test goes in the loop and out of it. */
  readonly stay: GraphBlock;
  readonly leave: GraphBlock;
}

/** A loop whose header tests and was not looked at yet. Each inversion changes edges, so all are found anew. */
function nextLoop(root: GraphBlock, done: Set<GraphBlock>): Plan | null {
  for (const [header, sources] of findBackEdges(root)) {
    if (done.has(header)) continue;
    done.add(header);
    if (header.succs.length !== 2 || header.steps.length > MAX_TEST) continue;
    const body = loopBody(header, sources);
    const [stay, ...others] = header.succs.filter((s) => body.has(s));
    const leave = header.succs.find((s) => !body.has(s));
    // A loop of one block tests at its end already.
    if (!stay || !leave || others.length > 0 || (isEdge(stay) && stay.succs[0] === header)) continue;
    return { header, outside: header.preds.filter((p) => !sources.includes(p)), stay, leave };
  }
  return null;
}

/** A block that only stands for one way of a branch. A way that leaves the region has no successor and is none. */
function isEdge(b: GraphBlock): boolean {
  return b.steps.length === 0 && b.via !== 0 && b.succs.length === 1;
}

/** The edge block on the way from `from` to `to`, which may be that block. */
function edgeTo(from: GraphBlock, to: GraphBlock, via: number, make: MakeBlock): GraphBlock {
  if (isEdge(to)) return to;
  const edge = make(to.context, to.pc);
  edge.via = via;
  to.via = 0;
  from.succs = from.succs.map((s) => (s === to ? edge : s));
  to.preds = to.preds.map((p) => (p === from ? edge : p));
  edge.preds = [from];
  edge.succs = [to];
  return edge;
}

function redirect(from: GraphBlock, before: GraphBlock, to: GraphBlock): void {
  from.succs = from.succs.map((s) => (s === before ? to : s));
  before.preds = before.preds.filter((p) => p !== from);
  to.preds.push(from);
}

function connect(from: GraphBlock, to: GraphBlock): void {
  from.succs.push(to);
  to.preds.push(from);
}
