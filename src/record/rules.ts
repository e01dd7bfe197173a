/** Where traces end: rules that several policies share. */
import type { RecordView } from './policy.ts';

/**
 * The rule of next executing tails. A trace ends where it closes, at a loop head that has a fragment (a link), and at the
 * second arrival at another loop head: that inner loop becomes a trace of its own. Function entries with fragments are
 * passed through by root traces, so that calls inline; side traces end there, or every path through a callee would be
 * repeated for each path to its calls. Recursion ends any trace.
 */
export function netStop(view: RecordView): boolean {
  if (view.atStart || view.startElsewhere) return true;
  if (view.kind === 'enter') return view.recursion > 0 || (view.side && view.hasFragment);
  return view.hasFragment || view.visits > 0;
}

/** The same where loops become regions: another loop head ends a trace, or that head would not come to be hot by itself. */
export const netStopAtLoops = (view: RecordView): boolean => netStop(view) || view.kind === 'head';
