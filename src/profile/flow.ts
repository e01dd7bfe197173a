/**
 * Exact execution counts from few counters, by conservation of flow.
 *
 * In the interpreter, function entries, loop heads, taken branches and br_table targets are counted; what falls through
 * and what jumps forward follows in one pass over the code. In a fragment, each exit and the arrivals at its loop head
 * are counted; a step of the trace was executed once for each completed trip and for each exit behind it.
 */
import type { Fragment } from '../cache/fragment.ts';
import { HEAD } from '../machine/arms/control.ts';
import { META } from '../machine/code-buffer.ts';
import type { FuncCode } from '../machine/code-map.ts';
import { EXIT, FRAGMENT } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';

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
  // Where fragments hand control to the interpreter.
  const injected = new Map<number, number>();
  for (const f of machine.cache.all) {
    for (const exit of f.exits) {
      if (!exit.live) continue;
      const n = arrivals(machine, exit);
      if (n > 0) injected.set(exit.snap.pc, (injected.get(exit.snap.pc) ?? 0) + n);
    }
  }
  for (const code of machine.map.all()) interpreterFlow(machine, code, injected, of(code.func), counts.heads);
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

/** Executions of each step of a fragment's trace. */
export function stepCounts(machine: Machine, f: Fragment): number[] {
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

function interpreterFlow(
  machine: Machine,
  code: FuncCode,
  injected: ReadonlyMap<number, number>,
  own: FunctionCounts,
  heads: Map<number, number>,
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
    switch (arm.kind) {
      case 'head':
      case 'enter': {
        flow = machine.heads.count(pc);
        own.interpreted += flow * n(HEAD.n);
        if (arm.kind === 'enter') own.entries += flow;
        else heads.set(pc, (heads.get(pc) ?? 0) + flow);
        break;
      }
      case 'branch': {
        const t = arm.target as number;
        const taken = memory.count(pc + 4 * (t + 2));
        own.interpreted += taken * n(t + 1);
        arrive(n(t), taken);
        flow -= taken;
        break;
      }
      case 'jump':
        own.interpreted += flow * n(2);
        arrive(n(1), flow);
        flow = 0;
        break;
      case 'table':
        for (let i = 0; i <= n(2); i++) {
          const at = pc + 12 + 16 * i;
          const taken = memory.count(at + 8);
          own.interpreted += taken * memory.word(at + 4);
          arrive(memory.word(at), taken);
        }
        flow = 0;
        break;
      case 'call':
      case 'indirect':
      case 'host':
        own.interpreted += flow * n(1);
        break;
      case 'return':
        own.interpreted += flow * n(1);
        flow = 0;
        break;
      case 'stop':
        flow = 0;
        break;
    }
  }
}
