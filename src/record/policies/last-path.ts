/**
 * Last executed path, by counters on blocks. Every basic block has a counter; when one runs over, the path through it
 * that was executed last is the trace. It begins at the head that was passed before the block, since fragments can be
 * entered only there, and ends where control comes to that head again.
 *
 * The opposite of NET in two ways: counters everywhere instead of at heads only, and looking back instead of forward.
 * Duesterwald and Bala compare block and branch profiles with NET's in this sense.
 */
import { rearmExit } from '../../cache/rearm.ts';
import { type Arrival, LastExecuted } from '../last-executed.ts';
import type { SelectionPolicy } from '../policy.ts';

export const lastPath: SelectionPolicy = {
  name: 'last-path',
  doc: 'the path executed last through a block whose counter has run over; linear traces only',
  source:
    'block counters as in Duesterwald and Bala, ASPLOS 2000, section 2; looking back as in Hiniker et al., MICRO 2005',
  regions: false,
  history: true,
  params: {
    hot: { default: 50, doc: 'executions of a block that make it hot' },
    buffer: { default: 4000, doc: 'instructions that the history goes back' },
  },
  create(machine, { hot = 1, buffer = 1 }) {
    const last = new LastExecuted(machine);
    const { history } = last;
    const { arms, memory } = machine;
    const counters = new Map<number, number>();
    const arrivals = new Map<number, Arrival>();
    /** Heads before hot blocks. */
    const wanted = new Set<number>();
    let seen = 0;
    const endsBlock = (pc: number) => {
      const { kind } = arms.at(memory.word(pc));
      return kind !== 'plain' && kind !== 'host';
    };
    /** Counts the blocks that were executed since the last arrival. */
    const count = (to: number) => {
      let head = 0;
      for (let at = Math.max(seen, history.oldest + 1); at < to; at++) {
        const pc = history.at(at);
        if (machine.heads.kindAt(pc) !== null) head = pc;
        if (!endsBlock(history.at(at - 1))) continue;
        const n = (counters.get(pc) ?? 0) + 1;
        counters.set(pc, n);
        if (n >= hot && head !== 0) wanted.add(head);
      }
      // The head at which control is now was counted the last time, or is the next one's first.
      seen = to - 1;
    };
    return {
      hot: () => false,
      hotExit(fragment, exit) {
        const recording = last.behindExit(fragment, exit, buffer);
        const reason = recording && machine.compiler.compile(recording);
        if (!reason) return false;
        last.done(exit.snap.pc, reason);
        rearmExit(memory, exit, Number.POSITIVE_INFINITY);
        return false;
      },
      stopAt: () => true,
      recorded: () => null,
      at(pc, fp) {
        const now: Arrival = { position: history.now - 1, fp };
        count(now.position + 1);
        if (!last.isCandidate(pc)) return false;
        const before = arrivals.get(pc);
        arrivals.set(pc, now);
        if (!before || !wanted.has(pc) || !last.affordable()) return false;
        if (before.position < Math.max(history.oldest, now.position - buffer)) return false;
        wanted.delete(pc);
        const recording = last.cycle(pc, before, now);
        last.done(pc, recording ? machine.compiler.compile(recording) : 'empty');
        return machine.heads.isPatched(pc);
      },
    };
  },
};
