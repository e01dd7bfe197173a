/**
 * Chooses the edges of a flow graph that are counted, writes the code that counts them, and computes all others.
 *
 * Edges that are not counted form a spanning tree of greatest weight, so the counted ones are as few as possible and
 * where control goes least (Knuth, Fundamental Algorithms 2.3.4.1; Ball and Larus, TOPLAS 1994).
 *
 * A counter is a global, which the host reads and writes with less around it than a word of memory. Only br_table counts in
 * memory, by index. In loops that cannot be left by a call, counters live in locals and are added to the globals at the first
 * places behind the loop: an addition to a register instead of a read and a write each time around. What such a loop counted
 * is lost where a trap ends it.
 */
import type { CodeWriter } from '../wasm/code.ts';
import { type Edge, EXIT, type FlowGraph } from './graph.ts';
import type { BodyPatch } from './patch.ts';

/** Where loops count: `local` as told above; `memory`: outside of the function, so that also traps lose nothing. */
export type CounterHome = 'local' | 'memory';

export interface CounterPlan {
  /** Number of the counter by edge, or -1. */
  readonly counters: Int32Array;
  readonly count: number;
}

/** What counting at such a place costs, as a multiple of a plain addition. */
const COST = { entry: 1, before: 1, behind: 1, taken: 2, else: 2, table: 3, none: Infinity } as const;

class Sets {
  private readonly parent: Int32Array;

  constructor(n: number) {
    this.parent = Int32Array.from({ length: n }, (_, i) => i);
  }

  private root(a: number): number {
    const { parent } = this;
    let r = a;
    while (parent[r] !== r) {
      parent[r] = parent[parent[r] as number] as number;
      r = parent[r] as number;
    }
    return r;
  }

  /** Joins two sets; false where they were one already. */
  join(a: number, b: number): boolean {
    const [x, y] = [this.root(a), this.root(b)];
    this.parent[x] = y;
    return x !== y;
  }
}

/** `entered`: the entries of the function need no counter, since they are known otherwise. */
export function planCounters({ edges, vertices }: FlowGraph, entered = false): CounterPlan {
  const counters = new Int32Array(edges.length).fill(-1);
  const weight = (e: Edge) => (e.place === 'none' ? Infinity : e.weight * COST[e.place]);
  const order = edges.map((_, i) => i).sort((a, b) => weight(edges[b] as Edge) - weight(edges[a] as Edge) || a - b);
  const sets = new Sets(vertices);
  const tables = new Set<number>();
  for (const i of order) {
    const e = edges[i] as Edge;
    if (entered && e.place === 'entry') continue;
    if (sets.join(e.from, e.to)) continue;
    if (e.place === 'none') throw new Error(`edge ${i} of the flow graph cannot be counted`);
    counters[i] = 0;
    if (e.place === 'table') tables.add(e.at);
  }
  // One piece of code counts all targets of a br_table, in a row.
  let count = 0;
  edges.forEach((e, i) => {
    if (counters[i] === 0 || (e.place === 'table' && tables.has(e.at))) counters[i] = count++;
  });
  return { counters, count };
}

/** An i64 outside of the function: pushes its value, takes a new one that is on the stack. */
interface Cell {
  load(w: CodeWriter): void;
  store(w: CodeWriter): void;
}

const globalCell = (index: number): Cell => ({
  load: (w) => w.op('global.get', index),
  store: (w) => w.op('global.set', index),
});

const memoryCell = (memory: number, at: number): Cell => ({
  load: (w) => w.op('i32.const', 0).op('i32.const', 0).op('i64.load', memory, at),
  store: (w) => w.op('i64.store', memory, at),
});

/** What an edge adds, and to which cell. */
interface EdgeSum {
  readonly to: number;
  readonly by: bigint;
}

/**
 * Writes the code of a function that adds to `sum(edge)` when control takes that edge; null: nothing. Not for those of
 * br_table, of which all are counted by one piece of code.
 */
