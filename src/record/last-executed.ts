/** Traces out of the history: what both policies that look back share. */
import type { Fragment, FragmentExit } from '../cache/fragment.ts';
import { rearmExit } from '../cache/rearm.ts';
import { EXIT } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import type { AbortReason } from './aborts.ts';
import type { History } from './history.ts';
import { follows, validSteps } from './path.ts';
import type { Recording } from './recorder.ts';

/** An arrival at a head. */
export interface Arrival {
  readonly position: number;
  readonly fp: number;
}

/** Failures at one place before it is left alone. */
const MAX_FAILURES = 3;
/** Instructions of a trace that is not known yet. */
const TYPICAL = 50;

export class LastExecuted {
  readonly machine: Machine;
  readonly history: History;
  private readonly failures = new Map<number, number>();

  constructor(machine: Machine) {
    if (!machine.history) throw new Error('the policy has asked for no history');
    this.machine = machine;
    this.history = machine.history;
  }

  /** False for copies of patched heads, and for places where nothing came of it several times. */
  isCandidate(pc: number): boolean {
    const code = this.machine.map.at(pc)?.code;
    return code !== undefined && pc >= code.base && pc < code.end && (this.failures.get(pc) ?? 0) < MAX_FAILURES;
  }

  affordable(): boolean {
    return this.machine.regions.budget.allows(TYPICAL);
  }

  /** The instruction at a position is where a fragment went: right behind a head that has one, or cannot follow it. */
  followsExit(position: number): boolean {
    const { history, machine } = this;
    if (position <= history.oldest) return false;
    const before = history.at(position - 1);
    const { heads } = machine;
    if (heads.kindAt(before) === null) return false;
    return heads.isPatched(before) || !follows(machine, before, history.at(position));
  }

  /** What was executed from an arrival at a head until now, when control is there again. Null: nothing of use. */
  cycle(pc: number, from: Arrival, now: Arrival): Recording | null {
    const kind = this.machine.heads.kindAt(pc) === 'enter' ? 'entry' : 'root';
    const { pcs, end } = this.path(from.position, now.position, pc);
    const whole = pcs.length === now.position - from.position;
    return pcs.length < 2 ? null : { kind, start: pc, from: null, pcs, end, loops: whole && from.fp === now.fp };
  }

  /**
   * What was executed behind an exit the last time that it led to the interpreter. Null: nothing of use, or no budget for
   * it; then the exit asks again when it has been taken twice as often. A search reads the whole buffer, and exits that
   * lead straight into other fragments are never found in it: asking each time would take all of the run.
   */
  behindExit(fragment: Fragment, exit: FragmentExit, buffer: number): Recording | null {
    const { memory } = this.machine;
    const recording = this.affordable() ? this.searchExit(fragment, exit, buffer) : null;
    if (!recording) rearmExit(memory, exit, memory.count(exit.record + EXIT.count));
    return recording;
  }

  private searchExit(fragment: Fragment, exit: FragmentExit, buffer: number): Recording | null {
    const { history, machine } = this;
    const { pc } = exit.snap;
    const now = history.now;
    const oldest = Math.max(history.oldest + 1, now - buffer);
    for (let at = now - 1; at >= oldest; at--) {
      if (history.at(at) !== pc || !this.followsExit(at)) continue;
      const { pcs, end } = this.path(at, now - 1, history.at(now - 1));
      if (pcs.length === 0) return null;
      const head = machine.heads.kindAt(pc);
      const kind = head === null ? 'side' : head === 'enter' ? 'entry' : 'root';
      return { kind, start: pc, from: { fragment, exit }, pcs, end, loops: false };
    }
    return null;
  }

  /** The executed steps from one position to another, up to the first gap, head with a fragment, or the longest trace. */
  private path(from: number, to: number, end: number): { pcs: number[]; end: number } {
    const { machine, history } = this;
    const pcs = history.slice(from, to);
    let steps = Math.min(validSteps(machine, pcs, end), machine.options.maxTrace);
    for (let i = 1; i < steps; i++) {
      const pc = pcs[i] as number;
      if (machine.heads.kindAt(pc) !== null && machine.heads.isPatched(pc)) steps = i;
    }
    return { pcs: pcs.slice(0, steps), end: pcs[steps] ?? end };
  }

  /** Notes what became of a trace from there. */
  done(pc: number, reason: AbortReason | null): void {
    if (reason === null) return;
    const times = (this.failures.get(pc) ?? 0) + 1;
    this.failures.set(pc, times);
    this.machine.abort(pc, reason, times >= MAX_FAILURES);
  }
}
