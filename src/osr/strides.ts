/**
 * Whether an innermost loop may become vectors: it steps through memory by the width of its accesses and does nothing else
 * but arithmetic, with few branches, none of which depends on what was read:
 *
 *     loop                                         ;; steps: i by 1, p by 4
 *       i32.store (p) (i32.load (b + i << 2))  ;; both addresses by 4, the width of the accesses
 *       br_if (i32.lt_u (i = i + 1) n)
 *
 * One iteration is executed on what is known of values, as if every branch fell through, with the callees inside.
 */
import type { BodyReader } from '../wasm/body.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { OpRow } from '../wasm/row.ts';

/** Branches in such a loop: back to the head, and out at the end. Guards do not count. */
const MOST_BRANCHES = 3;
/** Accesses to variables in memory, for each other access, of a loop whose variables are worth registers. */
const VARIABLES = 2;

/** An instruction, as far as it matters here. */
export interface Step {
  readonly name: string;
  readonly effect: string;
  readonly params: number;
  readonly results: number;
  /** Index of a local, global or function, bits of a constant, or what a load or store adds to its address. */
  readonly imm: number;
  /** Bytes that a load or store accesses. */
  readonly bytes: number;
  /** What a call executes; null where that is not to be looked through. */
  readonly callee: readonly Step[] | null;
}

/** What is known of a value in the loop. */
interface Value {
  /** How much it grows by iteration; null: not evenly. */
  readonly step: number | null;
  /** It depends on what was read in this iteration. */
  readonly loaded: boolean;
  /** It depends on what the iteration before has computed, other than by even steps. */
  readonly carried: boolean;
  /** The value of a constant. */
  readonly constant: number | null;
  /** The variable whose value at the beginning of the iteration it is, with so much added. */
  readonly base: Variable | null;
  readonly plus: number;
}

/**
 * What keeps a value: a local, by its index; a global (`g0`); or memory at a fixed address (`g0+-4`), where unoptimized
 * programs in C have their variables. That other accesses may reach those is left to the optimizer.
 */
type Variable = number | string;

const FIXED: Value = { step: 0, loaded: false, carried: false, constant: null, base: null, plus: 0 };
const UNKNOWN: Value = { ...FIXED, step: null };

/** Operations by which a loop may gather a value over its iterations. */
const GATHERS = /^i(32|64)\.(add|sub|and|or|xor|[lg][te]_[su])$|^select/;

/** A block or `if` that is open: height of the stack around it, and what its first arm left there. */
interface Construct {
  readonly height: number;
  readonly results: number;
  first: readonly Value[] | null;
}

/** What does nothing where every branch falls through. */
const NO_EFFECT: ReadonlySet<string> = new Set(['return', 'nop']);

/** Why an iteration ends early: the loop does not suit. */
class Unsuited extends Error {}

class Iteration {
  /** What each variable that is written grows by; not there: not written. Null: that is what is to be found out. */
  private readonly steps: ReadonlyMap<Variable, number | null> | null;
  /** Whether the loop is to become vectors; else it is enough that its variables may live in registers. */
  private readonly vectors: boolean;
  private readonly memory = new Map<string, Value>();
  private branches = 0;
  private strides = 0;
  /** Accesses to variables in memory, those of them that write, and all others. */
  private readonly accesses = { variables: 0, writes: 0, others: 0 };

  constructor(steps: ReadonlyMap<Variable, number | null> | null, vectors: boolean) {
    this.steps = steps;
    this.vectors = vectors;
  }

  /** Some access steps by its width, and there are few branches; or most accesses are to variables. */
  get suits(): boolean {
    const { variables, writes, others } = this.accesses;
    const enough = this.vectors ? this.strides > 0 : writes > 0 && variables >= VARIABLES * others;
    return enough && (!this.vectors || this.branches <= MOST_BRANCHES);
  }

  /** Executes the loop's own instructions; gives what its variables hold in the end. */
  run(body: readonly Step[]): Map<Variable, Value> {
    const locals = new Map<Variable, Value>();
    this.execute(body, [], locals, (variable) => this.initial(variable));
    for (const [place, value] of this.memory) locals.set(place, value);
    return locals;
  }

