/**
 * Events of a running guest: records that instrumented code writes into a buffer of its own and hands over in bulk.
 *
 * A record is its site's number in 8 bytes and a word of 8 bytes for each captured value: integers as they are (i32
 * extended with zeros), floats by their bits. When the buffer is full a host function in an appended table reads it.
 */
import type { BodyReader } from '../wasm/body.ts';
import { CodeWriter } from '../wasm/code.ts';
import type { ModuleExtender } from '../wasm/extend.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { ValType } from '../wasm/row.ts';
import type { BodyPatch } from './patch.ts';

/** What of an instruction is recorded each time. */
export interface Capture {
  /** Operands by their place in the signature, 0 the lowest on the stack; at most {@link MAX_WORDS} values in all. */
  readonly operands?: readonly number[];
  /** The result, behind the operands. */
  readonly result?: boolean;
  /** Recorded when the instruction is done, so that those that trap are not; with the operands as they were. */
  readonly after?: boolean;
  /** Recorded before the instruction, and once more behind it, without values, as a site of kind `behind`. */
  readonly around?: boolean;
}

/** A place that events come from. */
export interface Site {
  /** Number of the site in the run. */
  readonly id: number;
  readonly kind: 'instruction' | 'behind' | 'entry' | 'trips' | 'enter' | 'leave';
  readonly func: number;
  /** Byte offset in the module: of the instruction, of a loop (trips), of the body (entry, enter, leave). */
  readonly offset: number;
  /** Name of the instruction, `loop` for trips, empty for entries. */
  readonly op: string;
  /** Types of the words, and for entries which parameter each is. */
  readonly types: readonly ValType[];
  readonly parameters: readonly number[];
  /** Index immediates in order, and memory and static offset of a memory access. */
  readonly a: number;
  readonly b: number;
  readonly memory: number;
  readonly staticOffset: number;
}

/** Reads the event in progress. `k` numbers the captured values. */
export interface EventReader {
  /** As an unsigned number; exact up to 2 ** 53. */
  number(k: number): number;
  /** As 64 bits. */
  bits(k: number): bigint;
  /** As the value itself by the type of the word: integers signed, those of 64 bits a bigint where no number is exact. */
  value(k: number): number | bigint;
}

export const MAX_WORDS = 4;
const BUFFER_BYTES = 1 << 18;
const RECORD_MAX = 8 + 8 * MAX_WORDS;

const NUMERIC = new Set<ValType>(['i32', 'i64', 'f32', 'f64']);

/** Brings the value of that type on the stack into 64 bits. */
function toWord(w: CodeWriter, type: ValType): void {
  if (type === 'f32') w.op('i32.reinterpret_f32');
  if (type === 'i32' || type === 'f32') w.op('i64.extend_i32_u');
  if (type === 'f64') w.op('i64.reinterpret_f64');
}

