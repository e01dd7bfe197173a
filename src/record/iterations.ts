/**
 * The selector of last executed iterations (Hiniker, Hazelwood and Smith, MICRO 2005, section 3). The interpreter keeps a
 * history. When control comes to a head that is in it, a cycle was executed. Cycles are counted where they begin by a
 * backward branch, or right behind an exit of a fragment; after enough of them the last iteration is the trace, read from
 * the history. So counters exist only for places in cycles, and the trace is one whole iteration, calls included.
 */
import { rearmExit } from '../cache/rearm.ts';
import type { Machine } from '../machine/machine.ts';
import type { Params } from '../policy-text.ts';
import type { AbortReason } from './aborts.ts';
import { type Arrival, LastExecuted } from './last-executed.ts';
import type { Selector } from './policy.ts';
import type { Recording } from './recorder.ts';

/** `take` gets each trace: nothing more (null), a reason why not, or `more`: the next iteration is wanted, too. */
export function iterations(
  machine: Machine,
  { cycles = 1, buffer = 1 }: Params,
  take: (recording: Recording) => AbortReason | null | 'more',
): Selector {
  const last = new LastExecuted(machine);
  const { history } = last;
  const arrivals = new Map<number, Arrival>();
  const counters = new Map<number, number>();
  /** What was executed before belongs to a trace. */
  let cut = 0;
  return {
    hot: () => false,
    hotExit(fragment, exit) {
      const recording = last.behindExit(fragment, exit, buffer);
      const reason = recording && take(recording);
      if (reason === null) return false;
      if (reason !== 'more') last.done(exit.snap.pc, reason);
      rearmExit(machine.memory, exit, reason === 'more' ? 1 : Number.POSITIVE_INFINITY);
      return false;
    },
    stopAt: () => true,
    recorded: () => null,
    at(pc, fp) {
      const now: Arrival = { position: history.now - 1, fp };
      if (!last.isCandidate(pc)) return false;
      const before = arrivals.get(pc);
      arrivals.set(pc, now);
      const oldest = Math.max(cut, history.oldest, now.position - buffer);
      if (!before || before.position < oldest) return false;
      const backward = history.at(now.position - 1) >= pc;
      if (!backward && !last.followsExit(before.position)) return false;
      const count = (counters.get(pc) ?? 0) + 1;
      counters.set(pc, count);
      if (count < cycles || !last.affordable()) return false;
      const recording = last.cycle(pc, before, now);
      const reason = recording ? take(recording) : 'empty';
      if (reason === 'more') return false;
      counters.delete(pc);
      cut = now.position;
      last.done(pc, reason);
      return machine.heads.isPatched(pc);
    },
  };
}
