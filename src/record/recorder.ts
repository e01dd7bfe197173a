/**
 * Decides when a trace is recorded and where it ends, and keeps what happened to each place: penalties for places where
 * recording failed, a blacklist for those where it keeps failing.
 *
 * The interpreter asks at three points: a counter reached its trigger (`hot`), an exit did (`hotExit`), and while
 * recording, each head (`at`). The log that the recording copy writes is the trace.
 */
import type { Fragment, FragmentExit } from '../cache/fragment.ts';
import { rearmExit } from '../cache/rearm.ts';
import type { ArmSet } from '../machine/arm.ts';
import type { CodeMap } from '../machine/code-map.ts';
import type { Heads } from '../machine/heads.ts';
import { CTL, EXIT, HEADER, STATUS } from '../machine/layout.ts';
import type { MachineMemory } from '../machine/memory.ts';
import type { AbortReason } from './aborts.ts';
import { unbroken } from './path.ts';
import type { Anchor, Selector } from './policy.ts';

/** What a finished recording consists of. */
export interface Recording {
  readonly kind: 'root' | 'entry' | 'side';
  readonly start: number;
  /** Exit from which a side trace begins. */
  readonly from: { fragment: Fragment; exit: FragmentExit } | null;
  readonly pcs: number[];
  readonly end: number;
  readonly loops: boolean;
}

interface Active {
  kind: 'root' | 'entry' | 'side';
  start: number;
  fp: number;
  /** Where a trace that began elsewhere is complete. */
  anchor: Anchor | null;
  from: { fragment: Fragment; exit: FragmentExit } | null;
  visits: Map<number, number>;
  loops: boolean;
  /** Hot events ignored since it began; a recording that a trap cut off never ends by itself. */
  ignored: number;
  /** Address of the instruction at which an exception ended the trace; 0: none. */
  thrower: number;
}

/** Attempts at one place before it is blacklisted; each failure doubles the distance to the next attempt. */
const MAX_FAILURES = 6;

/** Instructions of a trace that is not recorded yet. */
const TYPICAL = 50;

/** Hot events that are ignored before a recording counts as cut off. */
const STALE_AFTER = 64;

export interface RecorderHost {
  readonly memory: MachineMemory;
  readonly heads: Heads;
  readonly map: CodeMap;
  readonly arms: ArmSet;
  readonly selector: Selector;
  /** Instructions of one trace at most. */
  readonly maxTrace: number;
  /** Distance to the second attempt, by kind. */
  readonly retry: { root: number; entry: number; side: number };
  /** True when a trace from `pc` of that many instructions may be compiled now; an exit has led there so many times. */
  affordable(size: number, pc: number, exits: number): boolean;
  /** Bytes of a function's frame before its header. */
  window(func: number): number;
  aborted(pc: number, reason: AbortReason, blacklisted: boolean): void;
}

export class Recorder {
  private readonly host: RecorderHost;
  private active: Active | null = null;
  private readonly failures = new Map<number, number>();
  private readonly log: number;

  constructor(host: RecorderHost) {
    this.host = host;
    this.log = host.memory.alloc(4 * (host.maxTrace + 2));
  }

  /** A head reached its trigger. True: record from here. */
  hot(pc: number, fp: number): boolean {
    const kind = this.host.heads.kindAt(pc) === 'enter' ? 'entry' : 'root';
    if (this.busy()) {
      this.host.heads.rearm(pc, 1);
      return false;
    }
    if (!this.host.affordable(TYPICAL, pc, 0)) {
      this.host.heads.rearm(pc, this.host.heads.count(pc));
      return false;
    }
    this.begin(kind, pc, fp, null);
    return true;
  }

  /** True while the interpreter records. */
  get recording(): boolean {
    return this.active !== null;
  }

  /** An exit reached its trigger; the recording starts when the interpreter goes on behind it. */
  hotExit(fragment: Fragment, exit: FragmentExit, fp: number, anchor: Anchor | null = null): void {
    const { memory } = this.host;
    if (this.busy()) {
      rearmExit(memory, exit, 1);
      return;
    }
    const pc = exit.snap.pc;
    const exits = memory.count(exit.record + EXIT.count);
    if (!this.host.affordable(TYPICAL, pc, exits)) {
      rearmExit(memory, exit, exits);
      return;
    }
    const kind = this.host.heads.kindAt(pc);
    const from = { fragment, exit };
    this.begin(anchor || kind === null ? 'side' : kind === 'enter' ? 'entry' : 'root', pc, fp, from, anchor);
    memory.setWord(CTL.status, STATUS.record);
  }

