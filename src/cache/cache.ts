/**
 * The fragment cache: which fragments exist, where they are entered, and how their exits are linked.
 *
 * Every exit has its own slot in the fragment table. An unlinked slot holds the interpreter's exit function, a linked
 * one the next fragment: linking is `table.set`. After a flush slots are not used again, because a fragment that is
 * still running on the host's stack may yet leave through them.
 */
import type { Heads } from '../machine/heads.ts';
import { EXIT, FRAGMENT } from '../machine/layout.ts';
import type { MachineMemory } from '../machine/memory.ts';
import type { Params } from '../policy-text.ts';
import type { Fragment, FragmentExit } from './fragment.ts';
import type { CachePolicy, CacheView, Keeper } from './policy.ts';
import { rearmExit } from './rearm.ts';

/** Iterations of a loop until the fragment leaves at its head, so that the machine can poll and the host can re-tier. */
export const STRIP = 1 << 16;

export interface CacheStats {
  flushes: number;
  /** Fragments given up one by one. */
  evicted: number;
  links: number;
  bytes: number;
}

export interface CacheSettings {
  /** Bytes of emitted Wasm. */
  readonly budget: number;
  readonly linking: boolean;
  readonly policy: CachePolicy;
  readonly params: Params;
  /** Guest instructions of the run so far. */
  instructions(): number;
  /** So many fragments and bytes were given up; `all`: the cache is empty now. */
  given(fragments: number, bytes: number, all: boolean): void;
}

/** What became of the request for room. `changed`: fragments were given up. */
export type Room = 'room' | 'changed' | 'too-large' | 'full';

export class FragmentCache {
  readonly table: WebAssembly.Table;
  readonly all: Fragment[] = [];
  readonly stats: CacheStats = { flushes: 0, evicted: 0, links: 0, bytes: 0 };
  private readonly memory: MachineMemory;
  private readonly heads: Heads;
  private readonly budget: number;
  private readonly bounded: boolean;
  private readonly keeper: Keeper;
  private readonly given: CacheSettings['given'];
  private readonly linking: boolean;
  /** Fragments in the cache in order of time. */
  private readonly present = new Set<Fragment>();
  /** Exits that are linked to a fragment, each with its own. */
  private readonly incoming = new Map<Fragment, Map<FragmentExit, Fragment>>();
  private exitFunction: unknown = null;
  private nextSlot = 1;
  /** Live fragments by the address at which they are entered. */
  private readonly entries = new Map<number, Fragment>();
  /** Unlinked exits by the address to which they go. */
  private readonly waiting = new Map<number, { fragment: Fragment; exit: FragmentExit }[]>();
  /** How fragments call functions, by the address of the function's entry. */
  private readonly callees = new Map<number, { slot: number; record: number }>();
  private readonly byRecord = new Map<number, { fragment: Fragment; exit: FragmentExit }>();

  constructor(memory: MachineMemory, heads: Heads, settings: CacheSettings) {
    this.memory = memory;
    this.heads = heads;
    this.budget = settings.budget;
    this.linking = settings.linking;
    this.given = settings.given;
    this.bounded = settings.policy.bounded;
    this.keeper = settings.policy.create(this.view(settings.instructions), settings.params);
    this.table = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
  }

  /** The interpreter's exit function, whenever the interpreter was generated again. */
  setExitFunction(f: unknown): void {
    this.exitFunction = f;
  }

  /** Table slots for one fragment and its exits; the fragment's comes first. */
  reserve(exits: number): number {
    const at = this.nextSlot;
    this.nextSlot += exits + 1;
    if (this.nextSlot > this.table.length)
      this.table.grow(Math.max(this.nextSlot - this.table.length, this.table.length));
    return at;
  }

  at(pc: number): Fragment | undefined {
    return this.entries.get(pc);
  }