/** Operand and result types of an instruction, null where they cannot be told without its surroundings. */
export function signatureOf(
  module: WasmModule,
  body: BodyReader,
): { params: readonly ValType[]; results: readonly ValType[] } | null {
  const { op, a, b } = body;
  const type = (i: number) => {
    const def = module.types[i];
    return def?.kind === 'func' ? def : null;
  };
  switch (op.name) {
    case 'call':
    case 'return_call':
      return type(module.functions[a] as number);
    case 'call_indirect':
    case 'return_call_indirect': {
      const callee = type(a);
      return callee && { params: [...callee.params, module.tables[b]?.i64 ? 'i64' : 'i32'], results: callee.results };
    }
    case 'if':
    case 'br_if':
    case 'br_table':
      return { params: ['i32'], results: [] };
    case 'global.get':
      return { params: [], results: [module.globals[a]?.type ?? 'i32'] };
    case 'global.set':
      return { params: [module.globals[a]?.type ?? 'i32'], results: [] };
    case 'local.get':
      return { params: [], results: [body.locals[a] ?? 'i32'] };
    case 'local.set':
      return { params: [body.locals[a] ?? 'i32'], results: [] };
    case 'local.tee':
      return { params: [body.locals[a] ?? 'i32'], results: [body.locals[a] ?? 'i32'] };
  }
  if (!op.sig) return null;
  const wide = (memory: number) => module.memories[memory]?.i64 === true;
  if (op.imms.includes('memarg') && wide(body.mem)) return { ...op.sig, params: ['i64', ...op.sig.params.slice(1)] };
  if (op.name === 'memory.size' && wide(a)) return { params: [], results: ['i64'] };
  if (op.name === 'memory.grow' && wide(a)) return { params: ['i64'], results: ['i64'] };
  if (op.name === 'memory.fill' && wide(a)) return { params: ['i64', 'i32', 'i64'], results: [] };
  if (op.name === 'memory.init' && wide(b)) return { params: ['i64', 'i32', 'i32'], results: [] };
  if (op.name === 'memory.copy') {
    const [to, from]: ValType[] = [wide(a) ? 'i64' : 'i32', wide(b) ? 'i64' : 'i32'];
    return { params: [to as ValType, from as ValType, to === 'i64' && from === 'i64' ? 'i64' : 'i32'], results: [] };
  }
  return op.sig;
}

/** A call in a function. */
export interface CallPlace {
  readonly offset: number;
  readonly tail: boolean;
}

/** A site of a whole function. */
const blank = (func: number, offset: number): Omit<Site, 'kind' | 'id'> => ({
  func,
  offset,
  op: '',
  types: [],
  parameters: [],
  a: 0,
  b: 0,
  memory: 0,
  staticOffset: 0,
});

/** The event functions of a module under instrumentation, and the code that calls them. */
export class EventWriter {
  readonly sites: { site: Site; observer: number }[] = [];
  private readonly module: WasmModule;
  private readonly more: ModuleExtender;
  private readonly memory: number;
  /** Byte offset of the buffer in the memory. */
  private readonly base: number;
  private readonly functions: number[] = [];
  private readonly globalIndex: number;
  readonly table: number;

  constructor(module: WasmModule, more: ModuleExtender, memory: number, base: number) {
    this.module = module;
    this.more = more;
    this.memory = memory;
    this.base = base;
    this.globalIndex = more.global('i32', new CodeWriter().op('i32.const', base));
    this.table = more.table(1);
    const drain = more.type(['i32'], []);
    for (let n = 0; n <= MAX_WORDS; n++) {
      const params: ValType[] = ['i32', ...new Array<ValType>(n).fill('i64')];
      this.functions.push(more.func(more.type(params, []), ['i32'], this.eventFunction(n, drain)));
    }
  }

  static readonly bufferBytes = BUFFER_BYTES;

  private eventFunction(n: number, drain: number): CodeWriter {
    const { memory, globalIndex, base } = this;
    const at = n + 1;
    const w = new CodeWriter();
    w.op('global.get', globalIndex).op('local.tee', at).op('local.get', 0).op('i32.store', memory, 0);
    for (let k = 0; k < n; k++)
      w.op('local.get', at)
        .op('local.get', 1 + k)
        .op('i64.store', memory, 8 + 8 * k);
    w.op('local.get', at)
      .op('i32.const', 8 + 8 * n)
      .op('i32.add')
      .op('local.tee', at)
      .op('global.set', globalIndex);
    w.op('local.get', at)
      .op('i32.const', base + BUFFER_BYTES - RECORD_MAX)
      .op('i32.gt_u')
      .op('if', 'void');
    w.op('local.get', at).op('i32.const', 0).op('call_indirect', drain, this.table);
    w.op('i32.const', base).op('global.set', globalIndex).op('end');
    return w;
  }

  /** Index of the global with the end of what is in the buffer. */
  get end(): number {
    return this.globalIndex;
  }

  private site(observer: number, site: Omit<Site, 'id'>): number {
    const id = this.sites.length;
    this.sites.push({ site: { ...site, id }, observer });
    return id;
  }

