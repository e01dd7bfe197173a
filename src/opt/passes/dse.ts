/**
 * Dead stores: a store whose bytes are overwritten later in the block, before anything can read them, is not performed.
 * Exits between the two can see it, so it becomes part of their snapshots and is performed when they are taken:
 *
 *     i32.store v1 v2              guard.true v3 !branch {i32.store[v1+0]:v2}
 *     guard.true v3 !branch {} =>  i32.store v1 v4
 *     i32.store v1 v4
 *
 * A store is never sunk past a load or a store that may touch the same bytes, nor past a call or bulk operation.
 */
import type { Block, Ins, Region, Snapshot } from '../../ir/ir.ts';
import { effectOf, isLoad, isStore } from '../../ir/ops.ts';
import { contains, mayAlias, type Place, placeOf, placeOfPending, writesAnything } from '../alias.ts';
import type { Pass, PassContext } from '../pass.ts';

const RULES = ['overwritten', 'sunk'] as const;

/** A store is not sunk into more exits than this: each makes the exit's code longer and keeps values alive. */
const MOST_EXITS = 16;

/** A place that is overwritten below, with the exits passed since, nearest to the overwriting store first. */
interface Overwritten {
  readonly place: Place;
  readonly exits: Snapshot[];
}

class DeadStores {
  readonly region: Region;
  readonly context: PassContext;
  live: Overwritten[] = [];

  constructor(region: Region, context: PassContext) {
    this.region = region;
    this.context = context;
  }

  /** True when the store has moved into exits or is not needed at all. */
  dead(ins: Ins, place: Place): boolean {
    if (this.region.facts.sharedMem[place.mem]) return false;
    const by = this.live.find((o) => contains(o.place, place));
    if (!by || !this.context.may(by.exits.length > 0 ? 'sunk' : 'overwritten')) return false;
    for (const snap of by.exits) {
      snap.stores.unshift({
        op: ins.op,
        mem: place.mem,
        offset: ins.imm.off ?? 0,
        addr: ins.args[0]!,
        value: ins.args[1]!,
      });
    }
    this.context.fired(by.exits.length > 0 ? 'sunk' : 'overwritten');
    // What is below this one in the same bytes has been sunk too, so an earlier store need not pass it.
    this.live.unshift({ place, exits: [] });
    return true;
  }

  /** An exit that sees memory as it is here. What was sunk into it before must not touch what is sunk now. */
  exit(snap: Snapshot): void {
    const pending = snap.stores.map((s) => placeOfPending(this.region, s));
    this.live = this.live.filter((o) => o.exits.length < MOST_EXITS && !pending.some((p) => mayAlias(p, o.place)));
    for (const o of this.live) o.exits.push(snap);
  }

  block(block: Block): void {
    this.live = [];
    const kept: Ins[] = [];
    for (const ins of [...block.body].reverse()) {
      if (isStore(ins)) {
        const place = placeOf(this.region, ins);
        if (this.dead(ins, place)) continue;
        this.live = this.live.filter((o) => !mayAlias(o.place, place));
        this.live.push({ place, exits: [] });
      } else if (isLoad(ins)) {
        const place = placeOf(this.region, ins);
        this.live = this.live.filter((o) => !mayAlias(o.place, place));
      } else if (writesAnything(ins) || effectOf(ins) === 'grow') this.live = [];
      else if (ins.snap) this.exit(ins.snap);
      kept.push(ins);
    }
    block.body = kept.reverse();
  }
}

export const dse: Pass = {
  name: 'dse',
  doc: 'drops stores that are overwritten, and performs them in the exits that see them',
  rules: RULES,
  run(region, context) {
    const d = new DeadStores(region, context);
    for (const b of region.blocks) d.block(b);
  },
};
