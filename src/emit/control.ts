/**
 * Structured control flow from a reducible graph, after Norman Ramsey, "Beyond Relooper" (ICFP 2022): walk the dominator
 * tree; a block with several forward predecessors gets a Wasm `block` that ends where its code begins, a loop header
 * a `loop`, everything else is written at its only predecessor.
 */
import type { Block, Ins } from '../ir/ir.ts';
import { EmitError } from './errors.ts';
import { emitExit } from './exits.ts';
import type { Frag } from './frag.ts';
import { beginInnerStrips, countInstructions, enterStrip, entersStrip } from './strips.ts';
import { emitCondition, emitStatement, emitValue } from './values.ts';

/** Shape of the graph, computed once. */
interface Shape {
  /** Blocks that branches reach by label although no loop begins there. */
  readonly merges: ReadonlySet<Block>;
  /** Labels of loops; those of merges are the blocks themselves. */
  readonly loops: ReadonlyMap<Block, object>;
}

function shapeOf(f: Frag): Shape {
  const { dom } = f.p;
  const merges = new Set<Block>();
  const loops = new Map<Block, object>();
  for (const b of dom.order) {
    let forward = 0;
    for (const p of b.preds) {
      const at = dom.index.get(p);
      if (at === undefined) continue;
      if (at < dom.index.get(b)!) forward++;
      else if (dom.dominates(b, p)) loops.set(b, {});
      else throw new EmitError('irreducible', `edge from b${p.id} to b${b.id} of T${f.region.id}`);
    }
    if (forward > 1) merges.add(b);
  }
  return { merges, loops };
}

/** Writes the code of all blocks. Control never reaches the end. */
export function emitBlocks(f: Frag): void {
  new Control(f, shapeOf(f)).tree(f.p.dom.order[0]!, null);
}

/** In all methods, `next` is the block whose code begins where the written code ends; null: the end is not reached. */
class Control {
  private readonly f: Frag;
  private readonly shape: Shape;

  constructor(f: Frag, shape: Shape) {
    this.f = f;
    this.shape = shape;
  }

  /** `b` and all that it dominates. */
  tree(b: Block, next: Block | null): void {
    const { dom } = this.f.p;
    const inside = dom.children.get(b)!.filter((c) => this.shape.merges.has(c));
    inside.sort((x, y) => dom.index.get(x)! - dom.index.get(y)!);
    const loop = this.shape.loops.get(b);
    if (loop) this.f.out.begin('loop', loop);
    this.within(b, inside, next);
    if (loop) this.f.out.end();
  }

  /** `b` inside the blocks that end at `merges`, the last of which is the outermost. */
  private within(b: Block, merges: Block[], next: Block | null): void {
    const y = merges.pop();
    if (!y) {
      this.block(b, next);
      return;
    }
    this.f.out.begin('block', y);
    this.within(b, merges, y);
    this.f.out.end();
    this.tree(y, next);
  }

  private block(b: Block, next: Block | null): void {
    const { f } = this;
    const t = b.term;
    beginInnerStrips(f, b);
    if (t.kind === 'jump' && this.guardedJump(b, t.to)) return;
    for (const ins of b.body) emitStatement(f, ins);
    if (t.kind === 'exit') {
      emitExit(f, b, t.snap);
      return;
    }
    countInstructions(f, b.icount);
    if (t.kind === 'jump') this.edge(b, t.to, next);
    else if (t.kind === 'branch') this.branch(b, t.cond, t.then, t.else, t.likely, next);
    else this.switch(b, t.index, [...t.cases, t.default], next);
  }

  /**
   * A block that ends in a guard and a branch becomes `br_if` with the exit behind it: the usual end of a loop. Worth 6 %
   * of a tight loop in the host's baseline compiler, nothing in the optimizing one, and three bytes.
   */
  private guardedJump(b: Block, to: Block): boolean {
    const { f } = this;
    const guard = b.body.at(-1);
    if (!guard?.snap || (guard.op !== 'guard.true' && guard.op !== 'guard.false')) return false;
    const label = this.direct(b, to);
    if (!label || f.force !== -1 || f.icount !== -1) return false;
    for (const ins of b.body) if (ins !== guard) emitStatement(f, ins);
    f.out.at(guard.loc);
    emitCondition(f, guard.args[0]!, guard.op === 'guard.false');
    f.out.hint(true).brIf(label);
    emitExit(f, b, guard.snap);
    return true;
  }

