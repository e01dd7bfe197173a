/**
 * Exact execution counts from few counters, by conservation of flow.
 *
 * In the interpreter, function entries, loop heads, taken branches and br_table targets are counted; what falls through
 * and what jumps forward follows in one pass over the code. In a fragment, each exit and the arrivals at its loop head
 * are counted; a step of the trace was executed once for each completed trip and for each exit behind it.
 */
import type { Fragment, RegionCode } from '../cache/fragment.ts';
import type { Arm, ArmKind } from '../machine/arm.ts';
import { HEAD } from '../machine/arms/control.ts';
import { PAD } from '../machine/arms/exception.ts';
import { META } from '../machine/code-buffer.ts';
import type { FuncCode } from '../machine/code-map.ts';
import { lastFrames } from '../machine/frames.ts';
import { CTL, EXIT, FRAGMENT, STATE } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import type { GraphBlock } from '../region/graph.ts';

/** Counts of one function. */
export interface FunctionCounts {
  entries: number;
  /** Guest instructions completed, interpreted and in fragments. */
  interpreted: number;
  inFragments: number;
}

export interface FlowCounts {
  functions: Map<number, FunctionCounts>;
  /** Executions by address of the loop head. */
  heads: Map<number, number>;
  /** Guest instructions by fragment id. */
  fragments: Map<number, number>;
}

/** Times that an exit led back to the interpreter. */
function arrivals(machine: Machine, exit: Fragment['exits'][number]): number {
  const count = machine.memory.count(exit.record + EXIT.count);
  return count - exit.viaLink - (exit.link ? count - exit.linkedAt : 0);
}

/** Exits behind which nobody goes on at their own place. */
const SILENT = new Set<string>(['call', 'thrown']);

/** Where fragments hand control to the interpreter, and how often they did. */
export function arrivalsByAddress(machine: Machine): Map<number, number> {
  const injected = new Map<number, number>();
  const inject = (pc: number, n: number) => {
    if (n !== 0) injected.set(pc, (injected.get(pc) ?? 0) + n);
  };
  for (const f of machine.cache.all) {
    for (const exit of f.exits) {
      const left = exit.live ? machine.memory.count(exit.record + EXIT.count) : 0;
      if (left === 0) continue;
      if (!SILENT.has(exit.snap.reason) && exit.snap.ret === undefined) inject(exit.snap.pc, arrivals(machine, exit));
      // Frames that the fragment has entered return to the interpreter.
      for (let i = 0; i < exit.places.length - 1; i++) {
        const call = exit.places[i] as number;
        inject(call + 4 * machine.arms.at(machine.memory.word(call)).words, left);
      }
    }
    if (!f.region) returnsBeyond(machine, f, (pc, n) => inject(pc, -n));
  }
  return injected;
}

/**
 * Linear traces may return out of the frame that they began in: then its caller does not go on in the interpreter. One
 * that closes with frames that it has entered hands them to its next iteration, which will return out of them.
 */
function returnsBeyond(machine: Machine, f: Fragment, visit: (pc: number, n: number) => void): void {
  const armAt = (pc: number) => machine.arms.at(machine.memory.word(pc));
  const executed = traceSteps(machine, f);
  const entered: number[] = [];
  f.pcs.forEach((pc, k) => {
    const next = f.pcs[k + 1] ?? endOf(f);
    const arm = armAt(pc);
    switch (arm.kind) {
      case 'call':
      case 'indirect':
        if (next !== null && armAt(next).kind === 'enter') entered.push(pc + 4 * arm.words);
        break;
      case 'return':
        if (entered.pop() === undefined && next !== null) visit(next, executed[k] as number);
    }
  });
  if (f.loops) for (const ret of entered) visit(ret, -(executed.at(-1) as number));
}

/** Where control is behind the last step of a trace; null where that is for the caller on the host's stack to say. */
function endOf(f: Fragment): number | null {
  if (f.loops) return f.pc;
  const snap = f.exits.find((exit) => exit.step === f.pcs.length && exit.snap.reason !== 'thrown')?.snap;
  return snap && snap.ret === undefined ? snap.pc : null;
}

/** Instructions that are counted before they do what may leave the frame; others are counted when they are over. */
const COUNTED_FIRST: ReadonlySet<ArmKind> = new Set(['call', 'indirect', 'host', 'tail', 'tail-indirect', 'throw']);

