/** `wynamo bisect`: the first fragment, pass and rule that a wrong or slow run hangs on. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bisect } from '../../bisect/bisect.ts';
import { record } from '../../bisect/record.ts';
import { describe, reproduce } from '../../bisect/reproduce.ts';
import { difference, runTrial, type Trial, type TrialSetup } from '../../bisect/trial.ts';
import { UserError } from '../../errors.ts';
import { loadWasm } from '../../wasm/wat.ts';
import type { Command } from '../command.ts';
import { flagsOf, type Parsed } from '../flag.ts';
import { GUEST_FLAGS } from '../guest.ts';
import { print } from '../output.ts';

/** A run that takes this much longer than the reference is killed, and no less than so many milliseconds. */
const PATIENCE = { times: 20, least: 10_000 } as const;
/** Runs of which the fastest counts, where time is judged. */
const REPETITIONS = 3;

export const command: Command = {
  usage: '[options] FILE [-- guest arguments]',
  about:
    'Runs a module again and again with ever less optimizing, and names the first fragment, the pass and the rule with which the ' +
    'result is not the one of the interpreter. Host calls are recorded once and replayed. Writes a folder with everything ' +
    'that the failure needs. The exit status is 0 where nothing is wrong, 1 where a culprit was found.',
  flags: [
    ...GUEST_FLAGS.filter((row) => row.flag !== 'record'),
    { flag: 'slow', value: 'MS', doc: 'looks for what makes the run slower than this instead of wrong' },
    { flag: 'output', short: 'o', value: 'DIR', doc: 'folder for the reproduction (traces/NAME-TN)' },
    { flag: 'quiet', short: 'q', doc: 'does not tell of each run' },
  ],
  async run(parsed) {
    const [path] = parsed.positionals;
    if (path === undefined) throw new UserError('which file? give the path of a .wasm or .wat file');
    if (parsed.options.mode !== 'trace')
      throw new UserError('bisect compares with the interpreter itself: leave --mode out');
    const slow = slowness(parsed);
    const scratch = mkdtempSync(join(tmpdir(), 'wynamo-bisect-'));
    try {
      const wasm = join(scratch, 'guest.wasm');
      writeFileSync(wasm, await loadWasm(path));
      const began = performance.now();
      const calls = parsed.own.get('replay')?.[0] ?? record(parsed, join(scratch, 'calls.jsonl'));
      if (!existsSync(calls)) throw new UserError(`--replay: there is no file '${calls}'`);
      const limit = Math.ceil(Math.max(PATIENCE.least, PATIENCE.times * (performance.now() - began)));
      return search(parsed, { wasm, calls, scratch, limit }, slow);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};

/** Milliseconds of `--slow`, or null. */
function slowness(parsed: Parsed): number | null {
  const text = parsed.own.get('slow')?.[0];
  if (text === undefined) return null;
  const ms = Number(text);
  if (!(ms > 0)) throw new UserError(`--slow takes milliseconds, not '${text}'`);
  return ms;
}

function search(parsed: Parsed, setup: TrialSetup, slow: number | null): number {
  const flags = [...flagsOf({ ...parsed.options, deterministic: true })];
  const quiet = parsed.own.has('quiet');
  const reference = runTrial(setup, ['--mode=interp']);
  const run = (own: readonly string[]) => runTrial(setup, [...flags, ...own]);
  /** One run is enough where it is fast; else others may be. */
  const fastest = (own: readonly string[]): Trial => {
    let best = run(own);
    for (let i = 1; i < REPETITIONS && time(best) > slow!; i++) {
      const again = run(own);
      if (time(again) < time(best)) best = again;
    }
    return best;
  };
  const judge = (trial: Trial): string | null => {
    if (slow === null) return difference(trial, reference);
    return time(trial) > slow ? `it takes ${time(trial).toFixed(0)} ms` : null;
  };
  const culprit = bisect({
    run: slow === null ? run : fastest,
    judge,
    note: (text) => {
      if (!quiet) print(`${text}\n`, 2);
    },
  });
  if (!culprit) {
    print(slow === null ? 'the result is the same as in the interpreter\n' : `the run takes at most ${slow} ms\n`);
    return 0;
  }
  const found = { culprit, why: judge(culprit.trial)!, flags };
  const name = basename(parsed.positionals[0]!).replace(/\.wa(sm|t)$/, '');
  const folder = parsed.own.get('output')?.[0] ?? join('traces', `${name}-T${culprit.fragment}`);
  reproduce(folder, found, setup, run);
  print(`${describe(found)}written:  ${folder}\n`);
  return 1;
}

/** Milliseconds that the guest ran; for ever where the run left no statistics. */
const time = (trial: Trial): number => trial.stats?.time_ms.total ?? Number.POSITIVE_INFINITY;