function writeSums(
  graph: FlowGraph,
  sum: (edge: number) => EdgeSum | null,
  cell: (to: number) => Cell,
  patch: BodyPatch,
  home: CounterHome,
): void {
  /** Sums of loops that are kept in locals there, by cell. */
  const inLoop = new Map<number, Map<number, number>>();
  /** Adds the i64 that `value` puts on the stack. */
  const add = (w: CodeWriter, to: number, loop: number, value: () => void): void => {
    const owner = home === 'local' ? quiet(graph, loop) : -1;
    if (owner < 0) {
      cell(to).load(w);
      value();
      cell(to).store(w.op('i64.add'));
      return;
    }
    const locals = inLoop.get(owner) ?? new Map<number, number>();
    inLoop.set(owner, locals);
    const local = locals.get(to) ?? patch.local('i64');
    locals.set(to, local);
    w.op('local.get', local);
    value();
    w.op('i64.add').op('local.set', local);
  };
  graph.edges.forEach((e, edge) => {
    const s = sum(edge);
    if (s === null) return;
    const plain = (w: CodeWriter, loop: number) => add(w, s.to, loop, () => w.op('i64.const', s.by));
    switch (e.place) {
      case 'entry':
        return plain(patch.prologue, -1);
      case 'before':
        return plain(patch.before(e.at), e.loop);
      case 'behind':
        return plain(patch.behind(e.at), e.loop);
      case 'taken':
      case 'else': {
        const cond = patch.scratch('i32', CONDITION);
        const w = patch.before(e.at).op('local.tee', cond);
        const [yes, no] = e.place === 'taken' ? [s.by, 0n] : [0n, s.by];
        return add(w, s.to, e.loop, () => {
          if (s.by !== 1n) w.op('i64.const', yes).op('i64.const', no).op('local.get', cond).op('select');
          else if (e.place === 'taken') w.op('local.get', cond).op('i32.eqz').op('i32.eqz').op('i64.extend_i32_u');
          else w.op('local.get', cond).op('i32.eqz').op('i64.extend_i32_u');
        });
      }
    }
  });
  for (const [loop, locals] of inLoop) {
    for (const place of new Set(graph.loops[loop]?.exits)) {
      const w = place < 0 ? patch.epilogue : patch.behind(place);
      for (const [to, local] of locals) flush(w, local, cell(to));
    }
  }
}

/** Number of the scratch local for conditions and indices. */
const CONDITION = 100;

/** Where the counters of a function are: counter 0 of its plan is global `global`, and word `at` of memory `memory`. */
export interface CounterPlace {
  readonly global: number;
  readonly memory: number;
  readonly at: number;
}

/** Writes the counting code of a function. Counters of one br_table follow each other. */
export function writeCounters(
  graph: FlowGraph,
  { counters }: CounterPlan,
  patch: BodyPatch,
  { global, memory, at }: CounterPlace,
  home: CounterHome,
): void {
  const sum = (edge: number) => {
    const to = counters[edge] as number;
    return to < 0 ? null : { to, by: 1n };
  };
  writeSums(graph, sum, (to) => globalCell(global + to), patch, home);
  eachTable(graph, counters, (e, edge, targets) => {
    const first = at + 8 * (counters[edge] as number);
    const w = patch.before(e.at);
    const slot = tableSlot(w, patch, targets);
    w.op('local.get', slot).op('local.get', slot).op('i64.load', memory, first).op('i64.const', 1n).op('i64.add');
    w.op('i64.store', memory, first);
  });
}

/** Numbers of the counters that are in memory. */
export function tableCounters(graph: FlowGraph, { counters }: CounterPlan): number[] {
  return [...counters].filter((i, edge) => i >= 0 && graph.edges[edge]?.place === 'table');
}

/** Visits each counted br_table with its first edge. */
function eachTable(
  { edges }: FlowGraph,
  counters: Int32Array,
  visit: (e: Edge, edge: number, targets: number) => void,
): void {
  edges.forEach((e, edge) => {
    if ((counters[edge] as number) < 0 || e.place !== 'table' || e.index !== 0) return;
    let targets = 1;
    for (let k = edge + 1; edges[k]?.place === 'table' && edges[k]?.at === e.at; k++) targets++;
    visit(e, edge, targets);
  });
}

/** Computes eight times the number of the target from the index on the stack, which stays there; gives its local. */
function tableSlot(w: CodeWriter, patch: BodyPatch, targets: number): number {
  const [index, slot] = [patch.scratch('i32', CONDITION), patch.scratch('i32', CONDITION + 1)];
  const last = targets - 1;
  w.op('local.tee', index);
  w.op('local.get', index).op('i32.const', last).op('local.get', index).op('i32.const', last).op('i32.lt_u');
  w.op('select').op('i32.const', 3).op('i32.shl').op('local.set', slot);
  return slot;
}

/** Where the instructions of all functions are summed up: an i64 in memory, and one for each target of a br_table. */
export interface InstructionSum {
  readonly at: number;
  /** Takes what the targets of a br_table add; gives where that is in memory. */
  constants(values: readonly bigint[]): number;
}

/** Writes code that sums up the instructions of a function, so that the sum is right whenever an activation has ended. */
export function writeInstructionSum(
  graph: FlowGraph,
  plan: CounterPlan,
  patch: BodyPatch,
  memory: number,
  { at, constants }: InstructionSum,
  home: CounterHome,
): void {
  const sums = instructionSums(graph, plan);
  const sum = (edge: number) => (sums[edge] === 0n ? null : { to: 0, by: sums[edge] as bigint });
  const cell = memoryCell(memory, at);
  writeSums(graph, sum, () => cell, patch, home);
  eachTable(graph, plan.counters, (e, edge, targets) => {
    const from = constants(sums.slice(edge, edge + targets));
    const w = patch.before(e.at);
    const slot = tableSlot(w, patch, targets);
    cell.load(w);
    cell.store(w.op('local.get', slot).op('i64.load', memory, from).op('i64.add'));
  });
}

