/**
 * Whether a loop spends its time in innermost loops that the machine may run in vectors, whose variables it may keep in
 * registers (strides.ts says which these are), or whose branches it may do without (choices.ts), which the host never does. Only
 * a first look; what becomes of it, the machine's optimizer says.
 *
 * Calls are followed: unoptimized code has the inner loop in a function and the accesses in accessors. Each instruction
 * weighs what its depth in loops says, through calls as well, so the loops that count are those inside the most others.
 */
import { BodyReader } from '../wasm/body.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opensBlock } from '../wasm/row.ts';
import { onlyChooses } from './choices.ts';
import { keepsVariables, mayBecomeVectors, type Step, stepOf } from './strides.ts';

/** Trips that a loop is taken to make. */
const TRIPS = 128;
/** What loops that may become vectors have to weigh, of all. */
const SHARE = 0.75;
/** Instructions of a function that is looked through where it is called in an innermost loop, with what it calls. */
const MOST_STEPS = 100;

/** Calls of whom nobody knows, and those that do not come back. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'call_indirect',
  'call_ref',
  'return_call',
  'return_call_indirect',
  'return_call_ref',
]);

/** Instructions in order, loops as one. */
type Item = Step | Loop;
interface Loop {
  readonly items: Item[];
}

const isLoop = (item: Item): item is Loop => 'items' in item;

/** What was seen of some code. */
interface Seen {
  /** Instructions by the number of loops around them; of those, the ones of loops that may become vectors. */
  readonly all: number[];
  readonly suited: number[];
}

/** The same of a function. */
interface SeenFunction extends Seen {
  /** All of its instructions; null where there are loops, or many. */
  readonly steps: readonly Step[] | null;
}

/** An `if` whose arm does not come back. */
const GUARD: Step = { name: 'guard', effect: 'control', params: 1, results: 0, imm: 0, bytes: 0, callee: null };

class Look {
  private readonly module: WasmModule;
  private readonly suits: (body: readonly Step[]) => boolean;
  /** What was seen of functions; null: what is in there cannot be judged, or is just being looked at. */
  private readonly functions = new Map<number, SeenFunction | null>();

  /** `suits`: says it of the body of an innermost loop. */
  constructor(module: WasmModule, suits: (body: readonly Step[]) => boolean) {
    this.module = module;
    this.suits = suits;
  }

  /** The first loop of a function; null where there is none. */
  firstLoop(func: number): Seen | null {
    const loop = this.read(func, true).find(isLoop);
    return loop ? this.weigh([loop]) : null;
  }

  private called(func: number): SeenFunction | null {
    if (func < this.module.importedFunctions) return null;
    const known = this.functions.get(func);
    if (known !== undefined) return known;
    this.functions.set(func, null);
    const items = this.read(func);
    const seen = this.weigh(items);
    if (!seen) return null;
    const short = seen.all.length === 1 && (seen.all[0] as number) <= MOST_STEPS;
    const steps = short ? items.map((item) => (isLoop(item) ? GUARD : this.linked(item))) : null;
    const result = { ...seen, steps };
    this.functions.set(func, result);
    return result;
  }

  /** A call gets its callee's instructions. */
  private linked(step: Step): Step {
    return step.name === 'call' ? { ...step, callee: this.called(step.imm)?.steps ?? null } : step;
  }

  /** Null where something is called that cannot be judged. */
  private weigh(items: readonly Item[]): Seen | null {
    const all = [0];
    const suited = [0];
    const add = (seen: Seen, depth: number) => {
      for (const [i, n] of seen.all.entries()) all[depth + i] = (all[depth + i] ?? 0) + n;
      for (const [i, n] of seen.suited.entries()) suited[depth + i] = (suited[depth + i] ?? 0) + n;
    };
    for (const item of items) {
      if (isLoop(item)) {
        const inside = this.weigh(item.items);
        if (!inside) return null;
        const innermost = inside.all.length === 1;
        const suits = innermost && this.suits(item.items.map((i) => this.linked(i as Step)));
        add(suits ? { all: inside.all, suited: inside.all } : inside, 1);
        continue;
      }
      all[0]!++;
      if (ELSEWHERE.has(item.name)) return null;
      if (item.name !== 'call') continue;
      const callee = this.called(item.imm);
      if (!callee) return null;
      add(callee, 0);
    }
    return { all, suited };
  }

  /** The instructions of a function, without arms that end in a trap; `first`: no further than its first loop. */
  private read(func: number, first = false): Item[] {
    const { module } = this;
    const body = new BodyReader(module, func);
    const open: { name: string; items: Item[]; at: number }[] = [];
    const all: Item[] = [];
    let items = all;
    while (body.next()) {
      const { name } = body.op;
      const last = open.at(-1);
      if (name === 'loop') {
        const loop: Loop = { items: [] };
        items.push(loop);
        open.push({ name, items, at: 0 });
        items = loop.items;
      } else if (name === 'unreachable' && last?.name === 'if') {
        items.length = last.at;
        items.push(GUARD);
        last.name = 'guard';
      } else if (name === 'end') {
        open.pop();
        if (last?.name === 'loop') {
          items = last.items;
          if (first && !open.some((o) => o.name === 'loop')) return items.filter(isLoop);
        } else if (last && last.name !== 'guard') items.push(stepOf(module, body));
      } else {
        if (opensBlock(body.op)) open.push({ name, items, at: items.length });
        if (name !== 'else' || last?.name !== 'guard') items.push(stepOf(module, body));
        if (name === 'else' && last && last.name !== 'guard') last.name = 'else';
      }
    }
    return all;
  }
}

/** What instructions weigh, by the number of loops around them. */
function weight(list: readonly number[]): number {
  return list.reduce((sum, n, depth) => sum + n * TRIPS ** depth, 0);
}

/** True where the loop of a continuation, which its first function begins with, is mostly innermost loops that suit. */
function mostly(module: WasmModule, suits: (body: readonly Step[]) => boolean): boolean {
  const seen = new Look(module, suits).firstLoop(module.importedFunctions);
  return seen !== null && weight(seen.suited) >= SHARE * weight(seen.all);
}

/** True where that loop may become vectors. */
export const hasVectorLoop = (module: WasmModule): boolean => mostly(module, mayBecomeVectors);

/** True where that loop keeps its variables in memory. */
export const hasVariableLoop = (module: WasmModule): boolean => mostly(module, keepsVariables);

/** True where that loop chooses between values and goes one way else. */
export const hasChoosingLoop = (module: WasmModule): boolean => mostly(module, onlyChooses);
