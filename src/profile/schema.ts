/** The JSON that `--stats=FILE` writes and that reports read. `schema` rises when a field changes its meaning. */
export interface Stats {
  schema: 1;
  tool: { name: 'wynamo'; version: string };
  engine: { node: string; v8: string; platform: string; arch: string; flags: string[] };
  module: { path: string | null; sha256: string; bytes: number; functions: number };
  /** Mode that was asked for, and `native` with a reason where the machine could not run the module. */
  mode: 'interp' | 'trace' | 'native';
  nativeReason: string | null;
  /** Of a run in the native-first tier, which counts nothing: sites in all, and those from which activations moved. */
  nativeFirst?: { sites: number; moved: MovedSite[] };
  /** All options by name with the values in force. */
  options: Record<string, string | number | boolean>;
  /** Milliseconds by component. `interpret`, `fragments`, `host` come from a sampler, the rest from timers. */
  time_ms: {
    interpret: number;
    record: number;
    optimize: number;
    compile: number;
    translate: number;
    fragments: number;
    host: number;
    total: number;
  };
  /** Guest instructions completed. `coverage` = fragments / total, 0..1. */
  instructions: { interpreter: number; fragments: number; total: number; coverage: number };
  traces: { recorded: number; compiled: number; aborted: Record<string, number> };
  fragments: FragmentStats[];
  passes: { name: string; removed: number; added: number; ms: number; rules: Record<string, number> }[];
  /**
   * Runs of passes and firings of rules over all fragments, and the last of each within --pass-fuel and --rule-fuel; missing
   * natively.
   */
  optimizer?: {
    runs: number;
    firings: number;
    lastRun: { fragment: number; pass: string } | null;
    lastFiring: { fragment: number; pass: string; rule?: string } | null;
  };
  /** `evicted`: fragments given up one by one, without flushes. */
  cache: { bytes: number; budget: number; flushes: number; evicted: number; links: number; fragments: number };
  /**
   * Fragments that another thread compiled (--compile=background), their bytes, and milliseconds from giving away to
   * installing; `superseded`: not installed, because something newer begins there.
   */
  background?: { fragments: number; bytes: number; waiting_ms: number; superseded: number };
  exits: { taken: number; forced: number; byReason: Record<string, number> };
  /** Hot functions and loops, exact counts. */
  functions: FunctionStats[];
  loops: LoopStats[];
  /** Only where the guest ran natively with counting code in it (`profile --fast`). */
  branches?: BranchStats[];
  aborts: AbortStats[];
  /** Warm-up: one point each time something was installed. */
  timeline: { t_ms: number; instructions: number; fragmentInstructions: number; event: string; fragment?: number }[];
}

/** Where a location is in the guest's source, in modules with DWARF line tables or a source map. */
export interface InSource {
  file?: string;
  /** From 1. */
  line?: number;
}

/** A loop out of which running activations moved to code that the host optimized. */
export interface MovedSite extends InSource {
  func: number;
  name: string;
  /** Byte offset of the `loop` instruction in the module. */
  offset: number;
  activations: number;
  /** True where the machine runs it: interpreter and traces; else the host. */
  machine: boolean;
  /** Making that code, without what the host compiles in the background. */
  compile_ms: number;
  bytes: number;
}

export interface FunctionStats extends InSource {
  index: number;
  name: string;
  offset: number;
  entries: number;
  /** Guest instructions executed in the body (inlined copies count for their own function). */
  instructions: number;
}

export interface LoopStats extends InSource {
  func: number;
  name: string;
  /** Byte offset of the `loop` instruction in the module. */
  offset: number;
  /** Times the loop head was reached, from above or by its back edge. */
  heads: number;
}

export interface AbortStats extends InSource {
  func: number;
  name: string;
  offset: number;
  reason: string;
  count: number;
  blacklisted: boolean;
}