  /** Moves from `from` to the phis of `to` that are not in the right local already. */
  private moves(from: Block, to: Block): { local: number; value: Ins }[] {
    const { p, locals } = this.f;
    const moves: { local: number; value: Ins }[] = [];
    const at = to.preds.indexOf(from);
    for (const phi of to.body) {
      if (phi.op !== 'phi') break;
      if (p.place(phi) !== 'local') continue;
      const value = phi.args[at]!;
      const local = locals.of(phi);
      if (p.place(value) !== 'local' || locals.of(value) !== local) moves.push({ local, value });
    }
    return moves;
  }

  private label(to: Block, from: Block): object | null {
    const loop = this.shape.loops.get(to);
    if (loop && this.f.p.dom.dominates(to, from)) return loop;
    return this.shape.merges.has(to) ? to : null;
  }

  /** Label that one branch instruction can go to, if nothing else has to be done on the way. */
  private direct(from: Block, to: Block): object | null {
    if (entersStrip(this.f, from, to)) return null;
    return this.moves(from, to).length === 0 ? this.label(to, from) : null;
  }

  /** Control goes from the end of `from` to `to`. */
  private edge(from: Block, to: Block, next: Block | null): void {
    const { f } = this;
    const moves = this.moves(from, to);
    // All are read before the first is written: the moves are parallel.
    for (const m of moves) emitValue(f, m.value);
    for (const m of moves.reverse()) f.out.set(m.local);
    if (entersStrip(f, from, to)) enterStrip(f, to);
    const label = this.label(to, from);
    if (!label) this.tree(to, next);
    else if (to !== next) f.out.br(label);
  }

  private branch(
    from: Block,
    cond: Ins,
    then: Block,
    other: Block,
    likely: string | undefined,
    next: Block | null,
  ): void {
    const { f } = this;
    f.out.at(cond.loc);
    if (then === other) {
      emitValue(f, cond);
      f.out.op('drop');
      this.edge(from, then, next);
      return;
    }
    const thenLabel = this.direct(from, then);
    const otherLabel = this.direct(from, other);
    // One arm becomes `br_if` or `if`, the other goes on. The likely one, or one with more than a branch, goes on.
    let negate = false;
    if (thenLabel && otherLabel) negate = then === next || (likely === 'then' && other !== next);
    else if (thenLabel || otherLabel) negate = thenLabel === null;
    else negate = likely !== 'else';
    const [jump, stay, label] = negate ? [other, then, otherLabel] : [then, other, thenLabel];
    emitCondition(f, cond, negate);
    if (likely) f.out.hint(likely === (negate ? 'else' : 'then'));
    if (label) f.out.brIf(label);
    else {
      f.out.begin('if');
      this.edge(from, jump, null);
      f.out.end();
    }
    this.edge(from, stay, next);
  }

  private switch(from: Block, index: Ins, targets: Block[], next: Block | null): void {
    const { f } = this;
    const pads = [...new Set(targets)].filter((t) => !this.direct(from, t));
    f.out.at(index.loc);
    // Targets that need more than a branch get a landing pad each; the last one's code stands behind the br_table.
    const labels = new Map(pads.map((t) => [t, {}]));
    for (const t of [...pads].reverse()) f.out.begin('block', labels.get(t)!);
    emitValue(f, index);
    const depths = targets.map((t) => f.out.depth(labels.get(t) ?? this.direct(from, t)!));
    f.out.op('br_table', depths.slice(0, -1), depths.at(-1)!);
    for (const [i, t] of pads.entries()) {
      f.out.end();
      this.edge(from, t, i === pads.length - 1 ? next : null);
    }
  }
}
