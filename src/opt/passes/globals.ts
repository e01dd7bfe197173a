/**
 * Keeps mutable globals in values. Reads take the value that was written last, writes disappear; each exit that a write
 * may have reached gets the value in its snapshot, and so does each host call, after which the global is read again
 * (the host, and another instance that shares the global, may have changed it).
 *
 *     v1 = global.get 0            v1 = global.get 0
 *     v2 = i32.sub v1 16           v2 = i32.sub v1 16
 *     global.set 0 v2         =>   guard.true v3 !branch {g0:v2}
 *     guard.true v3 !branch {}
 */
import type { Block, Ins, Region, Snapshot } from '../../ir/ir.ts';
import { makeIns, successors } from '../../ir/ir.ts';
import { effectOf } from '../../ir/ops.ts';
import { SsaVariable } from '../../ir/ssa.ts';
import { mapUses, Replacements } from '../edit.ts';
import type { Pass, PassContext } from '../pass.ts';

const RULES = ['read', 'write', 'write-back'] as const;

const PROMOTED = new Set(['i32', 'i64', 'f32', 'f64', 'v128']);

/** Indices of mutable number globals that the region reads or writes. */
function candidates(region: Region): Map<number, Ins[]> {
  const found = new Map<number, Ins[]>();
  for (const b of region.blocks) {
    for (const ins of b.body) {
      const e = effectOf(ins);
      if (e !== 'global.get' && e !== 'global.set') continue;
      const index = ins.imm.index!;
      const g = region.facts.globals[index];
      if (g?.mutable && PROMOTED.has(g.type)) found.set(index, [...(found.get(index) ?? []), ins]);
    }
  }
  return found;
}

/** True for instructions during which others may see and change globals. */
function isCall(ins: Ins): boolean {
  return effectOf(ins) === 'call';
}

class Promotion {
  readonly region: Region;
  readonly index: number;
  readonly context: PassContext;
  readonly variable: SsaVariable;
  readonly same: Replacements;
  readonly initial: Ins;
  /** The read behind each call. */
  readonly reread = new Map<Ins, Ins>();
  readonly writes: boolean;

  constructor(region: Region, index: number, accesses: Ins[], same: Replacements, context: PassContext) {
    this.region = region;
    this.index = index;
    this.context = context;
    this.same = same;
    const { type } = region.facts.globals[index]!;
    const { loc } = accesses[0]!;
    this.variable = new SsaVariable(region, type, loc);
    this.initial = this.#read(region.blocks[0]!, loc);
    this.writes = accesses.some((a) => effectOf(a) === 'global.set');
  }

  #read(block: Block, loc: Ins['loc']): Ins {
    const { type } = this.region.facts.globals[this.index]!;
    return makeIns(this.region, block, 'global.get', type, [], { index: this.index }, loc);
  }

  isRead(ins: Ins): boolean {
    return effectOf(ins) === 'global.get' && ins.imm.index === this.index;
  }

  isWrite(ins: Ins): boolean {
    return effectOf(ins) === 'global.set' && ins.imm.index === this.index;
  }

  /** Tells the variable the last value of each block. */
  collect(): void {
    const entry = this.region.blocks[0]!;
    this.variable.write(entry, this.initial);
    for (const b of this.region.blocks) {
      for (const ins of b.body) {
        if (this.isWrite(ins)) this.variable.write(b, ins.args[0]!);
        else if (isCall(ins)) {
          const again = this.#read(b, ins.loc);
          this.reread.set(ins, again);
          this.variable.write(b, again);
        }
      }
    }
  }

  /** Blocks at whose start the global itself may be out of date. */
  dirtyBlocks(): Set<Block> {
    const dirty = new Set<Block>();
    if (!this.writes) return dirty;
    const endsDirty = (b: Block): boolean => {
      const last = b.body.findLast((ins) => this.isWrite(ins) || isCall(ins));
      return last ? this.isWrite(last) : dirty.has(b);
    };
    const work = [...this.region.blocks];
    for (let b = work.pop(); b; b = work.pop()) {
      if (!endsDirty(b)) continue;
      for (const s of successors(b)) {
        if (dirty.has(s)) continue;
        dirty.add(s);
        work.push(s);
      }
    }
    return dirty;
  }

  rewrite(): void {
    const dirty = this.dirtyBlocks();
    for (const b of this.region.blocks) {
      let now: Ins | null = b === this.region.blocks[0] ? this.initial : null;
      let isDirty = dirty.has(b);
      const value = () => (now ??= this.variable.atStart(b));
      const leave = (snap: Snapshot) => {
        if (!isDirty || snap.globals.some((g) => g.index === this.index)) return;
        snap.globals.push({ index: this.index, value: value() });
        this.context.fired('write-back');
      };
      const body: Ins[] = [];
      for (const ins of b.body) {
        if (this.isRead(ins)) {
          this.same.set(ins, value());
          this.context.fired('read');
          continue;
        }
        if (this.isWrite(ins)) {
          now = ins.args[0]!;
          isDirty = true;
          this.context.fired('write');
          continue;
        }
        body.push(ins);
        if (ins.snap) leave(ins.snap);
        const again = this.reread.get(ins);
        if (!again) continue;
        body.push(again);
        now = again;
        isDirty = false;
      }
      b.body = body;
      if (b.term.kind === 'exit') leave(b.term.snap);
    }
    this.region.blocks[0]!.body.unshift(this.initial);
    this.variable.flush();
  }
}

export const globals: Pass = {
  name: 'globals',
  doc: 'keeps mutable globals in values and writes them back at exits',
  rules: RULES,
  run(region, context) {
    // Only host.call says what is in memory while it runs; another kind of call would need the globals themselves.
    if (region.blocks.some((b) => b.body.some((ins) => isCall(ins) && !ins.snap))) return;
    for (const [index, accesses] of candidates(region)) {
      const same = new Replacements();
      const p = new Promotion(region, index, accesses, same, context);
      p.collect();
      p.rewrite();
      for (const b of region.blocks) mapUses(b, same.get);
    }
  },
};
