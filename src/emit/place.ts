/**
 * Decides where each value lives: recomputed at each use (constants), evaluated inside the expression that uses it
 * (values with one use), or in a local. So
 *
 *     v7 = i32.load v3            local.get $v4
 *     v8 = i32.add v4 v7    ->    local.get $v3  i32.load
 *                                 i32.add  local.set $v8
 *
 * An instruction inside an expression runs later than it stands in its block. `effects.ts` says what it may pass; values
 * that only exits need are evaluated in the exit stub, off the main path.
 */
import type { DomTree } from '../ir/dom.ts';
import type { Block, Ins, Region, Snapshot } from '../ir/ir.ts';
import { effectOf, isCall, isConst } from '../ir/ops.ts';
import { accessOf, STATE_KINDS } from './effects.ts';
import type { Induction, Progress } from './induction.ts';
import { type SlotWrites, slotWrites } from './snapshots.ts';

/** `effect`: executed where it stands, its result (if any) dropped. */
export type Place = 'dead' | 'again' | 'inline' | 'local' | 'effect';

export interface Placement {
  readonly dom: DomTree;
  /** Numbers of values are below it. */
  readonly size: number;
  /** What an exit writes and reads besides its snapshot's stores and globals. */
  readonly exits: ExitNeeds;
  place(value: Ins): Place;
  /** Projections of an instruction with several results, by result index. */
  results(ins: Ins): (Ins | undefined)[];
  /** The one projection that stands for all equal ones; every other value itself. */
  rep(value: Ins): Ins;
}

/** Slots that an exit writes, and the values that tell how far its loops came. */
export interface ExitNeeds {
  readonly slots: SlotWrites;
  progress(snap: Snapshot): readonly { readonly header: Block; readonly at: Progress }[];
}

const NO_PROGRESS: readonly { header: Block; at: Progress }[] = [];

function exitNeeds(region: Region, inductions: ReadonlyMap<Block, Induction>): ExitNeeds {
  const known = new Map<Snapshot, { header: Block; at: Progress }[]>();
  for (const { header, progress } of inductions.values()) {
    for (const [snap, at] of progress) {
      const list = known.get(snap);
      if (list) list.push({ header, at });
      else known.set(snap, [{ header, at }]);
    }
  }
  return { slots: slotWrites(region), progress: (snap) => known.get(snap) ?? NO_PROGRESS };
}

/** Longest chain of nested expressions; deeper ones go through locals, so that no recursion here or in a host is deep. */
const MAX_DEPTH = 64;

/** Where a value with one use is used. `stub`: inside an exit stub, whose stores may overwrite frame slots. */
interface Site {
  readonly block: Block;
  readonly pos: number;
  readonly stub: boolean;
  readonly depth: number;
}

/** Calls `use` with everything that leaving through `snap` needs. */
export function stubUses(snap: Snapshot, exits: ExitNeeds, use: (value: Ins) => void): void {
  for (const s of snap.stores) {
    use(s.addr);
    use(s.value);
  }
  for (const g of snap.globals) use(g.value);
  for (const s of exits.slots(snap)) use(s.value);
  for (const { at } of exits.progress(snap)) use(at.value);
}

/** Calls `use` with the operand of the terminator, if there is one, and with what an exit writes. */
function termUses(block: Block, exits: ExitNeeds, use: (value: Ins) => void): void {
  const t = block.term;
  if (t.kind === 'branch') use(t.cond);
  else if (t.kind === 'switch') use(t.index);
  else if (t.kind === 'exit') stubUses(t.snap, exits, use);
}

/** True for instructions that have to be executed even when nobody uses their result. */
function mustRun(ins: Ins): boolean {
  const effect = effectOf(ins);
  const access = accessOf(ins.op, effect);
  return (
    access.writes !== 0 ||
    effect === 'count' ||
    effect === 'load' ||
    effect === 'trap' ||
    effect === 'table.get' ||
    effect === 'heap.get'
  );
}

/** Counts the uses of every value by instructions that are executed; values without any stay at 0. */
function countUses(dom: DomTree, exits: ExitNeeds, size: number): { uses: Uint32Array; needed: Uint8Array } {
  const uses = new Uint32Array(size);
  const needed = new Uint8Array(size);
  const work: Ins[] = [];
  const need = (ins: Ins): void => {
    if (needed[ins.id]) return;
    needed[ins.id] = 1;
    work.push(ins);
  };
  const use = (value: Ins): void => {
    uses[value.id]!++;
    need(value);
  };
  for (const block of dom.order) {
    for (const ins of block.body) if (mustRun(ins)) need(ins);
    termUses(block, exits, use);
  }
  for (let ins = work.pop(); ins; ins = work.pop()) {
    for (const a of ins.args) use(a);
    if (ins.snap) stubUses(ins.snap, exits, use);
  }
  return { uses, needed };
}

