/**
 * One run of the guest in a process of its own, with the recorded host calls, so that nothing but the options differs
 * between two runs; and what is compared of it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StateFile } from '../cli/state-file.ts';
import type { Stats } from '../profile/schema.ts';

const COMMAND = fileURLToPath(new URL('../../bin/wynamo.mjs', import.meta.url));

export interface Trial {
  /** Null where the process was killed: by its time limit or by the system. */
  status: number | null;
  stdout: string;
  /** Last line of standard error. */
  message: string;
  /** Both missing where the process did not get to its end. */
  state: StateFile | null;
  stats: Stats | null;
}

export interface TrialSetup {
  /** The guest, and the file of its host calls. */
  readonly wasm: string;
  readonly calls: string;
  /** Folder for the files of the runs. */
  readonly scratch: string;
  /** Milliseconds until a run is killed. */
  readonly limit: number;
}

/** Runs `wynamo run FLAGS --replay=CALLS WASM`. */
export function runTrial({ wasm, calls, scratch, limit }: TrialSetup, flags: readonly string[]): Trial {
  const files = { state: join(scratch, 'state.json'), stats: join(scratch, 'stats.json') };
  for (const file of Object.values(files)) rmSync(file, { force: true });
  const native = flags.includes('--mode=native');
  const args = [
    ...flags,
    `--replay=${calls}`,
    ...(native ? [] : [`--state=${files.state}`, `--stats=${files.stats}`]),
    wasm,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, COMMAND, 'run', ...args], {
    encoding: 'latin1',
    timeout: limit,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 30,
  });
  return {
    status,
    stdout,
    message: stderr.trim().split('\n').at(-1) ?? '',
    state: read<StateFile>(files.state),
    stats: read<Stats>(files.stats),
  };
}

function read<T>(path: string): T | null {
  if (!existsSync(path)) return null;
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** What of `run` is not as in `reference`, in a few words; null when they agree. */
export function difference(run: Trial, reference: Trial): string | null {
  if (run.status === null) return 'it did not end in time, or crashed';
  if (run.status !== reference.status) {
    return `exit status ${run.status} instead of ${reference.status}${run.message ? ` (${run.message})` : ''}`;
  }
  if (run.stdout !== reference.stdout) {
    let at = 0;
    while (run.stdout[at] === reference.stdout[at]) at++;
    return `standard output differs from byte ${at} on`;
  }
  if (!run.state || !reference.state) return null;
  const { state: a, ended } = run.state;
  const { state: b } = reference.state;
  if (ended !== reference.state.ended) return `it ended by '${ended}' instead of '${reference.state.ended}'`;
  const parts = ['frames', 'globals', 'memories'] as const;
  const wrong = parts.find((part) => JSON.stringify(a[part]) !== JSON.stringify(b[part]));
  const words = { frames: 'the call stack differs', globals: 'globals differ', memories: 'memory differs' };
  return wrong ? `${words[wrong]} at the end` : null;
}