  /**
   * Slot and record through which fragments call the function with that entry: its fragment, or else the interpreter's
   * exit function, which says that control is at the entry.
   */
  callTarget(entry: number): { slot: number; record: number } {
    let known = this.callees.get(entry);
    if (!known) {
      known = { slot: this.reserve(0), record: this.memory.alloc(EXIT.bytes) };
      this.callees.set(entry, known);
      this.memory.setLong(known.record + EXIT.trigger, -1n);
      this.memory.setWord(known.record + EXIT.pc, entry);
      const fragment = this.entries.get(entry);
      this.table.set(known.slot, fragment ? this.table.get(fragment.slot) : this.exitFunction);
    }
    return known;
  }

  /** True for a function that some fragment calls. */
  isCalled(entry: number): boolean {
    return this.callees.has(entry);
  }

  exitByRecord(record: number): { fragment: Fragment; exit: FragmentExit } | undefined {
    return this.byRecord.get(record);
  }

  /** What the policy sees. */
  private view(instructions: () => number): CacheView {
    const { budget, memory, stats, present } = this;
    return {
      budget,
      get bytes() {
        return stats.bytes;
      },
      fragments: () => [...present],
      uses: ({ record }) => memory.count(record + FRAGMENT.entries) + memory.count(record + FRAGMENT.iterations),
      instructions,
    };
  }

  /** Makes room for a fragment of so many bytes as the policy wants it. Heads of what goes are asked again after `retry`. */
  makeRoom(bytes: number, retry: number): Room {
    if (this.bounded && bytes > this.budget) return 'too-large';
    const decision = this.keeper.before(bytes);
    if (decision === 'room') return 'room';
    if (decision === 'refuse') return 'full';
    const fragments = this.present.size;
    const held = this.stats.bytes;
    if (decision === 'flush') this.flush(retry);
    else {
      for (const fragment of decision.order) {
        if (this.stats.bytes <= decision.until) break;
        if (fragment.live) this.evict(fragment, retry);
      }
    }
    this.given(fragments - this.present.size, held - this.stats.bytes, decision === 'flush');
    return 'changed';
  }

  /** Gives up a fragment with the side traces behind its exits, which nothing else enters. */
  private evict(fragment: Fragment, retry: number): void {
    for (const child of this.present)
      if (child.kind === 'side' && child.parentFragment === fragment) this.evict(child, retry);
    this.drop(fragment);
    this.stats.evicted++;
    for (const exit of fragment.exits) {
      this.unlink(exit);
      this.memory.setLong(exit.record + EXIT.trigger, -1n);
    }
    if (fragment.kind === 'side') {
      // The exit that led here may ask for another trace.
      if (fragment.parent && fragment.parentFragment?.live) rearmExit(this.memory, fragment.parent, retry);
    } else {
      this.heads.unpatch(fragment.pc);
      this.heads.rearm(fragment.pc, retry);
    }
  }

  /** Takes a fragment out because another is about to be entered at the same place. */
  replace(fragment: Fragment): void {
    this.drop(fragment);
    this.heads.unpatch(fragment.pc);
  }

  /** Makes a compiled fragment reachable. `hotExit`: first trigger of its exits, -1 for never. */
  install(fragment: Fragment, code: unknown, hotExit: number): void {
    const { memory } = this;
    this.all.push(fragment);
    this.present.add(fragment);
    this.stats.bytes += fragment.bytes;
    memory.setWord(fragment.record + FRAGMENT.strip, STRIP);
    this.table.set(fragment.slot, code);
    for (const exit of fragment.exits) {
      const { record } = exit;
      const quiet = isQuiet(exit);
      memory.setLong(record + EXIT.trigger, BigInt(quiet ? -1 : hotExit));
      memory.setWord(record + EXIT.pc, exit.snap.pc);
      memory.setWord(record + EXIT.id, exit.id);
      this.table.set(exit.slot, this.exitFunction);
      this.byRecord.set(record, { fragment, exit });
    }
    const { parent, parentFragment } = fragment;
    if (fragment.kind === 'side') {
      if (parent && parentFragment) this.link(parentFragment, parent, fragment);
    } else {
      this.entries.set(fragment.pc, fragment);
      this.heads.patch(fragment.pc, fragment.slot);
      const callee = this.callees.get(fragment.pc);
      if (callee) this.table.set(callee.slot, code);
      for (const { fragment: from, exit } of this.waiting.get(fragment.pc) ?? []) {
        if (from.live) this.link(from, exit, fragment);
      }
      this.waiting.delete(fragment.pc);
    }
    for (const exit of fragment.exits) {
      if (isQuiet(exit) || leavesAtEntry(fragment, exit)) continue;
      const target = this.entries.get(exit.snap.pc);
      if (target) this.link(fragment, exit, target);
      else this.wait(fragment, exit);
    }
  }

