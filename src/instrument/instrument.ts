/**
 * The instrumented module: the guest's own module whose bodies count and record what they do. What is added comes at the
 * end of each index space and nothing is imported, so names, indices and the import object are the guest's.
 *
 *     globals (appended): a counter each, but for those of br_table
 *     memory (appended): [counters (i64 each)] [sum of instructions] [what targets of br_table add] [event buffer]
 *
 * The start function is taken out and called when the host is ready to read events.
 */
import { hiddenPrefix } from '../guest/hidden.ts';
import { BodyReader } from '../wasm/body.ts';
import { CodeWriter } from '../wasm/code.ts';
import { ModuleExtender } from '../wasm/extend.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { ValType } from '../wasm/row.ts';
import type { Writer } from '../wasm/writer.ts';
import {
  type CounterHome,
  type CounterPlan,
  planCounters,
  tableCounters,
  writeCounters,
  writeInstructionSum,
} from './counters.ts';
import { type CallSite, callSites, derivedEntries } from './entries.ts';
import { type CallPlace, type Capture, EventWriter } from './events.ts';
import { type FlowGraph, flowGraph, hasHandlers } from './graph.ts';
import { BodyPatch, type OffsetMap } from './patch.ts';
import { tellsRecursion } from './recursion.ts';

/** Somebody who wants events. */
export interface Observer {
  /** What of this instruction is recorded; asked once for each reachable one. The reader must not be moved. */
  instruction?(body: BodyReader, func: number): Capture | null;
  /** Entries of functions, with parameters: of all, or of those for which it says so. */
  readonly entries?: boolean | ((func: number) => boolean);
  /** How often each run of a loop came to its head. */
  readonly trips?: boolean;
  /** When functions begin and end, with instructions so far and the depth of calls. */
  readonly contexts?: boolean;
}

export interface InstrumentOptions {
  /** Counts all control flow. */
  readonly counts: boolean;
  readonly home: CounterHome;
  readonly observers: readonly Observer[];
}

/** What is known of a defined function when it has been instrumented. */
export interface FunctionPlan {
  /** Number of its first counter in the module. */
  readonly first: number;
  readonly map: OffsetMap;
}

export interface InstrumentedModule {
  readonly module: WasmModule;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly functions: readonly FunctionPlan[];
  /** Offsets of the bodies in the instrumented module. */
  readonly bodies: readonly number[];
  readonly counters: number;
  readonly options: InstrumentOptions;
  readonly events: EventWriter | null;
  /** Byte offset of the event buffer. */
  readonly buffer: number;
  /** Functions whose entries follow from their call sites, callers first. */
  readonly derived: ReadonlySet<number>;
  readonly sites: ReadonlyMap<number, readonly CallSite[]>;
  /** Contents of the memory behind the counters when the guest starts. */
  readonly constants: readonly bigint[];
  readonly names: Record<'memory' | 'drain' | 'end' | 'depth' | 'read' | 'start', string>;
}

const PAGE = 65536;
const ZERO = new CodeWriter().op('i64.const', 0n);
/** The sum of instructions may be too small by what is moved along a spanning tree; it must not be negative. */
export const SUM_START = 2n ** 40n;