  private busy(): boolean {
    if (!this.active) return false;
    if (++this.active.ignored <= STALE_AFTER) return true;
    this.fail(this.active, 'stale');
    this.active = null;
    return false;
  }

  private begin(
    kind: Active['kind'],
    start: number,
    fp: number,
    from: Active['from'],
    anchor: Anchor | null = null,
  ): void {
    const { memory, maxTrace } = this.host;
    memory.setWord(CTL.log, this.log);
    memory.setWord(CTL.logEnd, this.log + 4 * maxTrace);
    this.active = { kind, start, fp, anchor, from, visits: new Map(), loops: false, ignored: 0, thrower: 0 };
  }

  /** While recording, at a head. True: the trace ends before it. */
  at(pc: number, fp: number): boolean {
    const { active, host } = this;
    if (!active) return true;
    const logged = (host.memory.word(CTL.log) - this.log) >> 2;
    const kind = host.heads.kindAt(pc) as 'head' | 'enter';
    if (logged > 1) {
      const { anchor } = active;
      const atStart = anchor
        ? pc === anchor.pc && fp === anchor.fp
        : pc === active.start && fp === active.fp && active.kind !== 'side';
      const stop = host.selector.stopAt({
        pc,
        kind,
        atStart,
        startElsewhere: pc === active.start && fp !== active.fp,
        hasFragment: host.heads.isPatched(pc),
        side: active.kind === 'side',
        inner: fp > active.fp,
        visits: active.visits.get(pc) ?? 0,
        recursion: kind === 'enter' ? this.openFrames(pc, fp, active.fp) : 0,
      });
      if (stop) {
        active.loops = atStart;
        return true;
      }
    }
    active.visits.set(pc, (active.visits.get(pc) ?? 0) + 1);
    return false;
  }

  /** Frames of the function with the entry `pc` below the one at `fp`, down to the trace's first. */
  private openFrames(pc: number, fp: number, first: number): number {
    const { map, memory, window } = this.host;
    const entered = map.at(pc)?.code;
    let code = entered;
    let open = 0;
    for (let at = fp; code && at > first; ) {
      const header = at + window(code.func);
      at = memory.word(header + HEADER.callerFp);
      code = map.at(memory.word(header + HEADER.retpc))?.code;
      if (code === entered && at >= first) open++;
    }
    return open;
  }

  /** The recording copy came back. `pc` is the first instruction that it did not execute. */
  recorded(pc: number): void {
    const { active, host } = this;
    if (!active) return;
    this.active = null;
    const words = host.memory.i32;
    const from = this.log >> 2;
    const to = host.memory.word(CTL.log) >> 2;
    // The last entry was fetched but not executed.
    const pcs = Array.from(words.subarray(from, Math.max(from, to - 1)));
    if (pcs.length === 0) return this.fail(active, active.thrower === 0 ? 'empty' : 'stale');
    const end = active.thrower === 0 ? pc : active.thrower;
    // The log may be another's: a recording waits in a call of the host for so long that it counts as cut off, a new one
    // begins in there and is cut off itself, and the old one goes on behind it.
    if (!unbroken(host, pcs, end)) return this.fail(active, 'stale');
    const reason = host.selector.recorded({
      kind: active.kind,
      start: active.start,
      from: active.from,
      pcs,
      end,
      loops: active.loops,
    });
    if (reason) this.fail(active, reason);
  }

  /** An exception came up at `pc`. `caught`: by the guest, in this activation, and the recording copy comes back. */
  interrupt(pc: number, caught: boolean): void {
    if (!this.active) return;
    if (caught) this.active.thrower = pc;
    else {
      this.fail(this.active, 'stale');
      this.active = null;
    }
  }

  /** Forgets a recording in progress. */
  cancel(): void {
    if (this.active) this.fail(this.active, 'flushed');
    this.active = null;
  }

  private fail(active: Active, reason: AbortReason): void {
    const times = (this.failures.get(active.start) ?? 0) + 1;
    this.failures.set(active.start, times);
    const blacklisted = times >= MAX_FAILURES;
    const wait = blacklisted ? Number.POSITIVE_INFINITY : this.host.retry[active.kind] * 2 ** times;
    if (active.from) rearmExit(this.host.memory, active.from.exit, wait);
    else this.host.heads.rearm(active.start, wait);
    this.host.aborted(active.start, reason, blacklisted);
  }
}