  /** What a variable holds in the beginning. */
  private initial(variable: Variable): Value {
    if (!this.steps) return { ...UNKNOWN, base: variable };
    const step = this.steps.get(variable);
    return { ...FIXED, step: step === undefined ? 0 : step, carried: step === null, base: variable };
  }

  /** `initial`: what locals hold that were not written yet. */
  private execute(
    body: readonly Step[],
    stack: Value[],
    locals: Map<Variable, Value>,
    initial: (local: number) => Value,
  ): void {
    const pop = () => stack.pop() ?? UNKNOWN;
    const open: Construct[] = [];
    for (const step of body) {
      const { name, effect, params, results, imm, bytes } = step;
      if (name === 'local.get') stack.push(locals.get(imm) ?? initial(imm));
      else if (name === 'local.set') locals.set(imm, pop());
      else if (name === 'local.tee') locals.set(imm, stack.at(-1) ?? UNKNOWN);
      else if (name === 'global.get') stack.push({ ...FIXED, base: `g${imm}` });
      else if (name === 'i32.const') stack.push({ ...FIXED, constant: imm });
      else if (name.endsWith('.const')) stack.push(FIXED);
      else if (name === 'br_if' || name === 'if' || name === 'guard') {
        if (name !== 'guard') this.branches++;
        const condition = pop();
        if (this.vectors && (condition.loaded || condition.carried)) this.refuse();
        if (name === 'if') open.push({ height: stack.length, results, first: null });
      } else if (name === 'block') open.push({ height: stack.length, results, first: null });
      else if (name === 'else' || name === 'end') {
        const construct = open.at(-1);
        if (!construct) throw new Unsuited();
        const values = construct.results > 0 ? stack.slice(-construct.results) : [];
        stack.length = construct.height;
        if (name === 'else') construct.first = values;
        else {
          const { first } = open.pop() as Construct;
          stack.push(...values.map((v, i) => (first ? either(v, first[i] ?? UNKNOWN) : v)));
        }
      } else if (name === 'br') this.branches++;
      else if (name === 'drop') pop();
      else if (name === 'call' && step.callee) this.call(step.callee, params, results, stack);
      else if (effect === 'load' || effect === 'store' || this.computes(effect)) {
        const args = Array.from({ length: params }, pop).reverse();
        if (this.computes(effect)) stack.push(this.computed(name, args));
        else {
          const read = this.access(args, bytes, imm);
          if (effect === 'load') stack.push(read);
        }
      } else if (!NO_EFFECT.has(name)) throw new Unsuited();
    }
  }

  /** A call is what the callee executes, with the arguments as its first locals; all others are 0. */
  private call(callee: readonly Step[], params: number, results: number, stack: Value[]): void {
    const args = Array.from({ length: params }, () => stack.pop() ?? UNKNOWN).reverse();
    const own: Value[] = [];
    this.execute(callee, own, new Map<Variable, Value>(args.entries()), () => ({ ...FIXED, constant: 0 }));
    for (let i = results; i > 0; i--) stack.push(own.at(-i) ?? UNKNOWN);
  }

  /** What a load reads; `plus` is added to the address. At a fixed address that is what was written there last. */
  private access([address = UNKNOWN, value]: readonly Value[], bytes: number, plus: number): Value {
    const { base, step } = address;
    if (base !== null && (step === 0 || !this.steps)) {
      const place = `${base}+${address.plus + plus}`;
      this.accesses.variables++;
      if (!value) return this.memory.get(place) ?? this.initial(place);
      this.accesses.writes++;
      this.memory.set(place, value);
      return value;
    }
    this.accesses.others++;
    if (step === bytes) this.strides++;
    else if (step !== 0 && this.vectors) this.refuse();
    if (value?.carried && this.vectors) this.refuse();
    return step === 0 ? FIXED : { ...UNKNOWN, loaded: true };
  }

  /** True for instructions that give a value and do nothing else, unless they trap, which vectors do not do. */
  private computes(effect: string): boolean {
    return effect === 'pure' || (effect === 'trap' && !this.vectors);
  }

