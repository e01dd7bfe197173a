/** The figures of a run that a comparison shows, each one line: what it is, how it is written, where it comes from. */
import type { Stats } from '../../profile/schema.ts';
import { fmt } from '../format.ts';
import { sampled } from '../sections/time.ts';

export interface Figure {
  readonly name: string;
  readonly help: string;
  /** How values and differences are written. */
  readonly text: (n: number) => string;
  /** Null where the run does not tell. */
  readonly of: (s: Stats) => number | null;
}

const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
/** A true minus sign before what is written without one. */
const signed =
  (text: Figure['text']): Figure['text'] =>
  (n) =>
    n < 0 ? `−${text(-n)}` : text(n);

/** What only a sampler tells is unknown without one. */
const time = (name: keyof Stats['time_ms'], help: string, known = (_: Stats) => true): Figure => ({
  name: name === 'total' ? 'time' : `time: ${name}`,
  help,
  text: signed(fmt.ms),
  of: (s) => (name !== 'total' && (s.mode === 'native' || !known(s)) ? null : s.time_ms[name]),
});

const counted = (name: string, help: string, of: (s: Stats) => number, text: Figure['text'] = fmt.int): Figure => ({
  name,
  help,
  text,
  of: (s) => (s.instructions.total === 0 ? null : of(s)),
});

const FIGURES: readonly Figure[] = [
  time('total', 'wall time'),
  time('interpret', 'executing guest instructions in the interpreter', sampled),
  time('fragments', 'executing compiled fragments', sampled),
  time('host', 'in functions that the guest imports', sampled),
  time('record', 'recording traces'),
  time('optimize', 'building and optimizing IR'),
  time('compile', 'emitting Wasm and compiling it in the engine'),
  time('translate', 'translating functions to threaded code'),
  counted('guest instructions', 'completed, in whichever way', (s) => s.instructions.total),
  counted('… in the interpreter', 'completed in the interpreter', (s) => s.instructions.interpreter),
  counted('… in fragments', 'completed in fragments', (s) => s.instructions.fragments),
  counted('coverage', 'share completed in fragments', (s) => s.instructions.coverage, signed(fmt.pct)),
  counted('traces recorded', 'with those that were given up', (s) => s.traces.recorded),
  counted('traces compiled', 'that became fragments', (s) => s.traces.compiled),
  counted('recordings given up', 'for all reasons', (s) => sum(Object.values(s.traces.aborted))),
  counted('exits taken', 'times that a fragment was left', (s) => s.exits.taken),
  counted('links', 'exits that lead straight into a fragment', (s) => s.cache.links),
  counted('cache', 'bytes of emitted Wasm and metadata', (s) => s.cache.bytes, signed(fmt.bytes)),
  counted('flushes', 'times that the cache was emptied', (s) => s.cache.flushes),
  counted('recorded instructions', 'in all traces', (s) => sum(s.fragments.map((f) => f.recorded))),
  counted('IR before', 'instructions before optimization', (s) => sum(s.fragments.map((f) => f.irBefore))),
  counted('IR after', 'instructions after optimization', (s) => sum(s.fragments.map((f) => f.irAfter))),
  counted('emitted', 'bytes of Wasm of all fragments', (s) => sum(s.fragments.map((f) => f.bytes)), signed(fmt.bytes)),
];

/** The figures for these runs: with exits by reason, and without what is 0 or unknown in all of them. */
export function figuresOf(runs: readonly Stats[]): Figure[] {
  const reasons = new Set(runs.flatMap((s) => Object.keys(s.exits.byReason)));
  const exits = [...reasons]
    .sort()
    .map((reason) => counted(`exits: ${reason}`, 'times taken for this reason', (s) => s.exits.byReason[reason] ?? 0));
  return [...FIGURES, ...exits].filter((f) => runs.some((s) => (f.of(s) ?? 0) !== 0));
}
