/**
 * Chooses the edges of a flow graph that are counted, writes the code that counts them, and computes all others.
 *
 * Edges that are not counted form a spanning tree of greatest weight, so the counted ones are as few as possible and
 * where control goes least (Knuth, Fundamental Algorithms 2.3.4.1; Ball and Larus, TOPLAS 1994). In loops that cannot be
 * left by a call, counters live in locals and are added to memory at the first places behind the loop: an addition to a
 * register instead of a read and a write each time around. What such a loop counted is lost where a trap ends it.
 */
import type { CodeWriter } from '../wasm/code.ts';
import { type Edge, EXIT, type FlowGraph } from './graph.ts';
import type { BodyPatch } from './patch.ts';

/** Where counters live: `local` as told above; `memory`: always there, so that also traps lose nothing. */
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

export function planCounters({ edges, vertices }: FlowGraph): CounterPlan {
  const counters = new Int32Array(edges.length).fill(-1);
  const weight = (e: Edge) => (e.place === 'none' ? Infinity : e.weight * COST[e.place]);
  const order = edges.map((_, i) => i).sort((a, b) => weight(edges[b] as Edge) - weight(edges[a] as Edge) || a - b);
  const sets = new Sets(vertices);
  const tables = new Set<number>();
  for (const i of order) {
    const e = edges[i] as Edge;
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

/**
 * Writes the counting code of a function. `address(i)` is where counter `i` of the plan lives in memory number `memory`;
 * counters of one br_table must follow each other.
 */
export function writeCounters(
  graph: FlowGraph,
  { counters }: CounterPlan,
  patch: BodyPatch,
  memory: number,
  address: (i: number) => number,
  home: CounterHome,
): void {
  const scratch = new Map<string, number>();
  const local = (name: string) => {
    let index = scratch.get(name);
    if (index === undefined) {
      index = patch.local('i32');
      scratch.set(name, index);
    }
    return index;
  };
  /** Local counters of each loop that has any. */
  const inLoop = new Map<number, { local: number; at: number }[]>();
  /** Adds the i64 that `value` puts on the stack. */
  const add = (w: CodeWriter, i: number, loop: number, value: (w: CodeWriter) => void): void => {
    const owner = home === 'local' ? quiet(graph, loop) : -1;
    if (owner < 0) {
      const at = address(i);
      w.op('i32.const', 0).op('i32.const', 0).op('i64.load', memory, at);
      value(w);
      w.op('i64.add').op('i64.store', memory, at);
      return;
    }
    const list = inLoop.get(owner) ?? [];
    inLoop.set(owner, list);
    const counter = { local: patch.local('i64'), at: address(i) };
    list.push(counter);
    w.op('local.get', counter.local);
    value(w);
    w.op('i64.add').op('local.set', counter.local);
  };
  const one = (w: CodeWriter) => w.op('i64.const', 1n);
  const tables = new Set<number>();
  const targets = new Map<number, number>();
  for (const e of graph.edges) if (e.place === 'table') targets.set(e.at, (targets.get(e.at) ?? 0) + 1);
  graph.edges.forEach((e, edge) => {
    const i = counters[edge] as number;
    if (i < 0) return;
    switch (e.place) {
      case 'entry':
        return add(patch.prologue, i, -1, one);
      case 'before':
        return add(patch.before(e.at), i, e.loop, one);
      case 'behind':
        return add(patch.behind(e.at), i, e.loop, one);
      case 'taken':
      case 'else': {
        const cond = local('condition');
        const w = patch.before(e.at).op('local.tee', cond);
        add(w, i, e.loop, () => {
          w.op('local.get', cond).op('i32.eqz');
          if (e.place === 'taken') w.op('i32.eqz');
          w.op('i64.extend_i32_u');
        });
        return;
      }
      case 'table': {
        if (tables.has(e.at)) return;
        tables.add(e.at);
        const last = (targets.get(e.at) as number) - 1;
        countTable(patch.before(e.at), local('index'), local('address'), last, memory, address(i));
      }
    }
  });
  for (const [loop, list] of inLoop) {
    for (const place of new Set(graph.loops[loop]?.exits)) {
      const w = place < 0 ? patch.epilogue : patch.behind(place);
      for (const counter of list) flush(w, counter.local, memory, counter.at);
    }
  }
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

function flush(w: CodeWriter, local: number, memory: number, at: number): void {
  w.op('i32.const', 0).op('i32.const', 0).op('i64.load', memory, at);
  w.op('local.get', local).op('i64.add').op('i64.store', memory, at);
  w.op('i64.const', 0n).op('local.set', local);
}

/** Counts by the index on the stack, which stays there; `last` is that of the default. */
function countTable(w: CodeWriter, index: number, address: number, last: number, memory: number, at: number): void {
  w.op('local.tee', index);
  w.op('local.get', index).op('i32.const', last).op('local.get', index).op('i32.const', last).op('i32.lt_u');
  w.op('select').op('i32.const', 3).op('i32.shl').op('local.tee', address);
  w.op('local.get', address).op('i64.load', memory, at).op('i64.const', 1n).op('i64.add');
  w.op('i64.store', memory, at);
}

/** A frame that was left inside a straight line: control came to `vertex` and did not leave it by an edge. */
export interface LostFlow {
  readonly vertex: number;
  readonly count: number;
}

/**
 * Executions of every edge from those of the counted ones. `read(i)` is the value of counter `i` of the plan.
 */
export function solveFlow(
  { edges, vertices }: FlowGraph,
  { counters }: CounterPlan,
  read: (i: number) => number,
  lost: readonly LostFlow[] = [],
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
    const i = (touching[v] as number[]).find((e) => !done[e] && (counters[e] as number) < 0);
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