function cheapAgain(ins: Ins, uses: number): boolean {
  if (isConst(ins)) return ins.type !== 'v128' || uses <= 2;
  return ins.op === 'frame.addr' || ins.op === 'ref.null';
}

/** Number of values that the instruction leaves on the stack. Several results are named by `imm.types`. */
export function resultCount(ins: Ins): number {
  return ins.type === 'void' ? (ins.imm.types?.length ?? 0) : 1;
}

/** `inductions`: loops whose exits work out the iterations from a phi. */
export function placeValues(
  region: Region,
  dom: DomTree,
  inductions: ReadonlyMap<Block, Induction> = new Map(),
): Placement {
  const size = region.nextId;
  const exits = exitNeeds(region, inductions);
  const { uses, needed } = countUses(dom, exits, size);
  const places: Place[] = Array.from({ length: size }, () => 'dead');
  // Of full length from the start: the host keeps arrays that are written far beyond their end as hash tables.
  const sites = new Array<Site | undefined>(size).fill(undefined);
  const results = new Map<Ins, (Ins | undefined)[]>();
  const reps = new Map<Ins, Ins>();

  for (const block of dom.order) {
    for (const phi of block.body) {
      if (phi.op !== 'phi') break;
      if (!needed[phi.id]) continue;
      for (const [i, arg] of phi.args.entries()) {
        const from = block.preds[i]!;
        sites[arg.id] = { block: from, pos: from.body.length + 1, stub: false, depth: 0 };
      }
    }
  }
  for (const block of dom.order) {
    const end = block.body.length;
    const last: Site = { block, pos: end, stub: block.term.kind === 'exit', depth: 0 };
    termUses(block, exits, (v) => {
      sites[v.id] = last;
    });
    const nextWrite: number[] = Array.from({ length: STATE_KINDS }, () => Number.POSITIVE_INFINITY);
    const conflicts = (reads: number, until: number): boolean => {
      for (let kind = 0; kind < STATE_KINDS; kind++) if (reads & (1 << kind) && nextWrite[kind]! < until) return true;
      return false;
    };
    for (let i = end - 1; i >= 0; i--) {
      const ins = block.body[i]!;
      if (!needed[ins.id]) continue;
      const access = accessOf(ins.op, effectOf(ins));
      const site = sites[ins.id];
      const n = uses[ins.id]!;
      let place: Place;
      if (ins.op === 'phi') place = 'local';
      else if (ins.op === 'proj') {
        place = 'local';
        const of = ins.args[0]!;
        const list = results.get(of) ?? [];
        results.set(of, list);
        const index = ins.imm.index ?? 0;
        const twin = list[index];
        if (twin) reps.set(ins, twin);
        else list[index] = ins;
      } else if (n === 0 || ins.type === 'void') place = 'effect';
      else if (cheapAgain(ins, n)) place = 'again';
      else if (
        access.writes === 0 &&
        n === 1 &&
        site?.block === block &&
        site.pos > i &&
        site.depth < MAX_DEPTH &&
        (access.reads === 0 || (!site.stub && !conflicts(access.reads, site.pos)))
      ) {
        place = 'inline';
      } else place = 'local';
      places[ins.id] = place;
      for (let kind = 0; kind < STATE_KINDS; kind++) if (access.writes & (1 << kind)) nextWrite[kind] = i;
      if (ins.op === 'phi') continue;
      const own: Site = { block, pos: i, stub: isCall(ins), depth: 0 };
      const operand = place === 'inline' ? { ...site!, depth: site!.depth + 1 } : own;
      for (const a of ins.args) sites[a.id] = operand;
      if (ins.snap) {
        const stub: Site = { ...own, stub: true };
        stubUses(ins.snap, exits, (v) => (sites[v.id] = stub));
      }
    }
  }
  return {
    dom,
    size,
    exits,
    place: (v) => places[v.id]!,
    results: (ins) => results.get(ins) ?? [],
    rep: (v) => reps.get(v) ?? v,
  };
}