/** Throws a RangeError for code that the decoder does not know. */
export function instrument(module: WasmModule, options: InstrumentOptions): InstrumentedModule {
  const more = new ModuleExtender(module);
  const memory = module.memories.length;
  const handlers = hasHandlers(module);
  const contexts = options.observers.some((o) => o.contexts);
  const sites = callSites(module);
  // Sums of instructions need an edge into every function.
  const derived = contexts
    ? new Set<number>()
    : derivedEntries(module, sites, (func, own) => tellsRecursion(flowGraph(module, func, handlers), own));
  const graphs: { graph: FlowGraph; plan: CounterPlan; first: number }[] = [];
  let counters = 0;
  const inTables: number[] = [];
  module.code.forEach((_, i) => {
    const graph = flowGraph(module, module.importedFunctions + i, handlers);
    const plan = planCounters(graph, derived.has(graph.func));
    graphs.push({ graph, plan, first: counters });
    if (!options.counts) return;
    inTables.push(...tableCounters(graph, plan).map((i) => counters + i));
    counters += plan.count;
  });
  const constants: bigint[] = [SUM_START];
  const sum = {
    at: 8 * counters,
    constants: (values: readonly bigint[]) => 8 * (counters + constants.push(...values) - values.length),
  };
  const targets = (graph: FlowGraph) => graph.edges.filter((e) => e.place === 'table').length;
  const extra = contexts ? graphs.reduce((n, { graph }) => n + targets(graph), 1) : 0;
  const buffer = 16 * Math.ceil((counters + extra) / 2);
  const observed = options.observers.length > 0;
  const events = observed ? new EventWriter(module, more, memory, buffer) : null;
  const end = buffer + (observed ? EventWriter.bufferBytes : 0);
  more.memory(Math.max(1, Math.ceil(end / PAGE)));
  const prefix = hiddenPrefix(module);
  const names = {
    memory: `${prefix}.counters`,
    drain: `${prefix}.drain`,
    end: `${prefix}.end`,
    depth: `${prefix}.depth`,
    read: `${prefix}.read`,
    start: `${prefix}.start`,
  };
  more.export(names.memory, 'memory', memory);
  if (events) {
    more.export(names.drain, 'table', events.table);
    more.export(names.end, 'global', events.end);
  }
  if (module.start !== null) more.export(names.start, 'func', module.start);

  const globals = module.globals.length + more.globalCount;
  for (let i = 0; i < counters; i++) more.global('i64', ZERO);
  more.export(names.read, 'func', writeReaders(more, memory, globals, counters, new Set(inTables)));
  const bodies: Writer[] = [];
  const functions: FunctionPlan[] = [];
  for (const { graph, plan, first } of graphs) {
    const patch = new BodyPatch(module, graph.func);
    for (const [offset, depth] of graph.returns) patch.returnAt(offset, depth);
    const place = { global: globals + first, memory, at: 8 * first };
    if (options.counts) writeCounters(graph, plan, patch, place, options.home);
    // Sums in memory, since events read them.
    if (contexts) writeInstructionSum(graph, plan, patch, memory, sum, options.home);
    if (events) observe(module, graph, patch, events, options.observers, sum.at);
    const { code, map } = patch.write(blockOf(module, graph.func, more));
    bodies.push(code);
    functions.push({ first, map });
  }
  if (events?.depth != null) more.export(names.depth, 'global', events.depth);
  const made = more.finish({ body: (i) => bodies[i] ?? null, withoutStart: true });
  return {
    module,
    bytes: made.bytes,
    functions,
    bodies: made.bodies,
    counters,
    options,
    events,
    buffer,
    derived,
    sites,
    constants: contexts ? constants : [],
    names,
  };
}

/** Counters that one function copies. */
const COPIED = 20_000;

/** A function that copies all counters from globals to memory, where the host reads them at once. */
function writeReaders(
  more: ModuleExtender,
  memory: number,
  globals: number,
  counters: number,
  inTables: ReadonlySet<number>,
): number {
  const type = more.type([], []);
  const all = new CodeWriter();
  for (let first = 0; first < counters; first += COPIED) {
    const w = new CodeWriter();
    for (let i = first; i < Math.min(counters, first + COPIED); i++) {
      if (!inTables.has(i))
        w.op('i32.const', 0)
          .op('global.get', globals + i)
          .op('i64.store', memory, 8 * i);
    }
    all.op('call', more.func(type, [], w));
  }
  return more.func(type, [], all);
}

/** Block type of a function's results. */
function blockOf(module: WasmModule, func: number, more: ModuleExtender): 'void' | ValType | number {
  const def = module.types[module.functions[func] as number];
  const results = def?.kind === 'func' ? def.results : [];
  if (results.length === 0) return 'void';
  return results.length === 1 ? (results[0] as ValType) : more.type([], results);
}

function observe(
  module: WasmModule,
  graph: FlowGraph,
  patch: BodyPatch,
  events: EventWriter,
  observers: readonly Observer[],
  sum: number,
): void {
  const body = new BodyReader(module, graph.func);
  observers.forEach((observer, i) => {
    const { entries } = observer;
    if (typeof entries === 'function' ? entries(graph.func) : entries) events.entry(patch, body, graph.func, i);
  });
  const reachable = new Set(graph.offsets);
  const loops = new Set(graph.loops.map((loop) => loop.offset));
  const calls: CallPlace[] = [];
  while (body.next()) {
    if (!reachable.has(body.offset)) continue;
    const tail = body.op.name.startsWith('return_call');
    if (body.op.effect === 'call' && (tail || graph.handlers)) calls.push({ offset: body.offset, tail });
    observers.forEach((observer, i) => {
      if (observer.trips && loops.has(body.offset)) {
        events.trips(patch, { before: body.offset, behind: body.pos }, graph.func, i);
      }
      const capture = observer.instruction?.(body, graph.func);
      if (capture) events.instruction(patch, body, graph.func, capture, i);
    });
  }
  observers.forEach((observer, i) => {
    if (observer.contexts) events.contexts(patch, new BodyReader(module, graph.func), graph.func, i, sum, calls);
  });
}
