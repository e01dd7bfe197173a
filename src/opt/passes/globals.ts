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
import { type Block, type Ins, makeIns, type Region, type Snapshot, successors } from '../../ir/ir.ts';
import { effectOf } from '../../ir/ops.ts';
import { SsaVariable } from '../../ir/ssa.ts';
import { Replacements } from '../edit.ts';
import type { Pass, PassContext } from '../pass.ts';

const RULES = ['read', 'write', 'write-back'] as const;

const PROMOTED = new Set(['i32', 'i64', 'f32', 'f64', 'v128']);

/** True for instructions during which others may see and change globals. */
function isCall(ins: Ins): boolean {
  return effectOf(ins) === 'call';
}

/** One global that lives in values. */
class Promoted {
  readonly region: Region;
  readonly index: number;
  readonly variable: SsaVariable;
  readonly initial: Ins;
  /** Blocks at whose start the global itself may be out of date. */
  readonly dirty = new Set<Block>();
  written = false;
  /** State of the walk through one block. */
  now: Ins | null = null;
  isDirty = false;

  constructor(region: Region, index: number, first: Ins) {
    this.region = region;
    this.index = index;
    const { type } = region.facts.globals[index]!;
    this.variable = new SsaVariable(region, type, first.loc);
    this.initial = this.read(region.blocks[0]!, first);
    this.variable.write(region.blocks[0]!, this.initial);
  }

  read(block: Block, like: Ins): Ins {
    const { type } = this.region.facts.globals[this.index]!;
    return makeIns(this.region, block, 'global.get', type, [], { index: this.index }, like.loc);
  }

  enter(block: Block): void {
    this.now = block === this.region.blocks[0] ? this.initial : null;
    this.isDirty = this.dirty.has(block);
  }

  value(block: Block): Ins {
    this.now ??= this.variable.atStart(block);
    return this.now;
  }
}

class Globals {
  readonly region: Region;
  readonly context: PassContext;
  readonly promoted = new Map<number, Promoted>();
  /** Reads behind each call. */
  readonly reread = new Map<Ins, { p: Promoted; again: Ins }[]>();
  readonly same: Replacements;

  constructor(region: Region, context: PassContext) {
    this.region = region;
    this.same = new Replacements(region);
    this.context = context;
  }

  /** The promoted global that an instruction reads or writes. */
  of(ins: Ins): Promoted | undefined {
    return ins.imm.index === undefined ? undefined : this.promoted.get(ins.imm.index);
  }

  /** Finds mutable number globals, and the last value of each block. */
  collect(): void {
    const calls: Ins[] = [];
    const accesses: Ins[] = [];
    for (const b of this.region.blocks) {
      for (const ins of b.body) {
        const e = effectOf(ins);
        if (e === 'global.get' || e === 'global.set') accesses.push(ins);
        if (e === 'call') calls.push(ins);
      }
    }
    for (const ins of accesses) {
      const g = this.region.facts.globals[ins.imm.index!];
      if (!g?.mutable || !PROMOTED.has(g.type)) continue;
      if (!this.of(ins)) this.promoted.set(ins.imm.index!, new Promoted(this.region, ins.imm.index!, ins));
      if (ins.op === 'global.set') this.of(ins)!.written = true;
    }
    for (const call of calls) {
      const reads = [...this.promoted.values()].map((p) => ({ p, again: p.read(call.block, call) }));
      this.reread.set(call, reads);
    }
    for (const b of this.region.blocks) {
      for (const ins of b.body) {
        if (ins.op === 'global.set') this.of(ins)?.variable.write(b, ins.args[0]!);
        if (ins.snap) for (const { p, again } of this.reread.get(ins) ?? []) p.variable.write(b, again);
      }
    }
  }

  /** What each block does last with each promoted global: a write, or a call that reads it. */
  lasts(): Map<Block, { call: boolean; written: Set<Promoted> }> {
    const lasts = new Map<Block, { call: boolean; written: Set<Promoted> }>();
    for (const b of this.region.blocks) {
      const last = { call: false, written: new Set<Promoted>() };
      for (const ins of b.body) {
        const p = ins.op === 'global.set' ? this.of(ins) : undefined;
        if (p) last.written.add(p);
        else if (ins.snap && isCall(ins)) {
          last.call = true;
          last.written.clear();
        }
      }
      lasts.set(b, last);
    }
    return lasts;
  }

  /** Finds where a write may have been made that no call has brought to the global. */
  spread(p: Promoted, lasts: ReturnType<Globals['lasts']>): void {
    const endsDirty = (b: Block): boolean => {
      const { call, written } = lasts.get(b)!;
      return written.has(p) || (!call && p.dirty.has(b));
    };
    const work = [...this.region.blocks];
    for (let b = work.pop(); b; b = work.pop()) {
      if (successors(b).length === 0 || !endsDirty(b)) continue;
      for (const s of successors(b)) {
        if (p.dirty.has(s)) continue;
        p.dirty.add(s);
        work.push(s);
      }
    }
  }

  leave(snap: Snapshot, block: Block): void {
    for (const p of this.promoted.values()) {
      if (!p.isDirty || snap.globals.some((g) => g.index === p.index)) continue;
      snap.globals.push({ index: p.index, value: p.value(block) });
      this.context.fired('write-back');
    }
  }

  block(b: Block): void {
    for (const p of this.promoted.values()) p.enter(b);
    const body: Ins[] = [];
    for (const ins of b.body) {
      const p = ins.op === 'global.get' || ins.op === 'global.set' ? this.of(ins) : undefined;
      if (!p) {
        body.push(ins);
        if (!ins.snap) continue;
        this.leave(ins.snap, b);
        for (const { p: q, again } of this.reread.get(ins) ?? []) {
          body.push(again);
          q.now = again;
          q.isDirty = false;
        }
      } else if (ins.op === 'global.get') {
        this.same.set(ins, p.value(b));
        this.context.fired('read');
      } else {
        p.now = ins.args[0]!;
        p.isDirty = true;
        this.context.fired('write');
      }
    }
    b.body = body;
    if (b.term.kind === 'exit') this.leave(b.term.snap, b);
  }

  run(): void {
    this.collect();
    if (this.promoted.size === 0) return;
    const lasts = this.lasts();
    for (const p of this.promoted.values()) if (p.written) this.spread(p, lasts);
    for (const b of this.region.blocks) this.block(b);
    for (const p of this.promoted.values()) {
      this.region.blocks[0]!.body.unshift(p.initial);
      p.variable.flush();
    }
    for (const b of this.region.blocks) this.same.rewrite(b);
  }
}

export const globals: Pass = {
  name: 'globals',
  doc: 'keeps mutable globals in values and writes them back at exits',
  rules: RULES,
  run(region, context) {
    // What one of them does the others count on.
    if (!RULES.every((rule) => context.may(rule))) return;
    // Only host.call says what is in memory while it runs; another kind of call would need the globals themselves.
    if (region.blocks.some((b) => b.body.some((ins) => isCall(ins) && !ins.snap))) return;
    new Globals(region, context).run();
  },
};
