/** What the warm-up chart shows, from the points of the timeline. */
import type { Stats } from '../../profile/schema.ts';

/** Intervals shorter than this part of the whole time are joined. */
const BINS = 220;

export interface Bin {
  from: number;
  to: number;
  /** Guest instructions per second; those of the interpreter alone where `share` is null. */
  rate: number;
  /** Share of them in fragments, 0..1; null where the run did not count while it ran. */
  share: number | null;
}

type Run = Pick<Stats, 'timeline' | 'time_ms' | 'instructions' | 'fragments'>;

/** End of the time axis in milliseconds. */
export function endOf(stats: Run): number {
  return Math.max(stats.time_ms.total, ...stats.timeline.slice(-1).map((t) => t.t_ms), 1e-3);
}

/** The intervals between events. */
export function bins(stats: Run): Bin[] {
  const { timeline, instructions } = stats;
  const end = endOf(stats);
  // A run may note only the interpreter's counter: counting in fragments takes a pass over all code.
  const counted = instructions.fragments === 0 || timeline.some((t) => t.fragmentInstructions > 0);
  const closing = {
    t_ms: end,
    instructions: counted ? instructions.total : instructions.interpreter,
    fragmentInstructions: instructions.fragments,
  };
  const out: Bin[] = [];
  let from = { t_ms: 0, instructions: 0, fragmentInstructions: 0 };
  for (const point of [...timeline, closing]) {
    const ms = point.t_ms - from.t_ms;
    if (ms <= 0 || (point !== closing && ms < end / BINS)) continue;
    const done = Math.max(0, point.instructions - from.instructions);
    const inside = Math.max(0, point.fragmentInstructions - from.fragmentInstructions);
    const share = done > 0 ? Math.min(1, inside / done) : 0;
    out.push({ from: from.t_ms, to: point.t_ms, rate: (done / ms) * 1000, share: counted ? share : null });
    from = point;
  }
  return out;
}

/** Fragments installed by each time: steps, at most one for each interval of the chart. */
export function installed(stats: Run): { t: number; n: number }[] {
  const end = endOf(stats);
  const out = [{ t: 0, n: 0 }];
  let n = 0;
  for (const p of stats.timeline) {
    if (p.fragment === undefined) continue;
    n++;
    if (p.t_ms - out.at(-1)!.t < end / (2 * BINS) && out.length > 1) out.at(-1)!.n = n;
    else out.push({ t: p.t_ms, n });
  }
  return [...out, { t: end, n }];
}

/** Times of events by kind, the most frequent kinds first. Installs count by the kind of their fragment. */
export function eventTimes(stats: Run, most: number): [kind: string, times: number[]][] {
  const kinds = new Map(stats.fragments.map((f) => [f.id, f.kind]));
  const times = new Map<string, number[]>();
  for (const p of stats.timeline) {
    const kind = (p.event === 'fragment' && p.fragment !== undefined && kinds.get(p.fragment)) || p.event;
    if (!times.has(kind)) times.set(kind, []);
    times.get(kind)!.push(p.t_ms);
  }
  return [...times].sort((a, b) => b[1].length - a[1].length).slice(0, most);
}
