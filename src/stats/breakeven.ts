/**
 * When a slower start has paid: the moment from which on one way of running has done at least as many iterations as
 * another.
 */

/** Start (load, compile) and the iterations after it, all in one unit of time. */
export interface Course {
  start: number;
  times: readonly number[];
  /** Time of an iteration beyond those measured. */
  steady: number;
}

/** Iterations and time at the break-even; null when it never comes. `0` iterations: ahead from the first one on. */
export interface BreakEven {
  iterations: number;
  /** From the start, in the unit of the input. */
  time: number;
  /** True where it lies beyond the measured iterations. */
  extrapolated: boolean;
}

/**
 * Break-even of `a` against `b`: the first count of iterations from which on `a` has needed at most the time of `b`, for
 * ever: beyond the measured iterations both go on at their steady time.
 */
export function breakEven(a: Course, b: Course): BreakEven | null {
  const common = Math.min(a.times.length, b.times.length);
  const ends = (course: Course) => {
    let t = course.start;
    return course.times.slice(0, common).map((x) => (t += x));
  };
  const [ta, tb] = [ends(a), ends(b)];
  const endA = ta.at(-1) ?? a.start;
  const endB = tb.at(-1) ?? b.start;
  if (endA > endB) {
    if (!(a.steady < b.steady)) return null;
    const more = Math.ceil((endA - endB) / (b.steady - a.steady));
    return { iterations: common + more, time: endA + more * a.steady, extrapolated: true };
  }
  if (a.steady > b.steady) return null;
  let k = common;
  while (k > 0 && ta[k - 1]! <= tb[k - 1]!) k--;
  // The iteration with index k is the first after which it stays ahead.
  return k === 0 && a.start <= b.start
    ? { iterations: 0, time: a.start, extrapolated: false }
    : { iterations: k + 1, time: ta[k] ?? endA, extrapolated: false };
}