export interface BranchStats extends InSource {
  func: number;
  name: string;
  /** Byte offset of the branch in the module. */
  offset: number;
  op: string;
  /** Executions: taken, not taken; then, else; targets of a br_table in order, the default last. */
  outcomes: number[];
}

export interface FragmentStats extends InSource {
  id: number;
  /** `root` at a loop head, `entry` at a function entry, `side` at an exit of another fragment. */
  kind: 'root' | 'entry' | 'side';
  func: number;
  name: string;
  offset: number;
  /** Fragment and exit it hangs on, for side traces. */
  parent: { fragment: number; exit: number } | null;
  /** True where the trace closed a loop on itself. */
  loops: boolean;
  recorded: number;
  /** IR instructions before and after optimization, bytes of emitted Wasm, bytes of exit metadata. */
  irBefore: number;
  irAfter: number;
  bytes: number;
  /** Bytes of its function body that are exit stubs. */
  stubBytes: number;
  metadataBytes: number;
  entries: number;
  /** Trips of its loops that were begun; those that inner loops make are counted, too. */
  iterations: number;
  /** Guest instructions completed in it. */
  instructions: number;
  /** Share of sampled time, 0..1; null without a sampler. */
  time: number | null;
  /** False after a flush or cull. */
  live: boolean;
  /** What locals of its function hold whenever it is entered, where it assumes that (pass `specialize`). */
  assumed?: AssumedLocal[];
  exits: FragmentExit[];
  compile_ms: number;
  /** Filled where the run was asked to keep code (`report`, `dump`). */
  code?: {
    guest: string;
    trace: string;
    /** IR text after construction and after each pass that changed it. */
    ir: { pass: string; text: string; removed: number; rules: Record<string, number> }[];
    wat: string;
    /** Lines of the guest's source that the trace comes from, where the module has debug information. */
    source?: SourceExcerpt[];
    /** The engine's machine code, where it was asked for. */
    asm?: FragmentAsm;
  };
}

/** A local by number, and its value as a signed number. */
export interface AssumedLocal {
  local: number;
  /** Its name in the module's name section. */
  name?: string;
  type: 'i32' | 'i64';
  value: string;
}

/** Machine code of a fragment by the engine's optimizing compiler, and what the same loops are natively. */
export interface FragmentAsm {
  /** Bytes of instructions. */
  bytes: number;
  /** Innermost loops of the fragment, and those of the guest's own functions that belong to the same loops of the guest. */
  loops: AsmLoop[];
  native: AsmLoop[];
  text: string;
  nativeText: string;
}

/** Instructions of machine code by what they do. */
export interface MachineCounts {
  instructions: number;
  /** Of memory, but not of the stack frame. */
  loads: number;
  stores: number;
  branches: number;
  calls: number;
  /** Loads and stores of the stack frame: values for which there was no register. */
  spills: number;
  /** Instructions on vectors of several elements. */
  vectors: number;
  /** Looks whether the engine wants to interrupt the loop. */
  polls: number;
}

/** What an innermost loop of machine code is made of, in instructions; nothing is counted at run time. */
export interface AsmLoop extends MachineCounts {
  /** The guest's loop by function and byte offset; null where the code does not tell. */
  name: string | null;
  offset: number | null;
  /** Byte offsets in the code of its first and last instruction. */
  from: number;
  to: number;
  /** Trips of the guest's loop in one of this, as far as accesses show it. */
  unrolled: number;
}

/** Lines of one file, ascending; lines in between come along where they are few. */
export interface SourceExcerpt {
  file: string;
  lines: SourceLine[];
}

export interface SourceLine {
  line: number;
  /** Null where the file is not at hand. */
  text: string | null;
  /** Byte offsets in the module of the trace's instructions that belong to the line. */
  at: number[];
}

export interface FragmentExit extends InSource {
  id: number;
  reason: string;
  func: number;
  offset: number;
  name: string;
  count: number;
  /** Fragment it is linked to, or null when it returns to the interpreter. */
  link: number | null;
}
