/** A function body in the making: its code, locals, labels in scope, and how much it may still grow and cost. */
import { CodeWriter } from '../../src/wasm/code.ts';
import type { ValType } from '../../src/wasm/row.ts';
import type { FuncPlan, Plan } from './plan.ts';
import type { Source } from './source.ts';

/** A label that branches may use; null in the list stands for one that only its own construct may use. */
export interface Label {
  types: readonly ValType[];
}

export class Body {
  readonly plan: Plan;
  readonly func: FuncPlan;
  readonly source: Source;
  readonly code = new CodeWriter();
  /** Parameters first. */
  readonly locals: ValType[];
  /** Locals that statements leave alone: loop counters, recursion depth, scratch. */
  readonly reserved = new Set<number>();
  /** i32 loop counters in scope, for addresses. */
  readonly counters: number[] = [];
  readonly labels: (Label | null)[] = [];
  /** Executions of the current place for one call. */
  trips = 1;
  cost = 0;
  room: number;
  selfCalls = 0;
  private readonly scratches = new Map<ValType, number>();

  constructor(plan: Plan, func: FuncPlan, source: Source) {
    this.plan = plan;
    this.func = func;
    this.source = source;
    this.locals = [...func.params];
    this.room = plan.size.nodes;
    if (func.recursive) this.reserved.add(0);
  }

  op(name: string, ...imms: unknown[]): this {
    this.code.op(name, ...imms);
    this.cost += this.trips;
    return this;
  }

  addLocal(type: ValType, reserved: boolean): number {
    const index = this.locals.push(type) - 1;
    if (reserved) this.reserved.add(index);
    return index;
  }

  /** A reserved local for values that live for a few instructions. */
  scratch(type: ValType): number {
    let local = this.scratches.get(type);
    if (local === undefined) this.scratches.set(type, (local = this.addLocal(type, true)));
    return local;
  }

  /** Locals of the type that may be read or, with `assign`, written. */
  localsOf(type: ValType, assign: boolean): number[] {
    const found: number[] = [];
    const scratch = new Set(this.scratches.values());
    this.locals.forEach((t, i) => {
      if (t === type && !scratch.has(i) && !(assign && this.reserved.has(i))) found.push(i);
    });
    return found;
  }

  /** A local of the type to assign to; made when there is none. */
  target(type: ValType): number {
    const known = this.localsOf(type, true);
    if (known.length > 0 && !(known.length < 3 && this.source.chance(20))) return this.source.pick(known);
    return this.addLocal(type, false);
  }

  /** Writes `name` with its block type, the inside with the label in scope, and `end`. */
  construct(name: 'block' | 'loop' | 'if', type: unknown, label: Label | null, inside: () => void): void {
    this.op(name, type);
    this.labels.push(label);
    inside();
    this.labels.pop();
    this.code.op('end');
  }

  /** Depths of labels to which a branch may carry exactly these types. */
  branchTargets(types: readonly ValType[]): number[] {
    const key = types.join();
    return this.labels.flatMap((label, i) => (label?.types.join() === key ? [this.labels.length - 1 - i] : []));
  }

  /** Runs `inside` as code that is executed `times` times as often. */
  repeated(times: number, inside: () => void): void {
    const before = this.trips;
    this.trips *= times;
    inside();
    this.trips = before;
  }

  /** True when so many more instructions at this place stay within the limits. */
  affords(instructions: number): boolean {
    return this.cost + this.trips * instructions < this.plan.size.cost;
  }
}
