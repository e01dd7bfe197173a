/**
 * The intermediate representation: SSA over a control-flow graph with one entry (a *region*). A linear trace is the
 * straight-line case. Values are instructions; blocks hold them in order and end in a terminator.
 *
 * The frame of the interpreted guest is a run of bytes in machine memory that starts at the address `fp` with which the
 * fragment is entered. Locals, operands and frame headers of the entry frame *and of every inlined frame* are plain
 * byte offsets from that `fp` (negative below it), so inlining needs no mechanism of its own: SSA construction renames
 * frame bytes. Every place where the fragment can be left carries a {@link Snapshot}: which bytes have to be written
 * so that the interpreter can go on at `pc`.
 *
 * Worked example (`wynamo dump --stage=ir`), a loop that adds the words of an array:
 *
 *     region T1 $sum+0x9
 *     b0:
 *       v1 = slot.load i32 [0]
 *       v2 = slot.load i32 [8]
 *       jump b1
 *     b1: loop <- b0 b1
 *       v3 = phi i32 v1 v9
 *       v4 = phi i32 v2 v7
 *       strip.check !loop @$sum+0x9 {0:v3 8:v4}
 *       v5 = guard.bounds v3 k=4 !bounds @$sum+0xd {0:v3 8:v4}
 *       v6 = i32.load v3 offset=0
 *       v7 = i32.add v4 v6
 *       v8 = i32.const 4
 *       v9 = i32.add v3 v8
 *       ...
 */
import type { ValType } from '../wasm/row.ts';

/** Type of a value; `void` where an instruction has none. */
export type IrType = ValType | 'void';

/**
 * Operations that are not guest opcodes. All other `op` names are row names of `wasm/opcodes.ts` with their guest
 * meaning (`i32.add`, `f64.load`, `global.get`, `select`, `v128.const`, ...).
 */
export const PSEUDO_OPS = {
  /** `args[i]` is the value when control came from `block.preds[i]`. First in its block. */
  phi: { effect: 'pure', doc: 'value by predecessor' },
  /** Frame bytes at entry of the fragment: `imm.off` from fp. Only in the entry block. */
  'slot.load': { effect: 'pure', doc: 'frame slot as it was at entry' },
  /** The machine address fp + `imm.off` (i32); value of saved frame pointers in headers of inlined frames. */
  'frame.addr': { effect: 'pure', doc: 'address of a frame' },
  /** End of the frame stack of this activation (i32). */
  'stack.limit': { effect: 'pure', doc: 'end of the frame stack' },
  /** Leaves by `snap` when args[0] is 0. */
  'guard.true': { effect: 'guard', doc: 'go on when the condition is not zero' },
  /** Leaves by `snap` when args[0] is not 0. */
  'guard.false': { effect: 'guard', doc: 'go on when the condition is zero' },
  /** Leaves by `snap` unless unsigned args[0] + `imm.k` <= byte length of memory `imm.mem` (33-bit sum, no wrap). */
  'guard.bounds': { effect: 'guard', doc: 'go on when the access is inside the memory' },
  /** First in a loop header: leaves by `snap` (at the loop head) when the strip of iterations is used up. */
  'strip.check': { effect: 'guard', doc: 'leave now and then, so that the machine can poll and re-tier' },
  /** Lowers the number of iterations that the coming strip of the loop `imm.loop` may run to unsigned i64 args[0]. */
  'strip.limit': { effect: 'limit', doc: 'bound on the iterations until the next strip.check leaves' },
  /** Iterations that the loop `imm.loop` may still run in this strip: i32. The block before the loop's strips. */
  'strip.left': { effect: 'limit', doc: 'iterations until the next strip.check leaves' },
  /** args[0] (i32, at most `strip.left`) iterations of the loop `imm.loop` have been run elsewhere. In front of it. */
  'strip.skip': { effect: 'limit', doc: 'iterations that were run by another loop' },
  /** Adds 1 to counter `imm.index` of the region. */
  'profile.count': { effect: 'count', doc: 'one more execution' },
  /** Adds args[0] (i64) to counter `imm.index` of the region. */
  'profile.add': { effect: 'count', doc: 'so many more executions' },
  /** Leaves by `snap` when a call of the frame at `imm.off` would nest fragments too deeply on the host's stack. */
  'guard.depth': { effect: 'guard', doc: 'go on when another fragment can be called' },
  /** Byte length of memory `imm.mem` as i64. */
  'mem.bytes': { effect: 'size', doc: 'byte length of a memory' },
  /** Table mirror entry: guest function id + 1 of element args[0] of table `imm.table`, 0 or -1 when unknown. */
  'mirror.get': { effect: 'table.get', doc: 'function id behind a table element' },
  /** Length of a data or element segment, whose word is at machine address `imm.off`; 0 once it is dropped. */
  'segment.length': { effect: 'table.get', doc: 'what there is of a segment' },
  /** Writes args[2] items of a segment from args[1] on to args[0], by helper `imm.index`. */
  'segment.init': { effect: 'bulk', doc: 'copies from a segment' },
  /** Drops a segment by helper `imm.index`; its length is at machine address `imm.off`. */
  'segment.drop': { effect: 'bulk', doc: 'drops a segment' },
  /** Table `imm.table` was written: its mirror is read again. */
  'table.changed': { effect: 'bulk', doc: 'the mirror of a table follows it' },
  /** Index + 1 of the guest's own function that args[0] refers to; 0 for null and for any other. */
  'func.id': { effect: 'pure', doc: 'function id behind a reference' },
  /** args[0], which certainly has the type of the instruction, under that type instead of the top of its hierarchy. */
  'ref.narrow': { effect: 'trap', doc: 'a reference under its exact type' },
  /** args[0] under the top type of its hierarchy. */
  'ref.widen': { effect: 'pure', doc: 'a reference under the type that frames keep' },
  /** Calls imported function `imm.func` for real. `snap` is the frame that must be in memory during the call. */
  'host.call': { effect: 'call', doc: 'call of a host function' },
  /**
   * Calls guest function `imm.func`, whose frame begins at `snap.fp`: its fragment, or the interpreter by leaving. `snap`
   * is what must be in memory during the call, with header and operands of the callee; its `pc` is where it returns to.
   */
  'frag.call': { effect: 'call', doc: 'call of a guest function that is not inlined' },
  /** Result number `imm.index` of the multi-value instruction args[0]. */
  proj: { effect: 'pure', doc: 'one of several results' },
} as const;
export type PseudoOp = keyof typeof PSEUDO_OPS;

