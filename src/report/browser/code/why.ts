/**
 * Runs in the page (embedded as text): why a fragment is as fast as it is, in sentences: what an instruction takes, how long
 * it stays inside, where it leaves to, and what optimization left over.
 */
import type { FragmentStats, Stats } from '../../../profile/schema.ts';
import type { Formatters } from '../../format.ts';

/** Self-contained. */
export function whyFast(f: Formatters, stats: Stats, g: FragmentStats): string {
  const out: string[] = [];
  const share = g.instructions / (stats.instructions.total || 1);
  if (g.time !== null && g.instructions > 0) {
    const ns = (g.time * stats.time_ms.total * 1e6) / g.instructions;
    out.push(
      `${ns.toFixed(2)} ns a guest instruction: ${f.pct(g.time)} of the sampled time for ${f.pct(share)} of the instructions.`,
    );
  }
  if (g.entries > 0) {
    const stay = g.instructions / g.entries;
    const short = stay < 50 ? ', so entering and leaving it weighs' : '';
    out.push(`It executes ${f.si(Math.round(stay))} instructions from entry to exit on average${short}.`);
  }
  const taken = g.exits.reduce((n, e) => n + e.count, 0);
  if (taken > 0) {
    const back = g.exits.reduce((n, e) => n + (e.link === null ? e.count : 0), 0);
    const most = g.exits.reduce((a, b) => (b.count > a.count ? b : a));
    out.push(
      `${f.pct(back / taken)} of its exits go back to the interpreter or a caller; most often taken is exit ${most.id} (${most.reason} at ${f.loc(most.name, most.offset)}, ${f.pct(most.count / taken)}).`,
    );
  }
  if (g.irBefore > 0) {
    out.push(
      `Optimization left ${f.pct(g.irAfter / g.irBefore)} of the IR; ${(g.bytes / Math.max(1, g.recorded)).toFixed(1)} bytes of Wasm were emitted for each recorded instruction.`,
    );
  }
  return out.join(' ');
}