  private computed(name: string, args: readonly Value[]): Value {
    const loaded = args.some((v) => v.loaded);
    const carried = args.some((v) => v.carried);
    if (carried && this.vectors && !GATHERS.test(name)) this.refuse();
    const [a = UNKNOWN, b = UNKNOWN] = args;
    const marks = { loaded, carried };
    if (name === 'i32.add') {
      if (b.constant !== null) return { ...moved(a, b.constant), ...marks };
      if (a.constant !== null) return { ...moved(b, a.constant), ...marks };
      return { ...FIXED, ...marks, step: sum(a.step, b.step, 1) };
    }
    if (name === 'i32.sub') {
      if (b.constant !== null) return { ...moved(a, -b.constant), ...marks };
      return { ...FIXED, ...marks, step: sum(a.step, b.step, -1) };
    }
    if (name === 'i32.shl' && b.constant !== null) return { ...scaled(a, 2 ** (b.constant & 31)), ...marks };
    if (name === 'i32.mul' && b.constant !== null) return { ...scaled(a, b.constant), ...marks };
    if (name === 'i32.mul' && a.constant !== null) return { ...scaled(b, a.constant), ...marks };
    return { ...FIXED, ...marks, step: args.every((v) => v.step === 0) ? 0 : null };
  }

  /** The loop does not suit; nothing is said before steps are known. */
  private refuse(): void {
    if (this.steps) throw new Unsuited();
  }
}

/** One of two, nobody knows which. */
function either(a: Value, b: Value): Value {
  const same = a.base === b.base && a.plus === b.plus && a.constant === b.constant;
  const step = a.step === b.step ? a.step : null;
  return {
    ...(same ? a : FIXED),
    step,
    loaded: a.loaded || b.loaded,
    carried: a.carried || b.carried,
  };
}

const sum = (a: number | null, b: number | null, sign: 1 | -1) => (a === null || b === null ? null : a + sign * b);

const moved = (a: Value, by: number): Value => ({
  ...a,
  plus: a.plus + by,
  constant: a.constant === null ? null : (a.constant + by) | 0,
});

const scaled = (a: Value, by: number): Value => ({
  ...FIXED,
  step: a.step === null ? null : a.step * by,
  constant: a.constant === null ? null : Math.imul(a.constant, by),
});

/** Executes the body of an innermost loop, first to find what its variables grow by. */
function suits(body: readonly Step[], vectors: boolean): boolean {
  try {
    // A variable grows evenly where it ends as itself with something constant added.
    const ends = [...new Iteration(null, vectors).run(body)];
    const steps = new Map(ends.map(([variable, { base, plus }]) => [variable, base === variable ? plus : null]));
    const iteration = new Iteration(steps, vectors);
    iteration.run(body);
    return iteration.suits;
  } catch (error) {
    if (error instanceof Unsuited) return false;
    throw error;
  }
}

/** True for the body of an innermost loop that may become vectors. */
export const mayBecomeVectors = (body: readonly Step[]): boolean => suits(body, true);

/**
 * True for the body of an innermost loop that mostly reads and writes variables in memory, as unoptimized programs in C do: the
 * host leaves them there, the machine keeps them in registers.
 */
export const keepsVariables = (body: readonly Step[]): boolean => suits(body, false);

/** `module`: where the types of callees and blocks are. */
export function stepOf(module: WasmModule, { op, a, big, off, blockType }: BodyReader): Step {
  const type = op.name === 'call' ? module.types[module.functions[a] as number] : undefined;
  const sig = type?.kind === 'func' ? type : op.sig;
  const [params, results] =
    op.name === 'select'
      ? [3, 1]
      : [sig?.params.length ?? 0, sig?.results.length ?? blockResults(module, op, blockType)];
  return {
    name: op.name,
    effect: op.effect,
    params,
    results,
    imm: op.name === 'i32.const' ? Number(BigInt.asIntN(32, big)) : op.bytes ? Number(off) : a,
    bytes: op.bytes ?? 0,
    callee: null,
  };
}

function blockResults(module: WasmModule, op: OpRow, blockType: BodyReader['blockType']): number {
  if (!op.imms.includes('block') || blockType === 'void') return 0;
  if (typeof blockType !== 'number') return 1;
  const type = module.types[blockType];
  return type?.kind === 'func' ? type.results.length : 0;
}
