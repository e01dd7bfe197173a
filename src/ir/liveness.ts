/**
 * Which locals and operands of a guest function are alive at an instruction: read before they are written again, on some
 * way from there. An exit does not have to write dead ones, so fragments need not keep them: that frees registers in inner
 * loops. An operand is dead where the code reads a local or a constant instead of its slot, or drops it; without that, a
 * slot would hold what the iteration before left there, and the loop would carry it along.
 *
 * What an instruction reads and writes is found by lifting it into nothing.
 */
import type { ArmKind, ArmSet } from '../machine/arm.ts';
import { type Signature, slotBytes, typesBytes, windowBytes } from '../machine/arms/call.ts';
import { META } from '../machine/code-buffer.ts';
import type { CodeMap, FuncCode } from '../machine/code-map.ts';
import { isProtected } from '../machine/handlers.ts';
import { HEADER } from '../machine/layout.ts';
import type { ValType } from '../wasm/row.ts';
import type { Ins, InsImm, IrType, Snapshot } from './ir.ts';
import { type LiftEnv, Lifter } from './lift.ts';

/** Liveness of functions, worked out when first asked for. */
export class LivenessMap {
  private readonly known = new WeakMap<FuncCode, FunctionLiveness>();
  private readonly env: () => LiftEnv;

  /** `env`: asked each time, because the view of the machine memory changes when that grows. */
  constructor(env: () => LiftEnv) {
    this.env = env;
  }

  /** Frame offsets of the locals and operands that are dead before the instruction at `pc`; none where nothing is known. */
  deadAt(pc: number): readonly number[] {
    const env = this.env();
    const at = env.map.at(pc);
    if (!at) return [];
    let of = this.known.get(at.code);
    if (!of) {
      of = new FunctionLiveness(env, at.code);
      this.known.set(at.code, of);
    }
    return of.deadBefore(at.row);
  }
}

class FunctionLiveness {
  private readonly code: FuncCode;
  /** Offsets of locals and of all slots that operands can have. */
  private readonly slots: readonly number[];
  private readonly words: number;
  /** One bit a slot for each instruction: alive before it. */
  private readonly live: Uint32Array;
  private readonly dead = new Map<number, readonly number[]>();

  constructor(env: LiftEnv, code: FuncCode) {
    this.code = code;
    this.slots = slotsOf(code, env.signature(code.func));
    this.words = Math.ceil(this.slots.length / 32);
    const rows = code.meta.length / META.size;
    this.live = new Uint32Array(rows * this.words);
    this.solve(env.arms, env.map, env.words, new UseFinder(env, code), rows);
  }

  private solve(arms: ArmSet, map: CodeMap, memory: Int32Array, uses: UseFinder, rows: number): void {
    const { code, words, live } = this;
    const reads = new Uint32Array(rows * words);
    const writes = new Uint32Array(rows * words);
    const next: number[][] = [];
    const index = new Map(this.slots.map((off, i) => [off, i]));
    const mark = (set: Uint32Array, row: number, off: number) => {
      const i = index.get(off);
      if (i !== undefined) set[row * words + (i >> 5)]! |= 1 << (i & 31);
    };
    for (let row = 0; row < rows; row++) {
      const pc = code.base + 4 * (code.meta[row * META.size] as number);
      const word = (i: number) => memory[(pc >> 2) + i] as number;
      const arm = arms.at(word(0));
      const rowOf = (address: number) => map.at(address)?.row ?? row;
      next.push(
        endsFrame(arm.kind)
          ? []
          : arm.kind === 'jump'
            ? [rowOf(word(arm.target as number))]
            : arm.kind === 'table'
              ? Array.from({ length: word(2) + 1 }, (_, i) => rowOf(word(3 + 4 * i)))
              : arm.kind === 'branch'
                ? [row + 1, rowOf(word(arm.target as number))]
                : [row + 1],
      );
      // From a call in protected code control may come to a landing pad, behind which anything may be read.
      const caught = MAY_THROW.has(arm.kind) && isProtected(code, pc);
      if (!caught && arm.lift && uses.find(pc, arm.lift)) {
        for (const off of uses.reads) mark(reads, row, off);
        for (const off of uses.writes) mark(writes, row, off);
      } else reads.fill(0xffffffff, row * words, (row + 1) * words);
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (let row = rows - 1; row >= 0; row--) {
        for (let w = 0; w < words; w++) {
          const at = row * words + w;
          let out = 0;
          for (const n of next[row] as number[]) if (n < rows) out |= live[n * words + w] as number;
          const now = ((out & ~(writes[at] as number)) | (reads[at] as number)) >>> 0;
          if (now === live[at]) continue;
          live[at] = now;
          changed = true;
        }
      }
    }
  }

