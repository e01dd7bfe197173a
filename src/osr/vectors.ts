/**
 * Whether a loop has loops inside that the machine may run in vectors, which the host never does: innermost loops that step
 * through memory by the width of their accesses and do nothing else but arithmetic, with few branches, none of which
 * depends on what was read. Only a first look; what becomes of it, the machine's optimizer says.
 *
 *     loop                                         ;; steps: i by 1, p by 4
 *       i32.store (p) (i32.load (b + i << 2))  ;; both addresses by 4, the width of the accesses
 *       br_if (i32.lt_u (i = i + 1) n)
 */
import { BodyReader } from '../wasm/body.ts';
import type { WasmModule } from '../wasm/module.ts';

/** Branches in such a loop: back to the head, and out at the end. */
const MOST_BRANCHES = 3;

/** Opcodes that open a construct that `end` closes. */
const OPENS: ReadonlySet<string> = new Set(['block', 'loop', 'if', 'try', 'try_table']);

const CALLS: ReadonlySet<string> = new Set(['call', 'call_indirect', 'call_ref']);

/** An instruction of a loop, as far as it matters here. */
interface Step {
  readonly name: string;
  readonly effect: string;
  readonly params: number;
  readonly results: number;
  /** Index of a local, or bits of a constant. */
  readonly imm: number;
  /** Bytes that a load or store accesses. */
  readonly bytes: number;
}

/** What is known of a value in the loop. */
interface Value {
  /** How much it grows by iteration; null: not evenly. */
  readonly step: number | null;
  /** It depends on what was read in this iteration. */
  readonly loaded: boolean;
  /** The value of a constant. */
  readonly constant: number | null;
  /** The local that it is, with something added. */
  readonly local: number;
}

const UNKNOWN: Value = { step: null, loaded: false, constant: null, local: -1 };
const FIXED: Value = { step: 0, loaded: false, constant: null, local: -1 };

function sum(a: Value, b: Value, sign: 1 | -1): Value {
  const step = a.step === null || b.step === null ? null : a.step + sign * b.step;
  return { step, loaded: a.loaded || b.loaded, constant: null, local: b.constant === null ? -1 : a.local };
}

function scaled(a: Value, by: number): Value {
  return { ...a, step: a.step === null ? null : a.step * by, constant: null, local: -1 };
}

/** Goes through one iteration; `steps`: what is known of the locals at its beginning. Null where the loop does not suit. */
function iterate(body: readonly Step[], steps: ReadonlyMap<number, number | null>): Map<number, Value> | null {
  const stack: Value[] = [];
  const locals = new Map<number, Value>();
  const pop = () => stack.pop() ?? UNKNOWN;
  let branches = 0;
  let accesses = 0;
  const access = (addr: Value, bytes: number): boolean => {
    accesses++;
    return addr.step === 0 || addr.step === bytes;
  };
  for (const { name, effect, params, results, imm, bytes } of body) {
    if (name === 'local.get') {
      stack.push(
        locals.get(imm) ?? { step: steps.has(imm) ? steps.get(imm)! : 0, loaded: false, constant: null, local: imm },
      );
    } else if (name === 'local.set' || name === 'local.tee') {
      const value = pop();
      locals.set(imm, value);
      if (name === 'local.tee') stack.push(value);
    } else if (name.endsWith('.const')) stack.push({ ...FIXED, constant: imm });
    else if (name === 'br_if' || name === 'if') {
      branches++;
      if (pop().loaded) return null;
    } else if (name === 'br') branches++;
    else if (name === 'drop') pop();
    else if (name === 'i32.add' || name === 'i32.sub') {
      const b = pop();
      stack.push(sum(pop(), b, name === 'i32.add' ? 1 : -1));
    } else if ((name === 'i32.shl' || name === 'i32.mul') && stack.at(-1)?.constant != null) {
      const by = pop().constant!;
      stack.push(scaled(pop(), name === 'i32.shl' ? 2 ** (by & 31) : by));
    } else if (effect === 'pure' || effect === 'load' || effect === 'store') {
      const args = Array.from({ length: params }, pop).reverse();
      if (effect !== 'pure' && !access(args[0] ?? UNKNOWN, bytes)) return null;
      const loaded = effect === 'load' || args.some((v) => v.loaded);
      const step = args.every((v) => v.step === 0) && effect === 'pure' ? 0 : null;
      for (let i = 0; i < results; i++) stack.push({ step, loaded, constant: null, local: -1 });
    } else if (name !== 'block' && name !== 'else' && name !== 'end') return null;
  }
  return accesses > 0 && branches <= MOST_BRANCHES ? locals : null;
}

/** True for the body of an innermost loop that may become vectors. */
function suits(body: readonly Step[]): boolean {
  // First, how much each local that is written grows by iteration: it is itself with something constant added.
  const written = new Set(body.flatMap(({ name, imm }) => (name === 'local.set' || name === 'local.tee' ? [imm] : [])));
  const steps = new Map<number, number | null>();
  for (const local of written) steps.set(local, increment(body, local));
  return [...steps.values()].some((step) => step !== null) && iterate(body, steps) !== null;
}

/** What one iteration adds to a local, where it is written once, as itself and a constant. */
function increment(body: readonly Step[], local: number): number | null {
  const at = body.findIndex(({ name, imm }) => (name === 'local.set' || name === 'local.tee') && imm === local);
  const again = body.findLastIndex(({ name, imm }) => (name === 'local.set' || name === 'local.tee') && imm === local);
  const [get, by, add] = body.slice(at - 3, at);
  if (at !== again || at < 3 || !get || !by || !add) return null;
  const plain = get.name === 'local.get' && get.imm === local && by.name === 'i32.const';
  if (!plain) return null;
  return add.name === 'i32.add' ? by.imm : add.name === 'i32.sub' ? -by.imm : null;
}

function stepOf({ op, a, big }: BodyReader): Step {
  return {
    name: op.name,
    effect: op.effect,
    params: op.name === 'select' ? 3 : (op.sig?.params.length ?? 0),
    results: op.name === 'select' ? 1 : (op.sig?.results.length ?? 0),
    imm: op.name === 'i32.const' ? Number(BigInt.asIntN(32, big)) : a,
    bytes: op.bytes ?? 0,
  };
}

/**
 * True where the innermost loops of the first loop of the function may all become vectors. Not where it calls anything:
 * what is called is most of the work then, and the host does that better.
 */
function inFirstLoop(body: BodyReader): boolean {
  let depth = 0;
  let found = false;
  /** Depth of the first loop. */
  let outer = -1;
  let inner: { depth: number; steps: Step[] } | null = null;
  while (body.next()) {
    const { name } = body.op;
    if (name === 'loop') {
      if (outer < 0) outer = depth;
      inner = { depth, steps: [] };
    } else if (name === 'end' && inner !== null && depth - 1 === inner.depth) {
      if (!suits(inner.steps)) return false;
      found = true;
      inner = null;
    } else inner?.steps.push(stepOf(body));
    if (CALLS.has(name)) return false;
    if (OPENS.has(name)) depth++;
    if (name === 'end' && --depth === outer) return found;
  }
  return false;
}

/** True where the loop of a continuation, which its first function begins with, may become vectors. */
export function hasVectorLoop(module: WasmModule): boolean {
  return inFirstLoop(new BodyReader(module, module.importedFunctions));
}