/** Frames that are open, or were so at a trap, which nothing tells: how many are at a place, by address. */
function openPlaces(machine: Machine): Map<number, number> {
  const places = new Map<number, number>();
  if (machine.memory.word(CTL.state) === STATE.idle) return places;
  for (const { pc } of lastFrames(machine)) places.set(pc, (places.get(pc) ?? 0) + 1);
  return places;
}

export function countFlow(machine: Machine): FlowCounts {
  const counts: FlowCounts = { functions: new Map(), heads: new Map(), fragments: new Map() };
  const of = (func: number) => {
    let c = counts.functions.get(func);
    if (!c) {
      c = { entries: 0, interpreted: 0, inFragments: 0 };
      counts.functions.set(func, c);
    }
    return c;
  };
  const injected = arrivalsByAddress(machine);
  const open = openPlaces(machine);
  for (const code of machine.map.all()) interpreterFlow(machine, code, injected, open, of(code.func), counts.heads);
  for (const f of machine.cache.all) {
    let total = 0;
    const executed = stepCounts(machine, f);
    executed.forEach((n, k) => {
      const pc = f.pcs[k] as number;
      const at = machine.map.at(pc);
      if (!at || n === 0) return;
      const c = of(at.code.func);
      const instructions = n * (f.stepIcounts[k] ?? 0);
      c.inFragments += instructions;
      total += instructions;
      const kind = machine.arms.at(machine.memory.word(pc)).kind;
      if (kind === 'enter') c.entries += n;
      if (kind === 'head') counts.heads.set(pc, (counts.heads.get(pc) ?? 0) + n);
    });
    counts.fragments.set(f.id, total);
  }
  return counts;
}

/** Guest instructions completed in all fragments. */
export function fragmentInstructions(machine: Machine): number {
  let total = 0;
  for (const f of machine.cache.all) {
    stepCounts(machine, f).forEach((n, k) => {
      total += n * (f.stepIcounts[k] ?? 0);
    });
  }
  return total;
}

/** Arrivals at the loop heads of a fragment that did not leave it there: trips that were begun, of all its loops. */
export function tripsBegun(machine: Machine, f: Fragment): number {
  if (!f.region) return machine.memory.count(f.record + FRAGMENT.iterations);
  const steps = stepCounts(machine, f);
  const { graph, first } = f.region;
  return graph.blocks.reduce((sum, b) => sum + (b.header ? (steps[first.get(b.id) as number] as number) : 0), 0);
}

/** Executions of each step of a fragment. */
export function stepCounts(machine: Machine, f: Fragment): number[] {
  return f.region ? regionSteps(machine, f, f.region) : traceSteps(machine, f);
}

function traceSteps(machine: Machine, f: Fragment): number[] {
  const { memory } = machine;
  const steps = f.pcs.length;
  // left[k]: exits taken at step k, that is, before it was completed.
  const left = new Array<number>(steps + 1).fill(0);
  let inBody = 0;
  for (const exit of f.exits) {
    if (!exit.live) continue;
    const n = memory.count(exit.record + EXIT.count);
    left[exit.step] = (left[exit.step] as number) + n;
    if (exit.inLoop && exit.snap.reason !== 'loop') inBody += n;
  }
  const completed = f.loops ? memory.count(f.record + FRAGMENT.iterations) - inBody : 0;
  const executed = new Array<number>(steps).fill(0);
  let behind = left[steps] as number;
  for (let k = steps - 1; k >= 0; k--) {
    executed[k] = completed + behind;
    behind += left[k] as number;
  }
  return executed;
}

/** Each step of a block is executed as often as the block, less the exits before it. */
function regionSteps(machine: Machine, f: Fragment, { graph, first, counters }: RegionCode): number[] {
  const { memory } = machine;
  // Exits before and behind each step.
  const left = new Array<number>(f.pcs.length).fill(0);
  const leftBehind = new Array<number>(f.pcs.length).fill(0);
  for (const exit of f.exits) {
    if (!exit.live || exit.step < 0) continue;
    const list = exit.behind ? leftBehind : left;
    list[exit.step] = (list[exit.step] as number) + memory.count(exit.record + EXIT.count);
  }
  const span = (b: GraphBlock): [number, number] => {
    const from = first.get(b.id) as number;
    return [from, from + b.steps.length + (b.via === 0 ? 0 : 1)];
  };
  const sum = (a: number, n: number) => a + n;
  const exits = (b: GraphBlock) => leftBehind.slice(...span(b)).reduce(sum, left.slice(...span(b)).reduce(sum, 0));
  const known = new Map<GraphBlock, number>();
  const executions = (b: GraphBlock): number => {
    let n = known.get(b);
    if (n !== undefined) return n;
    if (b.count.kind === 'counter') n = memory.count(counters + 8 * b.count.index);
    else if (b.count.kind === 'succs') n = b.succs.reduce((a, s) => a + executions(s), exits(b));
    else n = b.preds.reduce((a, p) => a + executions(p) - exits(p), 0);
    known.set(b, n);
    return n;
  };
  const out = new Array<number>(f.pcs.length).fill(0);
  for (const b of graph.blocks) {
    let n = executions(b);
    const [from, to] = span(b);
    for (let k = from; k < to; k++) {
      n -= left[k] as number;
      out[k] = n;
      n -= leftBehind[k] as number;
    }
  }
  return out;
}