/** Why a fragment is left. One meaning each; counts by reason are part of the profile. */
export const EXIT_REASONS = {
  branch: 'a branch went the other way',
  switch: 'a br_table took another target',
  bounds: 'a memory access might be out of bounds',
  divide: 'a division by zero or overflow',
  truncate: 'a float has no integer of that width',
  unreachable: 'the guest executes unreachable',
  null: 'a reference is null',
  cast: 'a reference has another type',
  align: 'an atomic access is not aligned',
  callee: 'call_indirect reached another function',
  return: 'a return, to the caller or to another one than expected',
  call: 'a called function went on in the interpreter',
  thrown: 'an exception came out of a host call, which the guest may catch',
  depth: 'calls between fragments are nested too deeply',
  loop: 'the strip of iterations was used up',
  fuel: 'the fuel limit is near',
  stack: 'the frame stack is full',
  end: 'the trace ended here',
  interp: 'an instruction that only the interpreter executes',
  range: 'a bulk operation might be out of bounds',
  value: 'a specialized value changed',
  alias: 'an access might touch a memory slot that is kept in a value',
} as const;
export type ExitReason = keyof typeof EXIT_REASONS;

/** Where in the guest: function index and byte offset in the module. */
export interface GuestLoc {
  readonly func: number;
  readonly offset: number;
}

/** A store that was sunk out of the main path and is performed when this exit is taken. In program order. */
export interface PendingStore {
  readonly op: string;
  readonly mem: number;
  readonly offset: number;
  addr: Ins;
  value: Ins;
}

/** Everything an exit needs to rebuild the interpreter's state. */
export interface Snapshot {
  /** Index of this exit in `Region.exits`; assigned by the builder, kept by passes. */
  id: number;
  readonly reason: ExitReason;
  /** Address of the threaded-code instruction with which the interpreter goes on; -1 where `ret` says it. */
  readonly pc: number;
  /** Where `pc` is in the guest. */
  readonly loc: GuestLoc;
  /** fp of the frame that goes on, as a byte offset from the entry fp. */
  readonly fp: number;
  /** Exit of which a pass made this copy: it leaves from the same frames, at the same step. */
  readonly origin?: number;
  /** A return out of the entry frame: offset of the frame header in which pc and fp are found. */
  readonly ret?: number;
  /**
   * Guest instructions completed on the path from region entry (or from the last loop head) to this exit; the emitter's
   * instruction counter adds it. Passes leave it alone.
   */
  readonly icount: number;
  /** Frame bytes to write, ascending offsets. Types of the values give the width. */
  slots: { off: number; value: Ins }[];
  /** Promoted globals to write. */
  globals: { index: number; value: Ins }[];
  /** Sunk stores to perform, in program order. */
  stores: PendingStore[];
}

