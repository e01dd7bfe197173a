/**
 * Which ways control went, so far: what compiled fragments contain, and what the interpreter has counted. A region is
 * made of these ways only.
 */
import type { FuncCode } from '../machine/code-map.ts';
import type { Machine } from '../machine/machine.ts';
import { arrivalsByAddress, walkFlow } from '../profile/flow.ts';

/** A way belongs to a region when at least one of so many executions took it. */
const RARE = 512;

/** What the forming of a region asks. */
export interface Ways {
  /** Executions of the instruction at `pc`. */
  executions(pc: number): number;
  /** True where the way from `pc` to `next`, taken so often, belongs to the region. */
  covered(pc: number, next: number, count: number): boolean;
  /** Where control is known to have gone from `pc`. */
  successors(pc: number): readonly number[];
}

export class EdgeProfile implements Ways {
  private readonly machine: Machine;
  /** Successors by address, from recorded traces. */
  private readonly recorded = new Map<number, Set<number>>();
  /** Executions in the interpreter by address, of the functions looked at since `refresh`. */
  private flows = new Map<number, number>();
  private seen = new Set<FuncCode>();
  private injected: ReadonlyMap<number, number> | null = null;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Notes the ways of a recorded trace. */
  note(pcs: readonly number[], end: number): void {
    pcs.forEach((pc, i) => {
      const next = pcs[i + 1] ?? end;
      const set = this.recorded.get(pc);
      if (set) set.add(next);
      else this.recorded.set(pc, new Set([next]));
    });
  }

  /** Counts are read anew from here on. */
  refresh(): void {
    this.flows = new Map();
    this.seen = new Set();
    this.injected = null;
  }

  /** Executions of the instruction at `pc` in the interpreter. */
  executions(pc: number): number {
    const at = this.machine.map.at(pc);
    if (!at) return 0;
    if (!this.seen.has(at.code)) {
      this.seen.add(at.code);
      this.injected ??= arrivalsByAddress(this.machine);
      walkFlow(this.machine, at.code, this.injected, (address, _arm, flow) => this.flows.set(address, flow));
    }
    return this.flows.get(pc) ?? 0;
  }

  /** True where a trace went from `pc` to `next`, or `count` of the interpreter's executions of `pc` did. */
  covered(pc: number, next: number, count: number): boolean {
    if (this.recorded.get(pc)?.has(next)) return true;
    return count > 0 && count * RARE >= this.executions(pc);
  }

  /** Where traces went from `pc`. */
  successors(pc: number): readonly number[] {
    return [...(this.recorded.get(pc) ?? [])];
  }
}
