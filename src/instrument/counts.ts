/**
 * What a guest did, exactly: executions of functions, instructions, loops and branches, computed from the counters of an
 * instrumented module. Graphs are built again for functions that ran, so nothing is kept for those that did not.
 */
import type { WasmModule } from '../wasm/module.ts';
import { planCounters, solveFlow, vertexFlow } from './counters.ts';
import type { CallSite } from './entries.ts';
import { EXIT, type FlowGraph, flowGraph, hasHandlers } from './graph.ts';
import type { InstrumentedModule } from './instrument.ts';
import { recursiveEntries } from './recursion.ts';

export interface FunctionCounts {
  readonly func: number;
  readonly entries: number;
  /** Guest instructions completed. */
  readonly instructions: number;
  /** Byte offset of each reachable instruction, and how often it was completed; ascending. */
  readonly offsets: readonly number[];
  readonly completed: readonly number[];
  readonly loops: readonly LoopCounts[];
  readonly branches: readonly BranchCounts[];
  /** Calls `visit` for each two instructions that can follow each other in one activation, with how often they did. */
  pairs(visit: (first: number, second: number, count: number) => void): void;
}

export interface LoopCounts {
  readonly func: number;
  readonly offset: number;
  /** Arrivals at the head, and those of them from above. */
  readonly heads: number;
  readonly entries: number;
}

export interface BranchCounts {
  readonly func: number;
  readonly offset: number;
  readonly op: string;
  /** Executions by outcome: taken, not taken; then, else; targets of br_table in order, the default last. */
  readonly outcomes: readonly number[];
}

/** Frames of a function that were left at an instruction, by its byte offset. */
export type LostFrames = ReadonlyMap<number, number>;

export class Counts {
  readonly module: WasmModule;
  private readonly code: InstrumentedModule;
  private readonly values: BigUint64Array;
  private readonly lost: ReadonlyMap<number, LostFrames>;
  private readonly notBegun: ReadonlyMap<number, number>;
  private readonly handlers: boolean;
  private readonly known = new Map<number, FunctionCounts | null>();

  /**
   * `lost`: frames that a trap or a host's exception ended, by function. `notBegun`: calls of a function that found no room
   * on the stack.
   */
  constructor(
    code: InstrumentedModule,
    memory: WebAssembly.Memory,
    lost: ReadonlyMap<number, LostFrames>,
    notBegun: ReadonlyMap<number, number>,
  ) {
    this.code = code;
    this.notBegun = notBegun;
    this.module = code.module;
    // A copy: the guest may go on.
    this.values = new BigUint64Array(memory.buffer.slice(0, 8 * code.counters));
    this.lost = lost;
    this.handlers = hasHandlers(code.module);
  }

  /** All functions that were entered, by index. */
  functions(): FunctionCounts[] {
    return this.module.code.flatMap((_, i) => this.of(this.module.importedFunctions + i) ?? []);
  }

  /** Counts of a function; null where it was never entered. */
  of(func: number): FunctionCounts | null {
    let counts = this.known.get(func);
    if (counts === undefined) {
      counts = this.compute(func);
      this.known.set(func, counts);
    }
    return counts;
  }

  private compute(func: number): FunctionCounts | null {
    const { code, module, values } = this;
    const i = func - module.importedFunctions;
    const first = code.functions[i]?.first as number;
    const next = code.functions[i + 1]?.first ?? code.counters;
    const derived = code.derived.has(func);
    const still = !this.lost.has(func) && values.subarray(first, next).every((n) => n === 0n);
    if (still && !derived) return null;
    const sites = derived ? (code.sites.get(func) ?? []) : [];
    const from = this.callsFrom(func, sites);
    if (still && derived && from === 0) return null;
    const graph = flowGraph(module, func, this.handlers);
    const plan = planCounters(graph, derived);
    const frames = this.framesOf(graph, this.lost.get(func));
    const read = (c: number) => Number(values[first + c]);
    const own = sites.filter((s) => s.caller === func);
    const entries = !derived
      ? null
      : own.length === 0
        ? from
        : recursiveEntries(graph, plan, own, from, read, frames, lostBefore(graph, own, frames));
    const flow = solveFlow(graph, plan, read, frames, entries);
    return functionCounts(graph, flow, vertexFlow(graph, flow), frames);
  }

  /** Calls that other functions made at these places. */
  private callsFrom(func: number, sites: readonly CallSite[]): number {
    let calls = -(this.notBegun.get(func) ?? 0);
    for (const { caller, offset } of sites) {
      if (caller === func) continue;
      const counts = this.of(caller);
      const at = counts ? indexOf(counts.offsets, offset) : -1;
      if (at >= 0) calls += counts?.completed[at] as number;
    }
    return calls;
  }