  /** The exit is linked once a fragment is entered where it goes. */
  private wait(fragment: Fragment, exit: FragmentExit): void {
    const list = this.waiting.get(exit.snap.pc);
    if (list) list.push({ fragment, exit });
    else this.waiting.set(exit.snap.pc, [{ fragment, exit }]);
  }

  private link(from: Fragment, exit: FragmentExit, to: Fragment): void {
    if (!this.linking || exit.link) return;
    const incoming = this.incoming.get(to);
    if (incoming) incoming.set(exit, from);
    else this.incoming.set(to, new Map([[exit, from]]));
    exit.link = to;
    exit.linkedAt = this.memory.count(exit.record + EXIT.count);
    this.table.set(exit.slot, this.table.get(to.slot));
    this.stats.links++;
  }

  /**
   * Takes one fragment out: what it assumed at its entry no longer holds. Its head runs in the interpreter until it is
   * recorded again after `retry` executions.
   */
  retire(fragment: Fragment, retry: number): void {
    this.drop(fragment);
    this.heads.unpatch(fragment.pc);
    this.heads.rearm(fragment.pc, retry);
  }

  private drop(fragment: Fragment): void {
    fragment.live = false;
    this.stats.bytes -= fragment.bytes;
    this.present.delete(fragment);
    if (this.entries.get(fragment.pc) === fragment) {
      this.entries.delete(fragment.pc);
      const callee = this.callees.get(fragment.pc);
      if (callee) this.table.set(callee.slot, this.exitFunction);
    }
    for (const [exit, from] of [...(this.incoming.get(fragment) ?? [])]) {
      this.unlink(exit);
      // Behind the exit of a side trace is no head, where another fragment could be entered.
      if (fragment.kind !== 'side') this.wait(from, exit);
    }
    this.incoming.delete(fragment);
    // The exit in progress still leaves through its slot, so those stay.
    this.table.set(fragment.slot, null);
  }

  private unlink(exit: FragmentExit): void {
    if (exit.link) {
      this.incoming.get(exit.link)?.delete(exit);
      exit.viaLink += this.memory.count(exit.record + EXIT.count) - exit.linkedAt;
    }
    exit.link = null;
    this.table.set(exit.slot, this.exitFunction);
  }

  /** Drops all fragments: heads run in the interpreter again and exits lead there. */
  flush(retry: number): void {
    for (const f of this.present) {
      f.live = false;
      if (f.kind !== 'side') {
        this.heads.unpatch(f.pc);
        this.heads.rearm(f.pc, retry);
      }
      for (const exit of f.exits) {
        this.unlink(exit);
        this.memory.setLong(exit.record + EXIT.trigger, -1n);
      }
      this.table.set(f.slot, null);
    }
    this.present.clear();
    this.incoming.clear();
    this.entries.clear();
    for (const { slot } of this.callees.values()) this.table.set(slot, this.exitFunction);
    this.waiting.clear();
    this.stats.bytes = 0;
    this.stats.flushes++;
  }
}

/** Reasons of exits behind which no trace begins. */
const QUIET = new Set<string>(['loop', 'call', 'depth']);

/** Exits that never ask for a trace: those that the code cannot take, a full frame stack, the end of a strip. */
function isQuiet(exit: FragmentExit): boolean {
  const { reason, ret } = exit.snap;
  return !exit.live || exit.id === 0 || QUIET.has(reason) || ret !== undefined;
}

/** True for a guard that was hoisted to the entry: it leads to the copy of the patched head. */
export function leavesAtEntry(fragment: Fragment, exit: FragmentExit): boolean {
  return fragment.kind !== 'side' && exit.snap.pc === fragment.exits[0]?.snap.pc;
}