export interface InsImm {
  /** Raw bits of a constant (unsigned, of the type's width). */
  bits?: bigint;
  /** slot.load, frame.addr, frag.call (the caller's frame): byte offset from fp. Loads and stores: static offset. */
  off?: number;
  /** Loads, stores, guard.bounds, mem.bytes: memory index. */
  mem?: number;
  /** guard.bounds: static offset + access width, at most 2^33. */
  k?: number;
  /** global.get, global.set, table.*, memory.*, lane, proj, ...: the static immediate(s) of the guest instruction. */
  index?: number;
  index2?: number;
  lanes?: readonly number[];
  /** host.call, frag.call: function index; mirror.get: table; strip.*: id of the loop header. */
  func?: number;
  table?: number;
  loop?: number;
  /** Types of a typed select or of the results of a call. */
  types?: readonly ValType[];
}

/** Raw bits that a frame slot holds. */
export interface SlotBits {
  readonly off: number;
  readonly type: ValType;
  readonly bits: bigint;
}

/** One instruction; also the value that it defines. */
export interface Ins {
  readonly id: number;
  op: string;
  type: IrType;
  args: Ins[];
  imm: InsImm;
  /** Guest location for dumps, profiles and error messages. */
  loc: GuestLoc;
  /** Guards, strip.check and calls. */
  snap?: Snapshot;
  block: Block;
}

export type Terminator =
  | { kind: 'jump'; to: Block }
  | { kind: 'branch'; cond: Ins; then: Block; else: Block; likely?: 'then' | 'else' }
  | { kind: 'switch'; index: Ins; cases: Block[]; default: Block }
  | { kind: 'exit'; snap: Snapshot };

export interface Block {
  readonly id: number;
  /** Order matters: phi arguments follow it. */
  preds: Block[];
  body: Ins[];
  term: Terminator;
  /** True for loop headers (some predecessor is dominated by this block). */
  loop: boolean;
  /** Guest instructions that one execution of this block completes (for counts in loops). */
  icount: number;
}

export interface Region {
  /** Number of the root trace: T12. */
  readonly id: number;
  readonly name: string;
  /** blocks[0] is the entry: frame loads and whatever is invariant. Others in any order that has headers before bodies. */
  blocks: Block[];
  /** All snapshots by id, also those of exits that a pass removed. */
  exits: Snapshot[];
  nextId: number;
  /** Number of `profile.count` counters; none in linear regions, whose counts follow from iterations and exits. */
  counters?: number;
  /** End of the frames that the region enters, in bytes from fp; absent where it enters none. */
  frames?: number;
  /** State on entry without any change: the exit for guards hoisted into the entry block. */
  entry: Snapshot;
  /** What frame slots held at all observed entries, and those of these values that guards at the entry assume now. */
  observed?: readonly SlotBits[];
  assumed?: SlotBits[];
  /** Facts about the guest that passes may use. */
  readonly facts: RegionFacts;
}

export interface RegionFacts {
  /** Least byte length that each memory can have (declared minimum). */
  readonly memMin: readonly number[];
  /** Memories whose loads must not be merged (shared between threads). */
  readonly sharedMem: readonly boolean[];
  /** Memories with 64-bit addresses. */
  readonly mem64: readonly boolean[];
  /** By global index. `foreign`: imported, so another instance may hold it too. */
  readonly globals: readonly { type: ValType; mutable: boolean; foreign: boolean }[];
}

/**
 * Makes an instruction in no block yet; the caller puts it into `block.body`. All have the same properties in the same
 * order, also those that get no snapshot: passes ask each of them for it, and the host knows one form of object faster.
 */
export function makeIns(
  region: Region,
  block: Block,
  op: string,
  type: IrType,
  args: Ins[],
  imm: InsImm,
  loc: GuestLoc,
): Ins {
  return { id: region.nextId++, op, type, args, imm, loc, snap: undefined, block };
}

/** Blocks that control can reach from the end of `block`. */
export function successors(block: Block): Block[] {
  const t = block.term;
  switch (t.kind) {
    case 'jump':
      return [t.to];
    case 'branch':
      return [t.then, t.else];
    case 'switch':
      return [...t.cases, t.default];
    case 'exit':
      return [];
  }
}

/** Calls `use` for every value that a snapshot keeps alive. */
export function snapshotUses(snap: Snapshot, use: (value: Ins) => void): void {
  for (const s of snap.slots) use(s.value);
  for (const g of snap.globals) use(g.value);
  for (const s of snap.stores) {
    use(s.addr);
    use(s.value);
  }
}

/** Replaces values in a snapshot. */
export function mapSnapshot(snap: Snapshot, f: (value: Ins) => Ins): void {
  for (const s of snap.slots) s.value = f(s.value);
  for (const g of snap.globals) g.value = f(g.value);
  for (const s of snap.stores) {
    s.addr = f(s.addr);
    s.value = f(s.value);
  }
}