/**
 * What each counted edge has to add so that the sum over an activation that ends is the number of instructions completed
 * in it: the costs of a path's edges, moved along the spanning tree to the counted ones (Ball, TOPLAS 1994).
 */
function instructionSums({ edges, vertices, vertexOf }: FlowGraph, { counters }: CounterPlan): bigint[] {
  const cost = new Array<number>(vertices).fill(0);
  for (const v of vertexOf) cost[v] = (cost[v] as number) + 1;
  const of = (e: Edge) => cost[e.to] as number;
  const tree: number[][] = Array.from({ length: vertices }, () => []);
  edges.forEach((e, i) => {
    if ((counters[i] as number) >= 0) return;
    (tree[e.from] as number[]).push(i);
    (tree[e.to] as number[]).push(i);
  });
  const potential = new Array<number | undefined>(vertices);
  for (let root = 0; root < vertices; root++) {
    if (potential[root] !== undefined) continue;
    potential[root] = 0;
    const open = [root];
    for (let v = open.pop(); v !== undefined; v = open.pop()) {
      for (const i of tree[v] as number[]) {
        const e = edges[i] as Edge;
        const [other, p] =
          e.from === v ? [e.to, (potential[v] as number) + of(e)] : [e.from, (potential[v] as number) - of(e)];
        if (potential[other] !== undefined) continue;
        potential[other] = p;
        open.push(other);
      }
    }
  }
  return edges.map((e, i) =>
    (counters[i] as number) < 0 ? 0n : BigInt(of(e) + (potential[e.from] as number) - (potential[e.to] as number)),
  );
}

/** The outermost loop around that one that no call leaves, or -1. */
function quiet({ loops }: FlowGraph, loop: number): number {
  let found = -1;
  for (let l = loop; l >= 0; ) {
    const info = loops[l];
    if (!info || info.calls) break;
    found = l;
    l = info.parent;
  }
  return found;
}

function flush(w: CodeWriter, local: number, cell: Cell): void {
  cell.load(w);
  cell.store(w.op('local.get', local).op('i64.add'));
  w.op('i64.const', 0n).op('local.set', local);
}

/** A frame that was left inside a straight line: control came to `vertex` and did not leave it by an edge. */
export interface LostFlow {
  readonly vertex: number;
  readonly count: number;
}

/**
 * Executions of every edge from those of the counted ones. `read(i)` is the value of counter `i` of the plan; `entries` are
 * those of a function whose entries are not counted.
 */
export function solveFlow(
  { edges, vertices }: FlowGraph,
  { counters }: CounterPlan,
  read: (i: number) => number,
  lost: readonly LostFlow[] = [],
  entries: number | null = null,
): number[] {
  const values = new Array<number>(edges.length).fill(0);
  const unknown = new Int32Array(vertices);
  // What flows in less what flows out, of known edges.
  const surplus = new Array<number>(vertices).fill(0);
  const touching: number[][] = Array.from({ length: vertices }, () => []);
  const known = (i: number, value: number) => {
    const { from, to } = edges[i] as Edge;
    values[i] = value;
    surplus[to] = (surplus[to] as number) + value;
    surplus[from] = (surplus[from] as number) - value;
  };
  for (const { vertex, count } of lost) {
    surplus[vertex] = (surplus[vertex] as number) - count;
    surplus[EXIT] = (surplus[EXIT] as number) + count;
  }
  edges.forEach(({ from, to }, i) => {
    const counter = counters[i] as number;
    if (counter >= 0) known(i, read(counter));
    else if (entries !== null && edges[i]?.place === 'entry') known(i, entries);
    else {
      for (const v of [from, to]) {
        (touching[v] as number[]).push(i);
        unknown[v] = (unknown[v] as number) + 1;
      }
    }
  });
  const done = new Uint8Array(edges.length);
  const leaves = [...unknown.keys()].filter((v) => unknown[v] === 1);
  for (let v = leaves.pop(); v !== undefined; v = leaves.pop()) {
    const i = (touching[v] as number[]).find((e) => !done[e]);
    if (i === undefined) continue;
    done[i] = 1;
    const { from, to } = edges[i] as Edge;
    known(i, from === v ? (surplus[v] as number) : 0 - (surplus[v] as number));
    for (const end of [from, to]) {
      unknown[end] = (unknown[end] as number) - 1;
      if (unknown[end] === 1) leaves.push(end);
    }
  }
  return values;
}

/** Arrivals at each vertex. */
export function vertexFlow({ edges, vertices }: FlowGraph, values: readonly number[]): number[] {
  const flow = new Array<number>(vertices).fill(0);
  edges.forEach(({ to }, i) => {
    flow[to] = (flow[to] as number) + (values[i] as number);
  });
  return flow;
}