  /** Records an instruction. Gives false where what is to be captured cannot be: references are in the way. */
  instruction(patch: BodyPatch, body: BodyReader, func: number, capture: Capture, observer: number): boolean {
    const operands = capture.operands ?? [];
    const signature = signatureOf(this.module, body);
    if (operands.length > 0 || capture.result) {
      if (!signature) return false;
      if (operands.some((i) => !NUMERIC.has(signature.params[i] as ValType))) return false;
      if (capture.result && (signature.results.length !== 1 || !NUMERIC.has(signature.results[0] as ValType)))
        return false;
    }
    const lowest = Math.min(...operands, signature?.params.length ?? 0);
    const above = signature?.params.slice(lowest) ?? [];
    if (above.some((t) => !NUMERIC.has(t) && t !== 'v128')) return false;
    const types = [
      ...operands.map((i) => signature?.params[i] as ValType),
      ...(capture.result ? (signature?.results ?? []) : []),
    ];
    const number = this.site(observer, {
      kind: 'instruction',
      func,
      offset: body.offset,
      op: body.op.name,
      types,
      parameters: [],
      a: body.a,
      b: body.b,
      memory: body.mem,
      staticOffset: Number(body.off),
    });
    const w = patch.before(body.offset);
    const slots = above.map((t, i) => patch.scratch(t, i));
    if (operands.length > 0) {
      for (let i = slots.length - 1; i >= 0; i--) w.op('local.set', slots[i]);
      for (const slot of slots) w.op('local.get', slot);
    }
    const words = (out: CodeWriter) => {
      for (const i of operands) {
        out.op('local.get', slots[i - lowest]);
        toWord(out, signature?.params[i] as ValType);
      }
    };
    if (!capture.result) {
      const out = capture.after ? patch.behind(body.pos) : w;
      out.op('i32.const', number);
      words(out);
      out.op('call', this.functions[types.length]);
      if (capture.around) {
        const site = this.sites[number]?.site as Site;
        const behind = this.site(observer, { ...site, kind: 'behind', types: [] });
        patch.behind(body.pos).op('i32.const', behind).op('call', this.functions[0]);
      }
      return true;
    }
    const type = signature?.results[0] as ValType;
    const result = patch.scratch(type, MAX_WORDS + 1);
    const out = patch.behind(body.pos);
    out.op('local.set', result).op('i32.const', number);
    words(out);
    out.op('local.get', result);
    toWord(out, type);
    out.op('call', this.functions[types.length]).op('local.get', result);
    return true;
  }

  /** Records the entry of a function with its first numeric parameters. */
  entry(patch: BodyPatch, body: BodyReader, func: number, observer: number): void {
    const def = this.module.types[this.module.functions[func] as number];
    const params = def?.kind === 'func' ? def.params : [];
    const taken = params.flatMap((t, i) => (NUMERIC.has(t) ? [i] : [])).slice(0, MAX_WORDS);
    const types = taken.map((i) => params[i] as ValType);
    const number = this.site(observer, { ...blank(func, body.start), kind: 'entry', types, parameters: taken });
    const w = patch.prologue.op('i32.const', number);
    for (const i of taken) {
      w.op('local.get', i);
      toWord(w, params[i] as ValType);
    }
    w.op('call', this.functions[taken.length]);
  }

