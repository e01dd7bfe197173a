/**
 * Next executing tail (Duesterwald and Bala, "Software profiling for hot path prediction: less is more", ASPLOS 2000;
 * Dynamo, PLDI 2000, section 3): when a head is hot, the path that is executed next is taken for the hot one.
 *
 * Heads are loop heads, function entries and exits of traces. A trace ends where it closes, at a head that has a
 * fragment (a link), and at the second arrival at another loop head: that inner loop becomes a trace of its own.
 * Function entries with fragments are passed through by root traces, so that calls inline; side traces end there, or every
 * path through a callee would be repeated for each path to its calls. Where loops become regions, every other
 * loop head ends a trace: one around an outer loop would keep its head from becoming hot. Recursion ends any trace.
 */
import type { SelectionPolicy } from '../policy.ts';

export const net: SelectionPolicy = {
  name: 'net',
  doc: 'next executing tail: the path executed when a head becomes hot',
  stopAt(view) {
    if (view.atStart || view.startElsewhere) return true;
    if (view.kind === 'enter') return view.recursion > 0 || (view.side && view.hasFragment);
    return view.hasFragment || view.visits > 0 || view.regions;
  },
};
