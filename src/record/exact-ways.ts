/**
 * Ways out of an exact profile: where control will go in the whole run, instead of where it went so far. The profile names
 * guest instructions, regions are made of threaded code, so each threaded branch is looked up by its guest offset.
 */
import { BR_TABLE } from '../machine/arms/control.ts';
import { FUNCS } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import type { ExactFunction, ExactModule } from '../profile/exact.ts';
import type { Ways } from '../region/edges.ts';

interface Known {
  entries: number;
  loops: ReadonlyMap<number, number>;
  branches: ReadonlyMap<number, { op: string; outcomes: readonly number[] }>;
  /** Callees and how often each is called, by the offset of an indirect call. */
  targets: ReadonlyMap<number, readonly (readonly [callee: number, calls: number])[]>;
}

function knownOf({ entries, loops, branches, targets }: ExactFunction): Known {
  const callees = new Map<number, [number, number][]>();
  for (const [at, callee, calls] of targets.toSorted((a, b) => b[2] - a[2])) {
    const list = callees.get(at);
    if (list) list.push([callee, calls]);
    else callees.set(at, [[callee, calls]]);
  }
  return {
    entries,
    loops: new Map(loops),
    branches: new Map(branches.map(([offset, op, outcomes]) => [offset, { op, outcomes }])),
    targets: callees,
  };
}

export class ExactWays implements Ways {
  private readonly machine: Machine;
  private readonly functions: ReadonlyMap<number, Known>;
  /** A way belongs to a region when at least one of so many executions takes it. */
  private readonly rare: number;

  constructor(machine: Machine, profile: ExactModule, rare: number) {
    this.machine = machine;
    this.functions = new Map(profile.functions.map((f) => [f.func, knownOf(f)]));
    this.rare = rare;
  }

  /** Functions that will be entered. */
  get executed(): Iterable<number> {
    return this.functions.keys();
  }

  /** Arrivals at a loop head or function entry in the whole run. */
  arrivals(pc: number): number {
    const at = this.machine.map.at(pc);
    const known = at && this.functions.get(at.code.func);
    if (!at || !known) return 0;
    return at.code.base === pc ? known.entries : (known.loops.get(this.loopAt(pc)) ?? 0);
  }

  /** Offset of the guest's `loop` whose head is at `pc`. */
  private loopAt(pc: number): number {
    const code = this.machine.map.at(pc)?.code;
    return code?.loops.find((l) => code.base + 4 * l.word === pc)?.offset ?? -1;
  }

  executions(pc: number): number {
    return [...this.outgoing(pc).values()].reduce((sum, n) => sum + n, 0);
  }

  covered(pc: number, next: number): boolean {
    const n = this.outgoing(pc).get(next) ?? 0;
    return n > 0 && n * this.rare >= this.executions(pc);
  }

  /** Of an indirect call the functions that are not rare, the most frequent first. */
  successors(pc: number): readonly number[] {
    const at = this.machine.map.at(pc);
    const callees = (at && this.functions.get(at.code.func)?.targets.get(at.offset)) ?? [];
    const all = callees.reduce((sum, [, calls]) => sum + calls, 0);
    return callees.flatMap(([callee, calls]) =>
      callee >= 0 && calls * this.rare >= all ? [this.machine.memory.word(FUNCS + 4 * callee)] : [],
    );
  }

  /** Executions by the address where control goes from the branch or table at `pc`. */
  outgoing(pc: number): ReadonlyMap<number, number> {
    const { arms, map, memory } = this.machine;
    const ways = new Map<number, number>();
    const at = map.at(pc);
    const branch = at && this.functions.get(at.code.func)?.branches.get(at.offset);
    if (!branch) return ways;
    const word = (i: number) => memory.word(pc + 4 * i);
    const add = (to: number, n: number | undefined) => ways.set(to, (ways.get(to) ?? 0) + (n ?? 0));
    const arm = arms.at(word(0));
    const { op, outcomes } = branch;
    if (arm.kind === 'branch') {
      // Code jumps over what belongs to the condition: the first arm of an `if`, and the values that a `br_if` moves.
      const behind = pc + 4 * arm.words;
      const over = op === 'if' || map.at(behind)?.offset === at.offset;
      add(word(arm.target as number), outcomes[over ? 1 : 0]);
      add(behind, outcomes[over ? 0 : 1]);
    } else if (arm.kind === 'table') {
      for (let i = 0; i <= word(2); i++) add(word(BR_TABLE.first + BR_TABLE.words * i), outcomes[i]);
    }
    return ways;
  }
}