  /**
   * Records when a function begins and ends: with the sum of instructions so far (an i64 at `sum`), and the depth of calls.
   * `calls`: places of tail calls, which end it, too, and of other calls where exceptions may leave the depth too large.
   */
  contexts(
    patch: BodyPatch,
    body: BodyReader,
    func: number,
    observer: number,
    sum: number,
    calls: readonly CallPlace[],
  ): void {
    const { memory } = this;
    this.depth ??= this.more.global('i32', new CodeWriter().op('i32.const', 0));
    const depth = this.depth;
    const own = patch.local('i32');
    const record = (w: CodeWriter, kind: 'enter' | 'leave') => {
      const site = this.site(observer, { ...blank(func, body.start), kind, types: ['i64', 'i32'] });
      w.op('i32.const', site).op('i32.const', 0).op('i64.load', memory, sum);
      w.op('local.get', own).op('i64.extend_i32_u').op('call', this.functions[2]);
    };
    // Before the function itself adds to the sum.
    const begin = patch.opening;
    begin.op('global.get', depth).op('local.set', own);
    begin.op('local.get', own).op('i32.const', 1).op('i32.add').op('global.set', depth);
    record(begin, 'enter');
    const leave = (w: CodeWriter) => {
      record(w, 'leave');
      w.op('local.get', own).op('global.set', depth);
    };
    leave(patch.epilogue);
    for (const { offset, tail } of calls) {
      if (tail) leave(patch.before(offset));
      else patch.before(offset).op('local.get', own).op('i32.const', 1).op('i32.add').op('global.set', depth);
    }
  }

  /** Global with the depth of calls, where contexts are recorded. */
  depth: number | null = null;

  /** Records how often each run of a loop came to its head: when it is entered again, and when the function ends. */
  trips(patch: BodyPatch, loop: { before: number; behind: number }, func: number, observer: number): void {
    const number = this.site(observer, { ...blank(func, loop.before), kind: 'trips', op: 'loop', types: ['i64'] });
    const trips = patch.local('i64');
    const tell = (w: CodeWriter) => {
      w.op('local.get', trips).op('i64.eqz').op('i32.eqz').op('if', 'void');
      w.op('i32.const', number).op('local.get', trips).op('call', this.functions[1]).op('end');
    };
    const before = patch.before(loop.before);
    tell(before);
    before.op('i64.const', 0n).op('local.set', trips);
    patch.behind(loop.behind).op('local.get', trips).op('i64.const', 1n).op('i64.add').op('local.set', trips);
    tell(patch.epilogue);
  }
}

/** Hands the records of a buffer to observers. */
export class EventDrain implements EventReader {
  private readonly words: Uint32Array;
  private readonly bytes: DataView;
  private readonly base: number;
  private readonly writer: EventWriter;
  private readonly observers: readonly ((site: number, event: EventReader) => void)[];
  private at = 0;
  private types: readonly ValType[] = [];

  constructor(
    memory: WebAssembly.Memory,
    base: number,
    writer: EventWriter,
    observers: readonly ((site: number, event: EventReader) => void)[],
  ) {
    this.words = new Uint32Array(memory.buffer);
    this.bytes = new DataView(memory.buffer);
    this.base = base;
    this.writer = writer;
    this.observers = observers;
  }

  /** Reads the records up to byte `end` of the memory. */
  read(end: number): void {
    const { sites } = this.writer;
    let at = this.base;
    while (at < end) {
      const number = this.words[at >> 2] as number;
      const { site, observer } = sites[number] as { site: Site; observer: number };
      this.at = at + 8;
      this.types = site.types;
      (this.observers[observer] as (site: number, event: EventReader) => void)(number, this);
      at += 8 + 8 * site.types.length;
    }
  }

  number(k: number): number {
    const i = (this.at >> 2) + 2 * k;
    return (this.words[i] as number) + (this.words[i + 1] as number) * 2 ** 32;
  }

  bits(k: number): bigint {
    return this.bytes.getBigUint64(this.at + 8 * k, true);
  }

  value(k: number): number | bigint {
    const at = this.at + 8 * k;
    switch (this.types[k]) {
      case 'i32':
        return this.bytes.getInt32(at, true);
      case 'f32':
        return this.bytes.getFloat32(at, true);
      case 'f64':
        return this.bytes.getFloat64(at, true);
      default: {
        const n = this.bytes.getInt32(at + 4, true) * 2 ** 32 + this.bytes.getUint32(at, true);
        return Number.isSafeInteger(n) ? n : this.bytes.getBigInt64(at, true);
      }
    }
  }
}
