/**
 * Finds what a wrong (or slow) run hangs on: the first fragment with which it goes wrong, in that fragment the first run of
 * a pass, in that pass the first firing of a rule. Each step bounds how much is done and looks whether the run still goes
 * wrong; everything is decided by counts, so less fuel means the same run up to there.
 */
import { UserError } from '../errors.ts';
import { firstBad } from './search.ts';
import type { Trial } from './trial.ts';

export interface Culprit {
  /** How many fragments are compiled for the run to go wrong: the last of them is to blame. */
  fragment: number;
  /** Number of the pass run over all fragments; null where the fragment is wrong without any pass. */
  pass: { run: number; name: string } | null;
  /** Number of the firing over all fragments; null where the pass has no rule that can be left out. */
  rule: { firing: number; name: string } | null;
  /** Flags with which the run goes well, and goes wrong. */
  good: string[];
  bad: string[];
  /** The run that goes wrong. */
  trial: Trial;
}

/** More fragments, runs or firings than any search should look at. */
const MOST = 2 ** 28;

/** For runs that end without statistics. */
const UNKNOWN = 'unknown, because the run left no statistics';

export interface BisectSteps {
  run(flags: readonly string[]): Trial;
  /** Why the run is bad; null when it is good. */
  judge(trial: Trial): string | null;
  /** A line about what is being done. */
  note(text: string): void;
}

/** Null when the run is good whatever is compiled. */
export function bisect(steps: BisectSteps): Culprit | null {
  let last: Trial | null = null;
  const isBad = (flags: string[]): boolean => {
    const trial = steps.run(flags);
    const why = steps.judge(trial);
    steps.note(`${flags.join(' ')}: ${why ?? 'good'}`);
    if (why !== null) last = trial;
    return why !== null;
  };
  /** The last bad run of a search is the first bad one: it only ever looks below one that was bad. */
  const search = (flag: string, before: string[], from: number): { n: number; bad: Trial } | null => {
    const n = firstBad(from, MOST, (k) => isBad([...before, `--${flag}=${k}`]));
    return n === null ? null : { n, bad: last as unknown as Trial };
  };

  if (!isBad([])) return null;
  if (isBad(['--max-fragments=0']))
    throw new UserError('it goes wrong in the interpreter alone, so no fragment is to blame');
  const fragment = search('max-fragments', [], 0);
  if (fragment === null) return null;
  const before = `--max-fragments=${fragment.n - 1}`;
  const only = [`--max-fragments=${fragment.n}`];
  const start = steps.run([before]).stats?.optimizer?.runs ?? 0;
  const first = { fragment: fragment.n, good: [before], bad: only, trial: fragment.bad, pass: null, rule: null };
  if (isBad([...only, `--pass-fuel=${start}`])) return first;

  const run = search('pass-fuel', only, start);
  if (run === null) return first;
  const without = [...only, `--pass-fuel=${run.n - 1}`];
  const through = [...only, `--pass-fuel=${run.n}`];
  const pass = { run: run.n, name: run.bad.stats?.optimizer?.lastRun?.pass ?? UNKNOWN };
  const second = { ...first, pass, good: without, bad: through, trial: run.bad };
  const firings = steps.run(without).stats?.optimizer?.firings ?? 0;
  if (isBad([...through, `--rule-fuel=${firings}`])) return second;

  const firing = search('rule-fuel', through, firings);
  if (firing === null) return second;
  return {
    ...second,
    rule: { firing: firing.n, name: firing.bad.stats?.optimizer?.lastFiring?.rule ?? UNKNOWN },
    good: [...through, `--rule-fuel=${firing.n - 1}`],
    bad: [...through, `--rule-fuel=${firing.n}`],
    trial: firing.bad,
  };
}