  /** Lost frames that the graph does not see: those at calls and traps in the middle of a line. */
  private framesOf(graph: FlowGraph, lost: LostFrames | undefined): LostFrame[] {
    if (!lost) return [];
    const list: LostFrame[] = [];
    for (const [offset, count] of lost) {
      const at = graph.offsets.indexOf(offset);
      const call = isCall(this.module.bytes[offset] as number);
      // `unreachable` is no vertex's instruction; with handlers, calls have an edge into the air.
      if (at < 0 || (call && graph.handlers)) continue;
      list.push({ vertex: graph.vertexOf[at] as number, count, offset, completed: call });
    }
    return list;
  }
}

interface LostFrame {
  readonly vertex: number;
  readonly count: number;
  readonly offset: number;
  /** The instruction itself was completed: a call has been made. */
  readonly completed: boolean;
}

/** Place of a number in a rising list, or -1. */
function indexOf(list: readonly number[], n: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((list[mid] as number) < n) low = mid + 1;
    else high = mid;
  }
  return list[low] === n ? low : -1;
}

/** Calls at these places that were not made, since frames had left their lines before. */
function lostBefore(graph: FlowGraph, sites: readonly CallSite[], lost: readonly LostFrame[]): number {
  let n = 0;
  for (const { offset } of sites) {
    const vertex = graph.vertexOf[graph.offsets.indexOf(offset)];
    for (const f of lost) if (f.vertex === vertex && f.offset < offset) n += f.count;
  }
  return n;
}

/** First bytes of calls: call, call_indirect, call_ref and their tail forms. */
function isCall(code: number): boolean {
  return code >= 0x10 && code <= 0x15;
}

function functionCounts(
  graph: FlowGraph,
  flow: readonly number[],
  arrivals: readonly number[],
  lost: readonly LostFrame[],
): FunctionCounts {
  const { func, edges } = graph;
  const offsets: number[] = [];
  const completed: number[] = [];
  let instructions = 0;
  graph.offsets.forEach((offset, i) => {
    const vertex = graph.vertexOf[i] as number;
    let n = arrivals[vertex] as number;
    for (const frame of lost) {
      if (frame.vertex === vertex && (frame.completed ? frame.offset < offset : frame.offset <= offset))
        n -= frame.count;
    }
    instructions += n;
    // Both ways into an `else` are one instruction.
    if (offsets.at(-1) === offset) completed[completed.length - 1] = (completed.at(-1) as number) + n;
    else {
      offsets.push(offset);
      completed.push(n);
    }
  });
  const of = (edge: number) => flow[edge] as number;
  return {
    func,
    entries: of(edges.findIndex((e) => e.from === EXIT)),
    instructions,
    offsets,
    completed,
    loops: graph.loops.map((l) => ({
      func,
      offset: l.offset,
      heads: arrivals[l.head] as number,
      entries: of(l.enter),
    })),
    branches: graph.branches.map((b) => ({ func, offset: b.offset, op: b.op, outcomes: b.edges.map(of) })),
    pairs: (visit) => visitPairs(graph, flow, arrivals, lost, visit),
  };
}

function visitPairs(
  graph: FlowGraph,
  flow: readonly number[],
  arrivals: readonly number[],
  lost: readonly LostFrame[],
  visit: (first: number, second: number, count: number) => void,
): void {
  const { edges, vertices, offsets, vertexOf } = graph;
  const first = new Int32Array(vertices).fill(-1);
  const last = new Int32Array(vertices).fill(-1);
  offsets.forEach((offset, i) => {
    const v = vertexOf[i] as number;
    if (first[v] === -1) first[v] = offset;
    else {
      let n = arrivals[v] as number;
      for (const f of lost) if (f.vertex === v && (f.completed ? f.offset < offset : f.offset <= offset)) n -= f.count;
      visit(last[v] as number, offset, n);
    }
    last[v] = offset;
  });
  const heads = new Set(graph.loops.map((l) => l.head));
  const into: number[] = new Array<number>(vertices).fill(-1);
  const out: number[] = new Array<number>(vertices).fill(-1);
  edges.forEach(({ from, to }) => {
    into[to] = from;
    out[from] = to;
  });
  /** Last instruction on the way to the end of a vertex; one without instructions has one way in. */
  const lastOf = (v: number): number => {
    let at = v;
    while (at > EXIT && last[at] === -1 && !heads.has(at)) at = into[at] as number;
    return last[at] as number;
  };
  edges.forEach((e, i) => {
    // What comes behind a loop's head is reached by the ways to the head.
    if (heads.has(e.from) || e.from === EXIT) return;
    const to = heads.has(e.to) ? (out[e.to] as number) : e.to;
    const [a, b] = [lastOf(e.from), first[to] as number];
    if (a >= 0 && b >= 0) visit(a, b, flow[i] as number);
  });
}