function interpreterFlow(
  machine: Machine,
  code: FuncCode,
  injected: ReadonlyMap<number, number>,
  open: ReadonlyMap<number, number>,
  own: FunctionCounts,
  heads: Map<number, number>,
): void {
  const { memory } = machine;
  const visit = (pc: number, arm: Arm, flow: number) => {
    const n = (i: number) => memory.word(pc + 4 * i);
    switch (arm.kind) {
      case 'head':
      case 'enter':
        own.interpreted += flow * n(HEAD.n);
        if (arm.kind === 'enter') own.entries += flow;
        else heads.set(pc, (heads.get(pc) ?? 0) + flow);
        break;
      case 'branch': {
        const t = arm.target as number;
        own.interpreted += memory.count(pc + 4 * (t + 2)) * n(t + 1);
        break;
      }
      case 'jump':
        own.interpreted += flow * n(2);
        break;
      case 'table':
        for (let i = 0; i <= n(2); i++) own.interpreted += memory.count(pc + 20 + 16 * i) * n(4 + 4 * i);
        break;
      case 'pad':
        for (let at = PAD.first; at < arm.words; at += PAD.clause)
          own.interpreted += memory.count(pc + 4 * (at + PAD.count)) * n(at + PAD.n);
        break;
      case 'call':
      case 'indirect':
      case 'host':
      case 'tail':
      case 'tail-indirect':
      case 'throw':
      case 'return':
        own.interpreted += flow * n(1);
        break;
    }
  };
  walkFlow(machine, code, injected, visit, open);
}

/** Calls `visit` with the interpreter's executions of each instruction of a function, in the order of addresses. */
export function walkFlow(
  machine: Machine,
  code: FuncCode,
  injected: ReadonlyMap<number, number>,
  visit: (pc: number, arm: Arm, flow: number) => void,
  open: ReadonlyMap<number, number> | null = null,
): void {
  const { memory, arms } = machine;
  const incoming = new Map<number, number>();
  const arrive = (pc: number, n: number) => incoming.set(pc, (incoming.get(pc) ?? 0) + n);
  let flow = 0;
  for (let row = 0; row < code.meta.length; row += META.size) {
    const pc = code.base + 4 * (code.meta[row] as number);
    flow += (incoming.get(pc) ?? 0) + (injected.get(pc) ?? 0);
    const arm = arms.at(memory.word(pc));
    const n = (i: number) => memory.word(pc + 4 * i);
    if (arm.kind === 'head' || arm.kind === 'enter') flow = machine.heads.count(pc);
    const left = (machine.lost.get(pc) ?? 0) + (open?.get(pc) ?? 0);
    const first = COUNTED_FIRST.has(arm.kind);
    if (!first) flow -= left;
    visit(pc, arm, flow);
    if (first) flow -= left;
    switch (arm.kind) {
      case 'branch': {
        const t = arm.target as number;
        const taken = memory.count(pc + 4 * (t + 2));
        arrive(n(t), taken);
        flow -= taken;
        break;
      }
      case 'jump':
        arrive(n(1), flow);
        flow = 0;
        break;
      case 'pad':
        for (let at = PAD.first; at < arm.words; at += PAD.clause)
          arrive(n(at + PAD.target), memory.count(pc + 4 * (at + PAD.count)));
        flow = 0;
        break;
      case 'table':
        for (let i = 0; i <= n(2); i++) arrive(n(3 + 4 * i), memory.count(pc + 20 + 16 * i));
        flow = 0;
        break;
      case 'return':
      case 'tail':
      case 'tail-indirect':
      case 'throw':
      case 'stop':
        flow = 0;
        break;
    }
  }
}