  deadBefore(row: number): readonly number[] {
    let list = this.dead.get(row);
    if (!list) {
      const { words, live, code } = this;
      const top = code.meta[row * META.size + META.top] as number;
      const isLive = (i: number) => ((live[row * words + (i >> 5)] as number) >>> (i & 31)) & 1;
      list = this.slots.filter((off, i) => (i < code.locals.length || off < top) && !isLive(i));
      this.dead.set(row, list);
    }
    return list;
  }
}

/** Locals first, then every place of an operand; the header between them is none. */
function slotsOf(code: FuncCode, sig: Signature): number[] {
  const slots = code.locals.map((l) => l.off);
  const header = windowBytes(sig);
  const first = Math.max(header + HEADER.bytes, ...code.locals.map((l) => l.off + slotBytes(l.type)));
  for (let off = first; off < code.frameBytes; off += 8) slots.push(off);
  return slots;
}

const MAY_THROW = new Set<ArmKind>(['call', 'indirect', 'host', 'throw']);

/** Nothing behind the instruction belongs to the same call. */
function endsFrame(kind: ArmKind): boolean {
  return kind === 'return' || kind === 'stop' || kind === 'throw' || kind === 'tail' || kind === 'tail-indirect';
}

/** A lifter that makes no IR and notes which slots of the frame an instruction reads and writes. */
class UseFinder extends Lifter {
  readonly reads = new Set<number>();
  readonly writes = new Set<number>();
  private readonly results: readonly ValType[];
  private readonly frameBytes: number;

  constructor(env: LiftEnv, code: FuncCode) {
    super(env, 0, '', code.base, code.base);
    this.frameBytes = code.frameBytes;
    this.results = env.signature(code.func).results;
  }

  /** False where the instruction cannot be lifted alone. */
  find(pc: number, lift: (l: Lifter) => void): boolean {
    this.pc = pc;
    this.next = 0;
    this.reads.clear();
    this.writes.clear();
    try {
      lift(this);
      return true;
    } catch {
      return false;
    }
  }

  override ins(op: string, type: IrType, args: Ins[], imm: InsImm = {}): Ins {
    return { id: 0, op, type, args, imm, loc: this.loc, snap: undefined, block: this.block };
  }

  protected slot(off: number, type: ValType): Ins {
    if (!this.writes.has(off)) this.reads.add(off);
    return this.ins('slot.load', type, [], { off });
  }

  protected write(off: number, _value: Ins): void {
    this.writes.add(off);
  }

  protected override snapshot(): Snapshot {
    return this.region.entry;
  }

  protected openSnapshot(): void {}
  protected behind(snap: Snapshot): Snapshot {
    return snap;
  }
  branch(): void {}
  switch(): void {}
  return(_header: number, effects: () => void): void {
    effects();
    // Results that were put in place before lie where the first parameters are.
    let off = 0;
    for (const type of this.results) {
      if (!this.writes.has(off)) this.reads.add(off);
      off += slotBytes(type);
    }
  }

  // Locals of this frame are left alone; from the arguments on, the bytes are the callee's.
  override call(_func: number, args: number): void {
    for (let off = args; off < this.frameBytes; off += 8) this.reads.add(off);
  }
  override calleeGuard(): number {
    return 0;
  }
  override calleeRefId(ref: Ins): Ins {
    return this.ins('func.id', 'i32', [ref]);
  }
  override hostCall(_func: number, args: number, _top: number, sig: Signature): void {
    for (let off = args; off < args + typesBytes(sig.params); off += 8) this.reads.add(off);
  }
}
